"""Files on their way in, in pieces that may break off and go on, or in one go. Looked at from the first byte."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO
from uuid import UUID

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, spool
from leadcrm.core.blobs.models import LASTS
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.jobs import Rank, checkpoint, job
from leadcrm.core.jobs_steps import removed_some
from leadcrm.core.scope import signed_in_viewer
from leadcrm.documents.models.document import Document, Upload
from leadcrm.documents.models.kinds import from_elsewhere
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.documents.services.finding import document_of, lead_of
from leadcrm.documents.services.guessing import kind_of
from leadcrm.documents.services.keeping import keep, new_version
from leadcrm.inspection.services import HEAD_BYTES, Reason, Refused, sniff
from leadcrm.inspection.services.kinds import BY_EXTENSION
from leadcrm.inspection.services.names import extension_of
from leadcrm.leads.models.lead import Lead

FORGOTTEN_AT_ONCE = 5_000
ENOUGH = 512  # bytes by which a file can be recognised when no more has come yet


class Gone(LookupError):
    """The lead or the document was removed, or given to another, while the file was on its way."""


def most_bytes() -> int:
    return current_config().max_file_mb * 1024 * 1024


@dataclass(frozen=True)
class Wanted:
    """What a file that comes in is to be: a new document of a lead, or a newer version of one that is there."""

    lead: Lead
    name: str
    kind: DocumentKind | None = None  # None: guessed from the name
    document: Document | None = None

    @property
    def kind_or_guess(self) -> DocumentKind:
        return self.kind or kind_of(self.name)

    def anew(self, lead_id: UUID, document_id: UUID | None) -> "Wanted":
        """After some time. Raises Gone."""
        lead, document = lead_of(lead_id), document_of(document_id) if document_id else None
        if lead is None or (document_id and document is None):
            raise Gone(lead_id)
        return replace(self, lead=lead, document=document)


def begin(wanted: Wanted, length: int) -> Upload:
    """Room for a file of this length. Raises Refused for a name, spool.TooLarge for a length, that is never taken."""
    if not length:
        raise Refused(Reason.EMPTY)
    if extension_of(wanted.name) not in BY_EXTENSION:
        raise Refused(Reason.UNKNOWN)
    if length > most_bytes():
        raise spool.TooLarge(most_bytes())
    upload = Upload(
        company_id=wanted.lead.company_id, id=spool.begin(length), lead_id=wanted.lead.id,
        user_id=signed_in_viewer().user_id, name=from_elsewhere(wanted.name), kind=wanted.kind_or_guess, length=length,
        document_id=wanted.document.id if wanted.document else None,
    )  # fmt: skip
    session.add(upload)
    return upload


def append(upload: Upload, offset: int, stream: BinaryIO, expected: int) -> int:
    """Takes in what comes; a first piece that is no such file is refused before anything of it is kept."""
    if offset == 0 and expected >= ENOUGH:
        head = _exactly(stream, min(HEAD_BYTES, expected))
        if len(head) >= ENOUGH:
            sniff(head, upload.name)
        stream = Again(head, stream)  # type: ignore[assignment]  # reading is all that is done with it
    return spool.append(upload.id, offset, stream)


def finish(upload: Upload, wanted: Wanted) -> Document:
    """All of it is there: it becomes a document, in quarantine. Raises Refused."""
    blob = spool.finish(upload.id)
    recognise(blob, upload.name)
    document = _kept(wanted, blob)
    upload.made_id = document.id
    return document


def take(wanted: Wanted, pieces: Iterable[bytes]) -> Document:
    """A file in one go. Raises Refused, spool.TooLarge, Gone.

    Keeps what was done before: nobody's slow line holds a connection to the database.
    """
    lead_id, document_id = wanted.lead.id, wanted.document.id if wanted.document else None
    checkpoint()
    blob = blobs.keep(limited(looked_at(pieces, wanted.name), most_bytes()))
    return _kept(wanted.anew(lead_id, document_id), blob)


def _kept(wanted: Wanted, blob: Blob) -> Document:
    if wanted.document is None:
        return keep(wanted.lead, blob, wanted.name, wanted.kind_or_guess)
    new_version(wanted.document, blob, wanted.name)
    return wanted.document


def recognise(blob: Blob, name: str) -> None:
    """By the first bytes of what was kept. Raises Refused."""
    sniff(b"".join(blobs.read(blob, 0, min(HEAD_BYTES, blob.size))), name)


def looked_at(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The same pieces, refused when they begin as something that the name does not say."""
    head, pieces = b"", iter(pieces)
    for piece in pieces:
        head += piece
        if len(head) >= HEAD_BYTES:
            break
    sniff(head[:HEAD_BYTES], name)
    yield head
    yield from pieces


def limited(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise spool.TooLarge(most)
        yield piece


def _exactly(stream: BinaryIO, wanted: int) -> bytes:
    """As much as wanted, unless the stream ends before."""
    content = b""
    while len(content) < wanted and (piece := stream.read(wanted - len(content))):
        content += piece
    return content


class Again(io.RawIOBase):
    """A stream of which the beginning has been read already."""

    def __init__(self, head: bytes, rest: BinaryIO):
        self.head, self.rest = head, rest

    def read(self, size: int = -1) -> bytes:
        if not self.head:
            return self.rest.read(size)
        taken = self.head if size < 0 else self.head[:size]
        self.head = self.head[len(taken) :]
        return taken + (self.rest.read() if size < 0 else b"")


@job(cron="52 * * * *", rank=Rank.UPKEEP, reason="uploads that nobody goes on with are forgotten")
def forget_unfinished() -> bool:
    """The bytes go with their spool; this is what we knew of them."""
    return removed_some(Upload, Upload.created_at < now() - 2 * LASTS, FORGOTTEN_AT_ONCE)
