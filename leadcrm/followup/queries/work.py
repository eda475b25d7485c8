"""Today's work, in a handful of statements: what is late, due, new and planned. Of the viewer's leads, as ever.

`agent_id` looks at one colleague only; without one a manager sees the team.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import now, session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import CLOSED, Stage
from leadcrm.leads.queries.lists import Filters, narrowed
from leadcrm.leads.services.finding import found_by

MOST_SHOWN = 50
MOST_NEW = 10
NEW_FOR = timedelta(days=30)
OPEN_STAGES = [stage for stage in Stage if stage not in CLOSED]


def _owner() -> Any:
    return and_(User.company_id == Lead.company_id, User.id == Lead.owner_id)


def _of(column: Any, agent_id: UUID | None) -> list[ColumnElement[bool]]:
    return [column == agent_id] if agent_id is not None else []


def due_leads(until: datetime, agent_id: UUID | None) -> Sequence[Any]:
    """Leads whose next action is due, the longest overdue first."""
    wanted = select(Lead, User.name).outerjoin(User, _owner()).where(
        Lead.deleted_at.is_(None), Lead.next_action_at < until, Lead.stage.in_(OPEN_STAGES),
        *_of(Lead.owner_id, agent_id),
    )  # fmt: skip
    return session.execute(wanted.order_by(Lead.next_action_at.desc(), Lead.id).limit(MOST_SHOWN)).all()[::-1]


def due_tasks(until: datetime, agent_id: UUID | None) -> Sequence[Any]:
    to = and_(User.company_id == Task.company_id, User.id == Task.assignee_id)
    wanted = select(Task, Lead, User.name).join(Lead, Lead.id == Task.lead_id).outerjoin(User, to).where(
        Task.done_at.is_(None), Task.removed_at.is_(None), Task.due_at < until, Lead.deleted_at.is_(None),
        *_of(Task.assignee_id, agent_id),
    )  # fmt: skip
    return session.execute(wanted.order_by(Task.due_at.desc(), Task.id).limit(MOST_SHOWN)).all()[::-1]


def new_leads(agent_id: UUID | None) -> Sequence[Any]:
    """Nobody has tried to reach them yet, the newest first."""
    wanted = select(Lead, User.name).outerjoin(User, _owner()).where(
        Lead.deleted_at.is_(None), Lead.stage.in_((Stage.NEW, Stage.ASSIGNED)), Lead.first_contact_at.is_(None),
        Lead.created_at > now() - NEW_FOR, *_of(Lead.owner_id, agent_id),
    )  # fmt: skip
    return session.execute(wanted.order_by(Lead.created_at.desc(), Lead.id.desc()).limit(MOST_NEW)).all()


def appointments(since: datetime, until: datetime, agent_id: UUID | None, most: int = 500) -> Sequence[Any]:
    """Appointment, lead and the adviser's name. Those that were moved stand where they were moved to."""
    with_whom = and_(User.company_id == Appointment.company_id, User.id == Appointment.agent_id)
    rows: Select[*tuple[Any, ...]] = select(Appointment, Lead, User.name)
    wanted = rows.join(Lead, Lead.id == Appointment.lead_id).outerjoin(User, with_whom).where(
        Appointment.starts_at >= since, Appointment.starts_at < until, Lead.deleted_at.is_(None),
        Appointment.outcome != AppointmentOutcome.MOVED, *_of(Appointment.agent_id, agent_id),
    )  # fmt: skip
    return session.execute(wanted.order_by(Appointment.starts_at, Appointment.id).limit(most)).all()


def persons_of(lead_ids: Iterable[UUID]) -> dict[UUID, list[Person]]:
    found: dict[UUID, list[Person]] = {}
    wanted = select(Person).where(Person.lead_id.in_(list(lead_ids))).order_by(Person.position)
    for person in session.scalars(wanted):
        found.setdefault(person.lead_id, []).append(person)
    return found


def consents_of(lead_ids: Iterable[UUID]) -> dict[UUID, list[Consent]]:
    found: dict[UUID, list[Consent]] = {}
    for line in session.scalars(select(Consent).where(Consent.lead_id.in_(list(lead_ids)))):
        found.setdefault(line.lead_id, []).append(line)
    return found


def of_lead(lead_id: UUID) -> tuple[Sequence[Any], Sequence[Any]]:
    """Open tasks and planned appointments of one lead, the next first, each with who it is for."""
    to = and_(User.company_id == Task.company_id, User.id == Task.assignee_id)
    tasks = select(Task, User.name).outerjoin(User, to).where(
        Task.lead_id == lead_id, Task.done_at.is_(None), Task.removed_at.is_(None)
    )
    by = and_(User.company_id == Appointment.company_id, User.id == Appointment.agent_id)
    planned = select(Appointment, User.name).outerjoin(User, by).where(
        Appointment.lead_id == lead_id, Appointment.outcome == AppointmentOutcome.PLANNED
    )
    return (
        session.execute(tasks.order_by(Task.due_at).limit(MOST_SHOWN)).all(),
        session.execute(planned.order_by(Appointment.starts_at).limit(MOST_SHOWN)).all(),
    )


def task_of(lead_id: UUID, task_id: UUID) -> Task | None:
    found: Task | None = session.scalars(select(Task).where(Task.id == task_id, Task.lead_id == lead_id)).one_or_none()
    return found


def appointment_of(lead_id: UUID, appointment_id: UUID) -> Appointment | None:
    wanted = select(Appointment).where(Appointment.id == appointment_id, Appointment.lead_id == lead_id)
    found: Appointment | None = session.scalars(wanted).one_or_none()
    return found


def colleagues() -> list[tuple[UUID, str]]:
    """For a manager's choice of whose day to look at."""
    named = select(User.id, User.name).where(User.active, User.role.in_(("agent", "companymanager")))
    return [(ident, name) for ident, name in session.execute(named.order_by(User.name).limit(200))]


def leads_like(typed: str) -> list[Lead]:
    """Leads that the search of the list finds, the newest first."""
    asked = found_by(signed_in_viewer().company_id, typed)
    if asked is None:
        return []
    found = narrowed(select(Lead).where(Lead.deleted_at.is_(None)), Filters(q=asked))
    return list(session.scalars(found.order_by(Lead.created_at.desc()).limit(MOST_NEW)))
