"""Tasks and appointments for tests: each function adds through the services, as whoever is looking."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from leadcrm.core.db import now, session
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.feed import Feed
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import CallOutcome, Place, Priority, TaskKind
from leadcrm.followup.services import appointments, calls, tasks
from leadcrm.followup.services.feeds import hash_of
from leadcrm.leads.services.timeline import write_note


def a_task(lead: Any, **values: Any) -> Task:
    usual = {
        "title": "Loonstroken nakijken", "kind": TaskKind.TODO, "priority": Priority.NORMAL,
        "due_at": now() + timedelta(hours=2), "remind_before": None, "note": None,
    }  # fmt: skip
    made = tasks.add(lead, usual | values)
    session.flush()
    return made


def an_appointment(lead: Any, person: Any = None, invite: bool = False, **values: Any) -> Appointment:
    start = values.pop("starts_at", now() + timedelta(days=1))
    usual = {
        "about": "Kennismaken", "starts_at": start, "ends_at": start + timedelta(hours=1), "place": Place.OFFICE,
        "location": None, "note": None,
    }  # fmt: skip
    made = appointments.plan(lead, usual | values, None, person, invite)
    session.flush()
    return made


def planted(lead: Any) -> dict[str, UUID]:
    """A row in every table of follow-up, and a note."""
    calls.log(lead, CallOutcome.NO_ANSWER, note="Canary call")
    note = write_note(lead, "Canary note")
    task = a_task(lead, title="Canary task", note="Canary explanation")
    made = an_appointment(lead, about="Canary about", location="Canary place", note="Canary preparation")
    session.add(Feed(company_id=lead.company_id, user_id=lead.owner_id, token_hash=hash_of(str(lead.id))))
    session.flush()
    return {"task_id": task.id, "appointment_id": made.id, "entry_id": note.id}
