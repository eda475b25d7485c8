"""What happens to leads, as far as figures that are kept must be forgotten."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from leadcrm.figures.services.keeping import forget_for, forget_of
from leadcrm.leads.events import lead_assigned, lead_created, leads_assigned, leads_created, stage_changed
from leadcrm.leads.models.lead import Lead


@lead_created.connect
@stage_changed.connect
def _changed(lead: Lead, **_about: Any) -> None:
    forget_for(lead)


@lead_assigned.connect
def _handed_over(lead: Lead, previous: UUID | None, **_about: Any) -> None:
    forget_for(lead, previous)


@leads_assigned.connect
def _many_handed_over(_batch: UUID, moves: Sequence[Any], **_about: Any) -> None:
    forget_of({each.owner_id for each in moves} | {each.previous for each in moves})


@leads_created.connect
def _came_in(_company_id: UUID, made: Sequence[Any], **_about: Any) -> None:
    forget_of({each.owner_id for each in made})
