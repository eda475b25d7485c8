"""Documents come in, get newer versions, are described, moved, removed and brought back. Nothing here knows of HTTP."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, select

from leadcrm.core import audit, blobs
from leadcrm.core.blobs import Blob
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import Rank, job
from leadcrm.core.scope import current_viewer
from leadcrm.documents.events import document_arrived
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.models.kinds import from_elsewhere
from leadcrm.documents.models.terms import DocumentKind, State, Through
from leadcrm.documents.services.checking import ask
from leadcrm.inspection.services.kinds import BY_EXTENSION
from leadcrm.leads.models.lead import Lead

UNKNOWN = "application/octet-stream"
AT_A_TIME = 100


class Bytes(Protocol):
    """What is needed of a blob to point at it."""

    id: UUID
    size: int
    digest: bytes


def keep(
    lead: Lead,
    blob: Bytes,
    name: str,
    kind: DocumentKind = DocumentKind.OTHER,
    *,
    through: Through = Through.UPLOAD,
    person_id: UUID | None = None,
) -> Document:
    """A new document with its first version, in quarantine until it has been checked."""
    document = Document(
        company_id=lead.company_id, lead_id=lead.id, person_id=person_id, kind=DocumentKind(kind),
        name=from_elsewhere(name), arrived_through=through, version=0, size=0, media_type="",
        added_by=current_viewer().user_id,
    )  # fmt: skip
    session.add(document)
    new_version(document, blob, name, through=through)
    return document


def new_version(document: Document, blob: Bytes, name: str, *, through: Through = Through.UPLOAD) -> Version:
    """A newer file of the same document; the older ones stay."""
    document.version += 1
    version = Version(
        company_id=document.company_id, lead_id=document.lead_id, document_id=document.id, number=document.version,
        blob_id=blob.id, name=from_elsewhere(name), size=blob.size, media_type=media_type_of(name),
        digest=blob.digest, arrived_through=through, added_by=current_viewer().user_id,
    )  # fmt: skip
    session.add(version)
    document.size, document.media_type = version.size, version.media_type
    document.state, document.reason = State.QUARANTINED, None
    session.flush()
    ask(version.id)
    document_arrived.send(document, version=version)
    return version


def media_type_of(name: str) -> str:
    """By its name, until it has been looked at."""
    kind = BY_EXTENSION.get(name.rpartition(".")[2].lower())
    return kind.media_type if kind else UNKNOWN


def rename(document: Document, name: str) -> None:
    document.name = name


def describe(document: Document, values: dict[str, Any]) -> None:
    """Name, kind, person, note and dates, as far as given."""
    for attribute, value in values.items():
        setattr(document, attribute, value)


def move(document: Document, lead: Lead) -> None:
    """To another lead of the same owner. Its versions go along (ON UPDATE CASCADE)."""
    here = session.scalars(select(Lead).where(Lead.id == document.lead_id)).one()
    if here.owner_id != lead.owner_id or here.company_id != lead.company_id:
        raise Invalid(_("A document moves only between leads of the same owner."))
    audit.note("document moved", document, was=str(here.id), to=str(lead.id))
    document.person_id, document.lead_id = None, lead.id


def trash(documents: Sequence[Document]) -> None:
    """Out of every list, until they are brought back or purged."""
    for document in documents:
        document.deleted_at = document.deleted_at or now()


def restore(documents: Sequence[Document]) -> None:
    for document in documents:
        document.deleted_at = None


def purge(documents: Sequence[Document]) -> None:
    """For good, with all versions. Whatever else removes rows of versions, the database dooms their files."""
    for document in documents:
        for blob in session.scalars(blobs_of(document)):
            blobs.doom(blob)
        session.delete(document)


def blobs_of(document: Document) -> Select[Blob]:
    its_blob = and_(Version.company_id == Blob.company_id, Version.blob_id == Blob.id)
    return select(Blob).join(Version, its_blob).where(Version.document_id == document.id)


@job(cron="13 4 * * *", rank=Rank.UPKEEP, reason="what lay in the bin for so long is removed for good")
def empty_bins() -> bool:
    old = now() - timedelta(days=current_config().document_bin_days)
    documents = session.scalars(select(Document).where(Document.deleted_at < old).limit(AT_A_TIME)).all()
    purge(documents)
    return bool(documents)
