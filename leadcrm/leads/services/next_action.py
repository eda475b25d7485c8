"""The next action of a lead: there is one, until somebody finishes it and says what comes after it."""

from datetime import datetime

from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services.timeline import tell


def set_next(lead: Lead, action: str | None, at: datetime | None) -> None:
    lead.next_action, lead.next_action_at = action, at


def finish(lead: Lead) -> Entry:
    """Done: the timeline keeps what it was and for when."""
    at = lead.next_action_at.isoformat() if lead.next_action_at else None
    done = tell(lead, EntryKind.ACTION, text=lead.next_action, previous=at)
    set_next(lead, None, None)
    return done


def take_up_again(lead: Lead, done: Entry) -> None:
    """It was not finished after all; whatever was planned meanwhile gives way to it."""
    tell(lead, EntryKind.ACTION, amends_id=done.id)
    set_next(lead, done.text, datetime.fromisoformat(done.previous) if done.previous else None)
