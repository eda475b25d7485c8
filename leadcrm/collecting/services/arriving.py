"""What a client delivered becomes documents, in quarantine; and whoever works on the lead hears of it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from leadcrm.checklists.services.letters import reader_of
from leadcrm.collecting.models.link import Arrival, Ask, Link
from leadcrm.collecting.services import letters
from leadcrm.core.blobs import Blob
from leadcrm.core.db import now, session
from leadcrm.documents import services as documents
from leadcrm.documents.models.terms import DocumentKind, Through
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services.timeline import tell

PAUSE = timedelta(minutes=5)  # a client sends one file after another: one mail tells of all


def take_in(arrival_id: UUID) -> Arrival | None:
    """The document of an arrival; made once, however often the job runs. None when it was done or is gone."""
    arrival = session.scalars(
        select(Arrival).where(Arrival.id == arrival_id, Arrival.document_id.is_(None)).with_for_update()
    ).one_or_none()
    lead = session.get(Lead, arrival.lead_id) if arrival else None
    blob = _blob_of(arrival) if arrival else None
    if arrival is None or lead is None or blob is None:
        return None
    ask = session.get(Ask, arrival.ask_id) if arrival.ask_id else None
    kind, person = (ask.kind, ask.person_id) if ask else (DocumentKind.OTHER, None)
    document = documents.keep(lead, blob, arrival.name, kind, through=Through.CLIENT_LINK, person_id=person)
    arrival.document_id = document.id
    return arrival


def _blob_of(arrival: Arrival) -> Blob | None:
    found: Blob | None = session.scalars(
        select(Blob).where(Blob.id == arrival.blob_id, Blob.company_id == arrival.company_id)
    ).one_or_none()
    return found


def tell_adviser(link_id: UUID) -> bool:
    """One mail about all that came since the last one, and a line in the timeline."""
    link = session.get(Link, link_id)
    lead = session.get(Lead, link.lead_id) if link else None
    if link is None or lead is None:
        return False
    fresh = select(func.count()).select_from(Arrival).where(Arrival.link_id == link_id, Arrival.arrived_at.is_not(None))
    files = session.scalar(fresh.where(Arrival.arrived_at > link.told_at) if link.told_at else fresh) or 0
    if not files:
        return False
    link.told_at = now()
    tell(lead, EntryKind.NOTE, text=letters.delivered(link.name, files))
    reader = reader_of(lead, link.by_id)
    if reader is not None:
        letters.tell_arrived(reader, lead.id, lead.reference, lead.company_id, files)
    return True


def tell_locked(link_id: UUID) -> bool:
    link = session.get(Link, link_id)
    lead = session.get(Lead, link.lead_id) if link else None
    reader = reader_of(lead, link.by_id) if link and lead else None
    if reader is None or lead is None:
        return False
    letters.tell_locked(reader, lead.id, lead.reference, lead.company_id)
    return True

