"""Writing down what happened with a lead."""

from typing import Any

from leadcrm.core.db import now, session
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry, EntryKind


def tell(lead: Lead, kind: EntryKind, subject: Any = None, text: str | None = None, **more: Any) -> Entry:
    """Add an entry. `subject` (and `previous`) is what the page can name: a stage, a section, a user's id."""
    entry = Entry(
        company_id=lead.company_id,
        lead_id=lead.id,
        by_id=current_viewer().user_id,
        kind=kind,
        subject=None if subject is None else str(subject),
        text=text,
        **more,
    )
    session.add(entry)
    return entry


def write_note(lead: Lead, text: str, *, called: bool = False) -> Entry:
    """A note of whoever is looking; a call counts as contact."""
    if called:
        lead.last_contact_at = now()
    return tell(lead, EntryKind.CALL if called else EntryKind.NOTE, text=text)
