"""Whether somebody may be called or mailed, by the consent ledger; and doing so all the same, with a reason."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import ConsentChannel
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services.consents import Obstacle, obstacle
from leadcrm.leads.services.timeline import tell

EXCUSED_FOR = timedelta(hours=12)


class NeedsReason(Exception):
    """The ledger says no, and nobody said why it is done all the same."""

    def __init__(self, found: Obstacle):
        self.obstacle = found
        super().__init__(found.channel)


def persons_of(lead: Lead) -> Sequence[Person]:
    return session.scalars(select(Person).where(Person.lead_id == lead.id).order_by(Person.position)).all()


def standing_obstacle(lead: Lead, person_id: UUID, channel: ConsentChannel) -> Obstacle | None:
    """What the ledger says, unless this viewer gave a reason for this person today."""
    lines = session.scalars(select(Consent).where(Consent.lead_id == lead.id)).all()
    found = obstacle(lead, person_id, channel, lines)
    return None if found is None or is_excused(lead, person_id, channel) else found


def is_excused(lead: Lead, person_id: UUID, channel: ConsentChannel) -> bool:
    given = select(Entry.id).where(
        Entry.lead_id == lead.id, Entry.kind == EntryKind.CONSENT, Entry.subject == str(channel),
        Entry.previous == str(person_id), Entry.by_id == current_viewer().user_id, Entry.at > now() - EXCUSED_FOR,
    )  # fmt: skip
    return session.scalar(given.limit(1)) is not None


def excuse(lead: Lead, person_id: UUID, channel: ConsentChannel, reason: str) -> None:
    """It is done all the same: why stands in the timeline, that it was done in the audit trail."""
    tell(lead, EntryKind.CONSENT, channel, reason, previous=str(person_id))
    audit.note("approached without consent", lead, channel=str(channel), person=str(person_id))


def refuse_unreasoned(lead: Lead, person_id: UUID | None, channel: ConsentChannel, reason: str | None) -> bool:
    """Raises NeedsReason; True when a reason was given and written down."""
    if person_id is None:
        return False
    found = standing_obstacle(lead, person_id, channel)
    if found is not None and not reason:
        raise NeedsReason(found)
    if found is not None and reason:
        excuse(lead, person_id, channel, reason)
    return found is not None
