"""From quarantine to available or refused, in the background. Nothing of a file is shown before that."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from leadcrm.core import audit, blobs
from leadcrm.core.blobs import Blob
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import now, session
from leadcrm.core.jobs import Rank, defer, job
from leadcrm.documents.events import document_checked
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.models.terms import State
from leadcrm.documents.services import drawing
from leadcrm.inspection.services import Reason, Verdict, examine, scan
from leadcrm.inspection.services import State as ScanState

AGAIN = timedelta(minutes=2)
LEFT_BEHIND, GIVEN_UP = timedelta(minutes=15), timedelta(days=30)
MOST_AT_ONCE = 200

log = logging.getLogger("leadcrm")


@job(queue="documents", retries=3, reason="files are checked, whoever brought them")
def check(version_id: str) -> None:
    """A version that was already judged, or removed since, is left alone."""
    version = session.scalar(select(Version).where(Version.id == UUID(version_id)).with_for_update(skip_locked=True))
    if version is not None and version.state == State.QUARANTINED:
        judge(version)


@job(cron="*/10 * * * *", rank=Rank.CLOCK, reason="files whose check was lost are not left in quarantine for ever")
def check_left_behind() -> None:
    came = Version.created_at.between(now() - GIVEN_UP, now() - LEFT_BEHIND)
    waiting = select(Version.id).where(Version.state == State.QUARANTINED, came)
    for ident in session.scalars(waiting.order_by(Version.created_at).limit(MOST_AT_ONCE)).all():
        ask(ident)


def ask(version_id: UUID, at: datetime | None = None) -> None:
    """Have a version checked; once, however often that is asked for."""
    defer(check, version_id, once=f"check {version_id}", at=at)


def judge(version: Version) -> None:
    """The scanner first: what it cannot look at now stays where it is."""
    blob = blob_of(version)
    scanned = scan(blob)
    version.scan = str(scanned.state)
    if scanned.state == ScanState.UNAVAILABLE:
        log.warning("the virus scanner does not answer: %s", scanned.problem)
        ask(version.id, now() + AGAIN)
        return
    if not scanned.passes:
        audit.note("virus found", version, name=scanned.name)
        refuse(version, blob, scanned.reason)
        return
    verdict = examine(blob, version.name)
    if verdict.ok:
        accept(version, blob, verdict)
    else:
        refuse(version, blob, verdict.refused or Reason.DAMAGED)


def blob_of(version: Version) -> Blob:
    return session.scalars(select(Blob).where(Blob.id == version.blob_id, Blob.company_id == version.company_id)).one()


def refuse(version: Version, blob: Blob, reason: Reason) -> None:
    """Its bytes go: what we may not or do not want to have, we do not keep either."""
    version.state, version.reason, version.checked_at = State.REFUSED, str(reason), now()
    version.blob_id = None
    session.flush()
    blobs.doom(blob)
    _tell(version)


def accept(version: Version, blob: Blob, verdict: Verdict) -> None:
    """Kept as it came, or as it was cleaned; with a small picture of its first page."""
    if verdict.cleaned is not None:
        cleaned = blobs.keep(verdict.cleaned, version.company_id)
        version.blob_id, version.size = cleaned.id, cleaned.size
        session.flush()
        blobs.doom(blob)
        blob = cleaned
    if verdict.kind is not None:
        version.media_type, version.name = verdict.kind.media_type, verdict.kind.named(version.name)
    if verdict.masked:
        audit.note("numbers hidden", version, count=verdict.masked)
    version.pages, version.masked = verdict.pages, verdict.masked
    draw_small(version, blob)
    version.state, version.reason, version.checked_at = State.AVAILABLE, None, now()
    _tell(version)


def draw_small(version: Version, blob: Blob) -> None:
    if version.media_type not in drawing.DRAWN:
        return
    try:
        picture = drawing.draw(blobs.read(blob), version.media_type, width=drawing.NARROW)
    except drawing.CannotDraw:
        return  # it has passed the checks: who wants it can still have it
    version.pages = version.pages or picture.pages
    place = Place(Version.__tablename__, "thumbnail", version.company_id, version.id)
    version.thumbnail = keyring().seal(picture.content, place)


def _tell(version: Version) -> None:
    """The document stands where its newest version stands."""
    document = session.scalars(select(Document).where(Document.id == version.document_id)).one()
    if document.version == version.number:
        document.state, document.reason = version.state, version.reason
        document.size, document.media_type = version.size, version.media_type
    document_checked.send(document, version=version)

