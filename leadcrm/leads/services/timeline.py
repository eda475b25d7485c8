"""Writing down what happened with a lead, and mending or taking back one's own note for a short while."""

from datetime import timedelta
from typing import Any

from leadcrm.core.db import now, session
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry, EntryKind

MENDABLE_FOR = timedelta(minutes=15)
MENDABLE = frozenset({EntryKind.NOTE, EntryKind.CALL})


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


def write_note(lead: Lead, text: str) -> Entry:
    """A note of whoever is looking."""
    return tell(lead, EntryKind.NOTE, text=text)


def may_mend(entry: Entry) -> bool:
    """One's own words, just after writing them."""
    mine = entry.by_id is not None and entry.by_id == current_viewer().user_id
    return mine and entry.kind in MENDABLE and entry.amends_id is None and now() - entry.at < MENDABLE_FOR


def mend(lead: Lead, entry: Entry, text: str | None) -> Entry:
    """What was written stays; this says what holds from now on. Without a text the note is taken back."""
    return tell(lead, entry.kind, text=text, amends_id=entry.id)
