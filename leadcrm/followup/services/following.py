"""What follows by itself: the stage of a lead, and open work that goes along to a new owner."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update

from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Viewer
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.leads.events import lead_assigned, leads_assigned
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services import leads

UNTOUCHED = frozenset({Stage.NEW, Stage.ASSIGNED})
FROM: Mapping[Stage, frozenset[Stage]] = {
    Stage.CONTACT_SOUGHT: UNTOUCHED,
    Stage.APPOINTMENT_PLANNED: UNTOUCHED | {Stage.CONTACT_SOUGHT, Stage.NO_SHOW},
    Stage.APPOINTMENT_HELD: UNTOUCHED | {Stage.CONTACT_SOUGHT, Stage.APPOINTMENT_PLANNED, Stage.NO_SHOW},
    Stage.NO_SHOW: frozenset({Stage.APPOINTMENT_PLANNED}),
}


def move_along(lead: Lead, stage: Stage, by: Viewer) -> bool:
    """To the stage that follows from what happened. A lead that is further stays, and so does one that a rule holds."""
    if lead.stage not in FROM[stage]:
        return False
    try:
        leads.move(lead, stage, by)
    except Invalid:
        return False
    return True


@lead_assigned.connect
def one_changed_hands(lead: Lead, previous: UUID | None, **_more: Any) -> None:
    if previous != lead.owner_id:
        session.flush()
        hand_over([lead.id], previous, lead.owner_id)


@leads_assigned.connect
def many_changed_hands(_batch: UUID, moves: Sequence[Any], **_more: Any) -> None:
    """In two statements for each pair of colleagues."""
    pairs: dict[tuple[UUID | None, UUID | None], list[UUID]] = {}
    for each in moves:
        pairs.setdefault((each.previous, each.owner_id), []).append(each.lead_id)
    for (previous, owner_id), lead_ids in pairs.items():
        hand_over(lead_ids, previous, owner_id)


def hand_over(lead_ids: Sequence[UUID], previous: UUID | None, owner_id: UUID | None) -> None:
    """Open tasks and appointments to come of who does not see these leads any more."""
    if previous is None:
        return
    tasks = update(Task).where(Task.lead_id.in_(lead_ids), Task.assignee_id == previous, Task.done_at.is_(None))
    session.execute(tasks.values(assignee_id=owner_id), execution_options={"synchronize_session": False})
    plans = update(Appointment).where(
        Appointment.lead_id.in_(lead_ids), Appointment.agent_id == previous,
        Appointment.outcome == AppointmentOutcome.PLANNED, Appointment.ends_at > now(),
    )  # fmt: skip
    session.execute(plans.values(agent_id=owner_id), execution_options={"synchronize_session": False})
