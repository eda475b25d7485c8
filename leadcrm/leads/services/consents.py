"""Consent: given, withdrawn, and what holds now. The ledger itself never changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from leadcrm.core.db import now, session
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import PIPELINE, ConsentChannel, ConsentPurpose, Stage
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services.timeline import tell

BEFORE_ENGAGEMENT = frozenset(Stage) - frozenset(PIPELINE[PIPELINE.index(Stage.ENGAGED) :])
AFTER_CARE = frozenset({Stage.PAID_OUT, Stage.IN_SERVICE})


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


def _moment(line: Consent) -> Any:
    return line.given_at or line.withdrawn_at, line.created_at


def standing(lines: Iterable[Consent]) -> list[Consent]:
    """The latest line of every person, channel and purpose, as far as it gives consent."""
    latest: dict[Any, Consent] = {}
    for line in sorted(lines, key=_moment):
        latest[line.person_id, line.channel, line.purpose] = line
    return [line for line in latest.values() if line.withdrawn_at is None]


@dataclass(frozen=True)
class Obstacle:
    """Why somebody should not be approached this way: it was taken back then, or never given at all."""

    channel: ConsentChannel
    withdrawn_at: datetime | None = None


def obstacle(lead: Lead, person_id: UUID, channel: ConsentChannel, lines: Iterable[Consent]) -> Obstacle | None:
    """None when this person may be called or mailed about what their lead is about.

    What was taken back holds for everybody. Who came in through marketing and is no client yet must have given it.
    """
    purpose = ConsentPurpose.AFTERCARE if lead.stage in AFTER_CARE else ConsentPurpose.ADVICE
    about = [line for line in lines if (line.person_id, line.channel, line.purpose) == (person_id, channel, purpose)]
    latest = max(about, key=_moment, default=None)
    if latest is not None:
        return Obstacle(channel, latest.withdrawn_at) if latest.withdrawn_at else None
    return Obstacle(channel) if is_marketing(lead) else None


def is_marketing(lead: Lead) -> bool:
    """Bought or drawn by a campaign, and not a client by engagement yet."""
    drawn = (lead.supplier_id, lead.label_id, lead.utm_source, lead.utm_medium, lead.utm_campaign)
    return lead.stage in BEFORE_ENGAGEMENT and any(each is not None for each in drawn)
