"""Consent: given, withdrawn, and what holds now. The ledger itself never changes."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from leadcrm.core.db import now, session
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services.timeline import tell


def give(lead: Lead, person_id: UUID, values: Mapping[str, Any]) -> Consent:
    """Add that this person allowed something, now unless said otherwise."""
    line = _line(lead, person_id, dict(values) | {"given_at": values.get("given_at") or now()})
    tell(lead, EntryKind.CONSENT, line.purpose)
    return line


def withdraw(lead: Lead, given: Consent) -> Consent:
    """Add that it was taken back; the line that gave it stays."""
    kept = {name: getattr(given, name) for name in ("channel", "purpose", "text_version", "source")}
    line = _line(lead, given.person_id, kept | {"withdrawn_at": now()})
    tell(lead, EntryKind.CONSENT, line.purpose)
    return line


def _line(lead: Lead, person_id: UUID, values: Mapping[str, Any]) -> Consent:
    line = Consent(
        company_id=lead.company_id,
        lead_id=lead.id,
        person_id=person_id,
        recorded_by=current_viewer().user_id,
        **values,
    )
    session.add(line)
    return line


def standing(lines: Iterable[Consent]) -> list[Consent]:
    """The latest line of every person, channel and purpose, as far as it gives consent."""
    latest: dict[Any, Consent] = {}
    for line in sorted(lines, key=lambda each: (each.given_at or each.withdrawn_at, each.created_at)):
        latest[line.person_id, line.channel, line.purpose] = line
    return [line for line in latest.values() if line.withdrawn_at is None]
