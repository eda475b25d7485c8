"""What can be done with a lead as a whole: create, hand over, move on, delete and bring back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.auth.models import User
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, Viewer, signed_in_viewer
from leadcrm.leads.events import lead_assigned, lead_created, stage_changed
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import ReturnReason, Stage
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services import derive
from leadcrm.leads.services.references import next_reference
from leadcrm.leads.services.rules import stage_problems
from leadcrm.leads.services.timeline import tell

Values = Mapping[str, Any]


def create_lead(lead: Values, persons: Sequence[Values], wish: Values | None = None) -> Lead:
    """A new household. An agent's own; a manager may name an owner or leave it unassigned."""
    viewer = signed_in_viewer()
    created = Lead(company_id=viewer.company_id, **(dict(lead) | _first_owner(viewer, lead)))
    created.reference = next_reference(viewer.company_id)
    session.add(created)
    for position, person in enumerate(persons, 1):
        session.add(Person(**_of(created), position=position, **person))
    if wish:
        session.add(Wish(**_of(created), **wish))
    derive.refresh(created)
    lead_created.send(created, by=viewer)
    return created


def _of(lead: Lead) -> dict[str, UUID]:
    return {"company_id": lead.company_id, "lead_id": lead.id}


def _first_owner(viewer: Viewer, lead: Values) -> dict[str, Any]:
    owner_id = viewer.user_id if viewer.scope == Scope.OWN else lead.get("owner_id")
    return {"owner_id": owner_id, "stage": lead.get("stage") or (Stage.ASSIGNED if owner_id else Stage.NEW)}


def leads_by_id(ids: Sequence[UUID]) -> list[Lead]:
    """Those of them that this viewer sees; fewer than asked means that some are not there for them."""
    return list(session.scalars(select(Lead).where(Lead.id.in_(ids), Lead.deleted_at.is_(None)).order_by(Lead.id)))


def assign(leads: Sequence[Lead], agent: User | None, by: Viewer) -> dict[UUID, UUID | None]:
    """Hand leads over to a colleague, or to nobody. Returns who had them before, to undo it with."""
    before: dict[UUID, UUID | None] = {}
    for lead in leads:
        if lead.owner_id != (agent.id if agent else None):
            before[lead.id] = lead.owner_id
            _hand_over(lead, agent, by)
    return before


def _hand_over(lead: Lead, agent: User | None, by: Viewer) -> None:
    previous, lead.owner_id = lead.owner_id, agent.id if agent else None
    if agent and lead.stage == Stage.NEW:
        move(lead, Stage.ASSIGNED, by)
    tell(lead, EntryKind.ASSIGNED, lead.owner_id)
    lead_assigned.send(lead, previous=previous, by=by)


def move(
    lead: Lead, stage: Stage, by: Viewer, reason: str | None = None, return_reason: ReturnReason | None = None
) -> None:
    """To another stage. Closing asks why; every attempt to reach somebody is counted."""
    for _field, problem in stage_problems(stage, reason, return_reason):
        raise Invalid(problem)
    previous, lead.stage = lead.stage, stage
    lead.stage_since, lead.stage_reason = now(), reason
    lead.return_reason = return_reason if stage == Stage.RETURNED else None
    if stage == Stage.CONTACT_SOUGHT:
        lead.contact_attempts = (lead.contact_attempts or 0) + 1
    tell(lead, EntryKind.STAGE, stage, reason)
    stage_changed.send(lead, previous=previous, by=by)


def delete(lead: Lead) -> None:
    """Out of every list and search, until it is brought back or purged."""
    lead.deleted_at = now()


def bring_back(lead: Lead) -> None:
    lead.deleted_at = None
