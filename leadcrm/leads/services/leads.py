"""What can be done with a lead as a whole: create, hand over, move on, delete and bring back."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, Viewer, signed_in_viewer
from leadcrm.leads.events import (
    Asked,
    lead_assigned,
    lead_created,
    lead_deleted,
    lead_moved,
    stage_asked,
    stage_changed,
)
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import ReturnReason, Stage
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services import derive
from leadcrm.leads.services.agreements import apply_label
from leadcrm.leads.services.references import next_reference
from leadcrm.leads.services.rules import stage_problems
from leadcrm.leads.services.timeline import tell

Values = Mapping[str, Any]


def create_lead(lead: Values, persons: Sequence[Values], wish: Values | None = None) -> Lead:
    """A new household. An agent's own; a manager may name an owner or leave it unassigned."""
    viewer = signed_in_viewer()
    company_id = viewer.company_id
    given = dict(lead) | _first_owner(viewer, lead) | {"reference": next_reference(company_id), "created_at": now()}
    created = Lead(company_id=company_id, **given, **derive.of_lead(company_id, given, persons, wish or {}))
    session.add(created)
    for position, person in enumerate(persons, 1):
        derived = derive.of_person(company_id, person)
        session.add(Person(**_of(created), position=position, **person, **derived))
    if wish:
        session.add(Wish(**_of(created), **wish))
    apply_label(created)
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


def assign(leads: Sequence[Lead], agent: User | None, by: Viewer) -> UUID | None:
    """Hand leads over to a colleague, or to nobody. Returns the batch to undo it with; None when nothing changed."""
    owner_id = agent.id if agent else None
    batch = uuid4()
    changed = [lead for lead in leads if lead.owner_id != owner_id]
    for lead in changed:
        _hand_over(lead, owner_id, by, batch)
    return batch if changed else None


def undo_assignment(batch: UUID, by: Viewer) -> int:
    """Back to who had them and to the stage they were in, as far as nobody handed them on or moved them since.

    Only whoever assigned them can do this.
    """
    done = select(Entry, Lead).join(Lead, Lead.id == Entry.lead_id).where(Entry.batch_id == batch)
    mine = session.execute(done.where(Entry.by_id == by.user_id, Lead.deleted_at.is_(None))).all()
    undone = set()
    for entry, lead in mine:
        if entry.kind == EntryKind.ASSIGNED and str(lead.owner_id or "") == (entry.subject or ""):
            _hand_over(lead, UUID(entry.previous) if entry.previous else None, by)
            undone.add(lead.id)
    for entry, lead in mine:
        if entry.kind == EntryKind.STAGE and entry.previous and lead.id in undone and lead.stage == entry.subject:
            with suppress(Invalid):
                move(lead, Stage(entry.previous), by)
    return len(undone)


def _hand_over(lead: Lead, owner_id: UUID | None, by: Viewer, batch: UUID | None = None) -> None:
    previous, lead.owner_id = lead.owner_id, owner_id
    changed_hands(lead, previous, by, batch)


def changed_hands(lead: Lead, previous: UUID | None, by: Viewer, batch: UUID | None = None) -> None:
    """What goes with another owner, who is written on the lead already."""
    was = str(previous) if previous else None
    tell(lead, EntryKind.ASSIGNED, lead.owner_id, previous=was, batch_id=batch)
    if lead.owner_id and lead.stage == Stage.NEW:
        with suppress(Invalid):  # a rule of the company keeps it where it is; who works on it changes all the same
            move(lead, Stage.ASSIGNED, by, batch=batch)
    lead_assigned.send(lead, previous=previous, by=by)


def move(
    lead: Lead,
    stage: Stage,
    by: Viewer,
    reason: str | None = None,
    return_reason: ReturnReason | None = None,
    batch: UUID | None = None,
    step_id: UUID | None = None,
    lost_reason_id: UUID | None = None,
) -> None:
    """To another stage, or to a step that counts as one. Raises Invalid when a rule refuses it.

    Closing asks why; every attempt to reach somebody is counted.
    """
    stage = Stage(stage)  # also when it comes as text
    asked = Asked(stage, by, reason, return_reason, batch, step_id, lost_reason_id=lost_reason_id)
    stage_asked.send(lead, asked=asked)
    for _field, problem in stage_problems(asked.stage, asked.reason, return_reason):
        raise Invalid(problem)
    carry_out(lead, asked)


MOVED = (
    "pipeline_id", "step_id", "stage", "stage_since", "stage_reason", "return_reason", "lost_reason_id",
    "contact_attempts",
)  # fmt: skip


def carry_out(lead: Lead, asked: Asked) -> None:
    """What was asked and not refused."""
    asked.before = {name: getattr(lead, name) for name in MOVED}
    previous, lead.stage = lead.stage, asked.stage
    lead.pipeline_id, lead.step_id = asked.pipeline_id, asked.step_id
    lead.lost_reason_id = asked.lost_reason_id
    lead.stage_since, lead.stage_reason = now(), asked.reason
    lead.return_reason = asked.return_reason if asked.stage == Stage.RETURNED else None
    if asked.stage == Stage.CONTACT_SOUGHT and not asked.undoes:
        lead.contact_attempts = (lead.contact_attempts or 0) + 1
    said = " · ".join(filter(None, (asked.step_name, asked.reason))) or None
    tell(lead, EntryKind.STAGE, asked.stage, said, previous=previous, batch_id=asked.batch)
    stage_changed.send(lead, previous=previous, by=asked.by)
    lead_moved.send(lead, asked=asked)


def delete(lead: Lead) -> None:
    """Out of every list and search, until it is brought back or purged."""
    lead.deleted_at = now()
    lead_deleted.send(lead)


def bring_back(lead: Lead) -> None:
    lead.deleted_at = None
