"""What happens to leads, as far as figures that are kept must be forgotten."""

from typing import Any
from uuid import UUID

from leadcrm.figures.services.keeping import forget_for
from leadcrm.leads.events import lead_assigned, lead_created, stage_changed
from leadcrm.leads.models.lead import Lead


@lead_created.connect
@stage_changed.connect
def _changed(lead: Lead, **_about: Any) -> None:
    forget_for(lead)


@lead_assigned.connect
def _handed_over(lead: Lead, previous: UUID | None, **_about: Any) -> None:
    forget_for(lead, previous)
