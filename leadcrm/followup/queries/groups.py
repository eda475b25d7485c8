"""What the groups of today's page mean: once, for the page, its counts and the lists behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from leadcrm.core.db import now, session
from leadcrm.core.paging import counted_up_to
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.followup.services import days
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED, Stage

NEW_FOR = timedelta(days=30)
OPEN_STAGES = [stage for stage in Stage if stage not in CLOSED]
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Moments:
    """Now, and the day around it on the clock of the office."""

    now: datetime
    since: datetime
    until: datetime


def moments() -> Moments:
    day = days.today()
    return Moments(now(), days.start_of(day), days.start_of(day + timedelta(days=1)))


def actions_late(at: Moments) -> Conditions:
    return (Lead.next_action_at < at.now, Lead.stage.in_(OPEN_STAGES))


def actions_due(at: Moments) -> Conditions:
    return (Lead.next_action_at >= at.now, Lead.next_action_at < at.until, Lead.stage.in_(OPEN_STAGES))


def untouched(at: Moments) -> Conditions:
    """Nobody has tried to reach them yet."""
    return (
        Lead.stage.in_((Stage.NEW, Stage.ASSIGNED)), Lead.first_contact_at.is_(None),
        Lead.created_at > at.now - NEW_FOR,
    )  # fmt: skip


_OPEN: Conditions = (Task.done_at.is_(None), Task.removed_at.is_(None))


def tasks_open(_at: Moments) -> Conditions:
    return _OPEN


def tasks_late(at: Moments) -> Conditions:
    """What is due at midnight is due that day, and late on the next."""
    return (*_OPEN, Task.due_at < at.now, Task.due_at != at.since)


def tasks_due(at: Moments) -> Conditions:
    due = or_(Task.due_at >= at.now, Task.due_at == at.since)
    return (*_OPEN, Task.due_at >= at.since, Task.due_at < at.until, due)


def tasks_later(at: Moments) -> Conditions:
    return (*_OPEN, Task.due_at >= at.until)


def within(since: datetime, until: datetime) -> Conditions:
    """Appointments that begin then. Those that were moved stand where they were moved to."""
    return (
        Appointment.starts_at >= since, Appointment.starts_at < until,
        Appointment.outcome != AppointmentOutcome.MOVED,
    )  # fmt: skip


def of(column: Any, agent_id: UUID | None) -> Conditions:
    return (column == agent_id,) if agent_id is not None else ()


def leads_of(conditions: Conditions, agent_id: UUID | None) -> Select[Any]:
    return select(Lead.id).where(Lead.deleted_at.is_(None), *conditions, *of(Lead.owner_id, agent_id))


_its_lead = and_(Lead.id == Task.lead_id, Lead.deleted_at.is_(None))
_lead_of_plan = and_(Lead.id == Appointment.lead_id, Lead.deleted_at.is_(None))


def tasks_of(conditions: Conditions, agent_id: UUID | None) -> Select[Any]:
    return select(Task.id).join(Lead, _its_lead).where(*conditions, *of(Task.assignee_id, agent_id))


def plans_of(conditions: Conditions, agent_id: UUID | None) -> Select[Any]:
    return select(Appointment.id).join(Lead, _lead_of_plan).where(*conditions, *of(Appointment.agent_id, agent_id))


@dataclass(frozen=True)
class Counts:
    """How much there is in each group, up to one more than the cap of lists."""

    late_actions: int
    late_tasks: int
    due_actions: int
    due_tasks: int
    fresh: int
    appointments: int
    beside: tuple[int, ...] = ()


def counts(at: Moments, agent_id: UUID | None, beside: Sequence[Select[Any]] = ()) -> Counts:
    """In one statement, with what others count beside them."""
    wanted = (
        leads_of(actions_late(at), agent_id), tasks_of(tasks_late(at), agent_id),
        leads_of(actions_due(at), agent_id), tasks_of(tasks_due(at), agent_id),
        leads_of(untouched(at), agent_id), plans_of(within(at.since, at.until), agent_id),
    )  # fmt: skip
    every = (counted_up_to(each).scalar_subquery() for each in (*wanted, *beside))
    found = session.execute(select(*every)).one()
    return replace(Counts(*found[: len(wanted)]), beside=tuple(found[len(wanted) :]))
