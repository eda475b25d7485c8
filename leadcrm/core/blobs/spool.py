"""An upload in pieces: bytes go to the disk sealed as they come, and what was acknowledged survives every break.

Any process on any machine that shares the folder may take in the next piece. The id is secret to nobody: an upload is
seen by its maker only.
"""

from contextlib import suppress
from hashlib import sha256
from typing import BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import func, select

from leadcrm.core.blobs import places
from leadcrm.core.blobs.backends import LocalFile
from leadcrm.core.blobs.digesting import Digest
from leadcrm.core.blobs.keys import cipher_of, sealed, sealed_anew
from leadcrm.core.blobs.models import Blob, Spool
from leadcrm.core.blobs.problems import Busy as Busy
from leadcrm.core.blobs.problems import Incomplete as Incomplete
from leadcrm.core.blobs.problems import NoSpool as NoSpool
from leadcrm.core.blobs.problems import TooLarge as TooLarge
from leadcrm.core.blobs.problems import TooManyUploads
from leadcrm.core.blobs.problems import WrongOffset as WrongOffset
from leadcrm.core.blobs.sealing import new_key
from leadcrm.core.blobs.store import opened
from leadcrm.core.blobs.sweeping import forget
from leadcrm.core.blobs.turns import left_behind, taken
from leadcrm.core.blobs.writing import end_empty, going_on
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.jobs import defer
from leadcrm.core.scope import signed_in_viewer

MOST_UNFINISHED = 100  # of one maker, within the day that they last: nobody fills the disk with what they leave behind

__all__ = ["Busy", "Incomplete", "NoSpool", "TooLarge", "WrongOffset", "append", "begin", "drop", "find", "finish"]


def begin(length: int) -> UUID:
    """An upload of so many bytes; nothing of it is there yet. Raises TooLarge, StorageFull."""
    most = current_config().max_file_mb * 1024 * 1024
    if not 0 <= length <= most:
        raise TooLarge(most)
    viewer, ident = signed_in_viewer(), uuid4()
    company = viewer.company_id
    theirs = select(func.count()).select_from(Spool).where(Spool.user_id == viewer.user_id, Spool.expires_at > now())
    if (session.scalar(theirs) or 0) >= MOST_UNFINISHED:
        raise TooManyUploads(f"{MOST_UNFINISHED} uploads are unfinished")
    places.refuse_without_room(length)
    box = sealed(new_key(), company, ident)
    session.add(Spool(company_id=company, id=ident, user_id=viewer.user_id, length=length, sealed_key=box))
    session.flush()
    return ident


def find(spool_id: UUID) -> Spool:
    """The upload as it stands: `length`, `offset`, `expires_at`. Raises NoSpool.

    Whoever asks is about to go on with it: what a broken connection or a killed process left is taken up first.
    """
    spool = _mine(spool_id)
    if left_behind(places.path_of(spool_id)):
        with suppress(Busy), going_on(spool_id):  # busy: somebody is about to do the same
            pass
        session.refresh(spool)
    return spool


def _mine(spool_id: UUID, lock: bool = False) -> Spool:
    wanted = select(Spool).where(Spool.id == spool_id, Spool.expires_at > now())
    spool = session.scalar(wanted.with_for_update() if lock else wanted)
    if spool is None:
        raise NoSpool(spool_id)
    return spool


def append(spool_id: UUID, offset: int, stream: BinaryIO) -> int:
    """Take in what the stream brings, from `offset` on; returns where the next piece begins.

    Keeps what the request did before (it commits), and holds no connection to the database while it waits for the
    client. When the stream breaks, what came is kept and its error is raised on. What is more than the announced
    length is left in the stream. Raises NoSpool, WrongOffset, Busy, StorageFull.
    """
    session.commit()
    with going_on(spool_id) as writing:
        if writing.offset != offset:
            raise WrongOffset(writing.offset)
        places.refuse_without_room(0)
        writing.take_in(stream)
        return writing.offset


def finish(spool_id: UUID) -> Blob:
    """The whole upload as a blob, in the transaction of the request. Raises NoSpool, Incomplete, Busy, StorageFull.

    May be asked for again when the transaction was not kept.
    """
    spool = _mine(spool_id, lock=True)
    if spool.offset != spool.length:
        raise Incomplete(f"{spool.offset} of {spool.length} bytes are there")
    digest = spool.digest or (_digest_of(spool) if spool.length else sha256().digest())
    blob = Blob(
        company_id=spool.company_id, id=spool.id, size=spool.length, digest=digest, sealed_key=sealed_anew(spool),
        made_by=spool.user_id,
    )  # fmt: skip
    session.add(blob)
    session.delete(spool)
    session.flush()  # before the file moves: see sweeping.py
    _move(blob)
    return blob


def _digest_of(spool: Spool) -> bytes:
    """Of what came in several pieces; that every chunk opens is found out by the way."""
    path = places.path_of(spool.id)
    with Digest() as digest:
        moved = not path.exists()  # by who was killed before the commit
        for piece in opened(
            lambda begin, end: places.backend().open(spool.id, begin, end) if moved else LocalFile(path, begin),
            cipher_of(spool), spool.length,
        ):  # fmt: skip
            digest.update(piece)
        return digest.digest()


def _move(blob: Blob) -> None:
    path, backend = places.path_of(blob.id), places.backend()
    if not path.exists() and backend.has(blob.id):
        return
    if not blob.size:
        end_empty(blob)
    if not path.exists():
        raise NoSpool(blob.id)
    with taken(path):
        backend.take(blob.id, path)


def drop(spool_id: UUID) -> None:
    """Forget it. Raises NoSpool."""
    spool = _mine(spool_id, lock=True)
    session.delete(spool)
    session.flush()
    defer(forget, spool.company_id, spool.id)
