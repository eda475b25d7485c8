"""Reading files. Everything that gets out of here goes by open_version(), which writes down who looked at what."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from leadcrm.core import audit, blobs
from leadcrm.core.blobs import Blob
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.models.terms import State
from leadcrm.documents.services import drawing
from leadcrm.documents.services.checking import blob_of
from leadcrm.documents.services.drawing import Picture
from leadcrm.leads.models.lead import Lead

READ, SEEN, SMALL, PACKED = "document downloaded", "document page seen", "thumbnail seen", "document packed"


class NotReadable(LookupError):
    """In quarantine, refused, or without a picture: there is nothing that anybody may read."""


def version_of(document: Document, number: int) -> Version | None:
    found = select(Version).where(Version.document_id == document.id, Version.number == number)
    return session.scalars(found).one_or_none()


def versions_of(document: Document) -> Sequence[Version]:
    return session.scalars(
        select(Version).where(Version.document_id == document.id).order_by(Version.number.desc())
    ).all()


def open_version(
    version: Version, start: int = 0, stop: int | None = None, *, action: str = READ, **details: Any
) -> Iterator[bytes]:
    """The bytes from `start` up to `stop`, decrypted as they leave; written down first. NotReadable, Tampered."""
    if version.state != State.AVAILABLE or version.blob_id is None:
        raise NotReadable(version.id)
    note(version, action, **details)
    return blobs.read(blob_of(version), start, stop)


def note(version: Version, action: str, **details: Any) -> None:
    audit.note(action, version, document=str(version.document_id), number=version.number, **details)


def page(version: Version, number: int) -> Picture:
    """One page as a picture. Raises NotReadable, also when its reader cannot make anything of it."""
    if version.media_type not in drawing.DRAWN or not 1 <= number <= (version.pages or 1):
        raise NotReadable(version.id)
    try:
        return drawing.draw(open_version(version, action=SEEN, page=number), version.media_type, number)
    except drawing.CannotDraw as problem:
        raise NotReadable(version.id) from problem


def thumbnail(version: Version) -> bytes:
    if version.state != State.AVAILABLE or version.thumbnail is None:
        raise NotReadable(version.id)
    note(version, SMALL)
    place = Place(Version.__tablename__, "thumbnail", version.company_id, version.id)
    return keyring().open(bytes(version.thumbnail), place)


def zip_of(lead: Lead) -> Iterator[bytes]:
    """Every document that can be read, newest readable version, as one archive that is made while it leaves."""
    return _packed(list(_opened(lead.id)))


def _opened(lead_id: UUID) -> Iterator[tuple[str, datetime, Iterator[bytes]]]:
    """Written down and found before the first byte leaves: afterwards nobody could say that something is missing."""
    its_version = and_(Version.company_id == Document.company_id, Version.document_id == Document.id)
    its_blob = and_(Blob.company_id == Version.company_id, Blob.id == Version.blob_id)
    rows = select(Document, Version, Blob).join(Version, its_version).join(Blob, its_blob)
    readable = rows.where(Document.lead_id == lead_id, Document.deleted_at.is_(None), Version.state == State.AVAILABLE)
    each_once = readable.ext(distinct_on(Document.created_at, Document.id))
    newest = each_once.order_by(Document.created_at, Document.id, Version.number.desc())
    taken: set[str] = set()
    for document, version, blob in session.execute(newest).all():
        note(version, PACKED)
        session.expunge(blob)
        name = _free_name(_with_ending(document.name, version.name), taken)
        yield name, version.created_at, _later(blob)


def _later(blob: Blob) -> Iterator[bytes]:
    """Opened when its turn comes: hundreds of files are not held open at once."""
    yield from blobs.read(blob)


def _with_ending(name: str, file_name: str) -> str:
    ending = file_name.rpartition(".")[2].lower()
    return name if name.lower().endswith(f".{ending}") else f"{name}.{ending}"


def _free_name(name: str, taken: set[str]) -> str:
    """`name (2).pdf` when there is such a name already; systems differ about capitals, so they do not count."""
    stem, _dot, ending = name.rpartition(".")
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} ({number}).{ending}"
    taken.add(free.casefold())
    return free


class _Outlet:
    """What zipfile writes to: it takes bytes that somebody fetches; there is no way back."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, data: Any) -> int:
        self.held += data
        return len(data)

    def flush(self) -> None: ...

    def fetched(self) -> bytes:
        held = bytes(self.held)
        self.held.clear()
        return held


def _packed(files: Iterable[tuple[str, datetime, Iterator[bytes]]]) -> Iterator[bytes]:
    """Stored, not squeezed: photos and PDF are squeezed already."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]  # needs no more than write()
        for name, moment, pieces in files:
            about = zipfile.ZipInfo(name, moment.astimezone(OFFICE).timetuple()[:6])
            about.external_attr = 0o600 << 16
            with archive.open(about, "w") as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield outlet.fetched()
            yield outlet.fetched()
    yield outlet.fetched()
