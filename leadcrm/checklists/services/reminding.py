"""Hearing of what is missing: on a day that somebody chose, and again until everything is there."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from leadcrm.checklists.models.of_lead import Reminder
from leadcrm.checklists.services import letters
from leadcrm.checklists.services.items import missing, wanted
from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED


def today() -> date:
    return now().astimezone(OFFICE).date()


def of_lead(lead: Any) -> Reminder | None:
    found: Reminder | None = session.scalars(select(Reminder).where(Reminder.lead_id == lead.id)).one_or_none()
    return found


def set_for(lead: Lead, days: int) -> Reminder:
    """In so many days, and then every so many days. A lead has one reminder."""
    reminder = of_lead(lead) or Reminder(company_id=lead.company_id, lead_id=lead.id)
    reminder.due_on, reminder.every_days = today() + timedelta(days=days), days
    reminder.by_id = current_viewer().user_id
    session.add(reminder)
    return reminder


def cancel(lead: Lead) -> bool:
    reminder = of_lead(lead)
    if reminder is not None:
        session.delete(reminder)
    return reminder is not None


def remind() -> int:
    """Of every lead whose day has come; how many mails were written. Who is complete or closed is not reminded of."""
    due = session.scalars(select(Reminder.id).where(Reminder.due_on <= today()).order_by(Reminder.id)).all()
    told = 0
    for ident in due:
        told += _reminded(session.get(Reminder, ident))
        checkpoint()
    return told


def _reminded(reminder: Reminder | None) -> bool:
    if reminder is None:
        return False
    lead = session.get(Lead, reminder.lead_id)
    still = missing(wanted(lead)) if lead is not None and lead.deleted_at is None and lead.stage not in CLOSED else []
    reader = letters.reader_of(lead, reminder.by_id) if still else None
    if reader is None:
        session.delete(reminder)
        return False
    letters.remind(reader, lead, still)
    reminder.due_on = today() + timedelta(days=reminder.every_days)
    return True
