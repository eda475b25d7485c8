"""Today's work, in a handful of statements: what is late, due, new and planned. Of the viewer's leads, as ever.

`agent_id` looks at one colleague only; without one a manager sees the team.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.followup.queries.groups import Conditions, of, within
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.queries.lists import Filters, narrowed
from leadcrm.leads.services.finding import found_by

MOST_SHOWN = 25  # of a group of today's page
MOST_NEW = 10
MOST_OF_LEAD = 50
MOST_IN_CALENDAR = 500


def _owner() -> Any:
    return and_(User.company_id == Lead.company_id, User.id == Lead.owner_id)


def due_leads(conditions: Conditions, agent_id: UUID | None) -> Sequence[Any]:
    """Leads by their next action, the longest overdue first; of many those that became so last."""
    wanted = select(Lead, User.name).outerjoin(User, _owner()).where(
        Lead.deleted_at.is_(None), *conditions, *of(Lead.owner_id, agent_id)
    )  # fmt: skip
    latest = wanted.order_by(Lead.next_action_at.desc(), Lead.id.desc())
    return session.execute(latest.limit(MOST_SHOWN)).all()[::-1]


def listed_tasks(conditions: Conditions, agent_id: UUID | None) -> Select[Any]:
    """Task, lead and the name of whom it is for."""
    to = and_(User.company_id == Task.company_id, User.id == Task.assignee_id)
    rows: Select[*tuple[Any, ...]] = select(Task, Lead, User.name)
    wanted = rows.join(Lead, Lead.id == Task.lead_id).outerjoin(User, to)
    return wanted.where(Lead.deleted_at.is_(None), *conditions, *of(Task.assignee_id, agent_id))


def due_tasks(conditions: Conditions, agent_id: UUID | None) -> Sequence[Any]:
    latest = listed_tasks(conditions, agent_id).order_by(Task.due_at.desc(), Task.id.desc())
    return session.execute(latest.limit(MOST_SHOWN)).all()[::-1]


def new_leads(conditions: Conditions, agent_id: UUID | None) -> Sequence[Any]:
    """The newest first."""
    wanted = select(Lead, User.name).outerjoin(User, _owner()).where(
        Lead.deleted_at.is_(None), *conditions, *of(Lead.owner_id, agent_id)
    )  # fmt: skip
    return session.execute(wanted.order_by(Lead.created_at.desc(), Lead.id.desc()).limit(MOST_NEW)).all()


def listed_appointments(conditions: Conditions, agent_id: UUID | None) -> Select[Any]:
    """Appointment, lead and the adviser's name."""
    with_whom = and_(User.company_id == Appointment.company_id, User.id == Appointment.agent_id)
    rows: Select[*tuple[Any, ...]] = select(Appointment, Lead, User.name)
    return rows.join(Lead, Lead.id == Appointment.lead_id).outerjoin(User, with_whom).where(
        Lead.deleted_at.is_(None), *conditions, *of(Appointment.agent_id, agent_id)
    )  # fmt: skip


def appointments(
    since: datetime, until: datetime, agent_id: UUID | None, most: int = MOST_IN_CALENDAR
) -> Sequence[Any]:
    wanted = listed_appointments(within(since, until), agent_id)
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
        session.execute(tasks.order_by(Task.due_at).limit(MOST_OF_LEAD)).all(),
        session.execute(planned.order_by(Appointment.starts_at).limit(MOST_OF_LEAD)).all(),
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
