"""A client's files come in: into the encrypted spool, no further than this link, so many and so much."""

from collections.abc import Iterable
from typing import BinaryIO
from uuid import UUID

from limits import parse_many

from leadcrm.collecting import jobs
from leadcrm.collecting.services import doors
from leadcrm.collecting.services.visiting import Inside, TooOften
from leadcrm.core import audit, blobs, limits
from leadcrm.core.blobs import spool
from leadcrm.core.config import current_config
from leadcrm.core.db import session
from leadcrm.core.jobs import defer
from leadcrm.core.limits import Allowed
from leadcrm.core.scope import viewing_as

MOST_FILES = 200  # begun through one link
MOST_BYTES = 2 * 1024**3
LARGEST_MB = 50  # a photo of a telephone has five
LONGEST_NAME = 255
BEGUN_LINK = parse_many("60 per 5 minutes; 300 per day")
BEGUN_NETWORK = parse_many("120 per 5 minutes; 600 per day")


class NothingMore(Exception):
    """The link has taken what it may take."""


class TooLarge(Exception):
    """One file is larger than we take from clients."""


def largest() -> int:
    return min(LARGEST_MB, current_config().max_file_mb) * 1024 * 1024


def begin(who: Inside, network: str, ask_id: UUID | None, name: str, size: int) -> UUID:
    """Room for a file of so many bytes. Raises TooOften, TooLarge, NothingMore."""
    if size > largest():
        raise TooLarge(size)
    _not_too_often(who, network)
    with viewing_as(who.viewer):
        ident = spool.begin(size)
        session.flush()
    _taken(who, ident, ask_id, name, size)
    return ident


def _not_too_often(who: Inside, network: str) -> None:
    seconds = limits.reserve([
        *(Allowed.by(item, "client upload", str(who.link_id)) for item in BEGUN_LINK),
        *(Allowed.by(item, "client upload from", network) for item in BEGUN_NETWORK),
    ])  # fmt: skip
    if seconds:
        raise TooOften(seconds)


def _taken(who: Inside, ident: UUID, ask_id: UUID | None, name: str, size: int) -> None:
    with viewing_as(None):
        if not doors.begin(session, who.visit_hash, ident, ask_id, name[:LONGEST_NAME], size, (MOST_FILES, MOST_BYTES)):
            raise NothingMore(who.link_id)


def standing(who: Inside, ident: UUID) -> tuple[int, int]:
    """How much has come, of how much. Raises NoSpool for what is not of this link."""
    size = _size_when_arrived(who, ident)
    if size is not None:
        return size, size
    with viewing_as(who.viewer):
        upload = spool.find(ident)
        return upload.offset, upload.length


def _size_when_arrived(who: Inside, ident: UUID) -> int | None:
    with viewing_as(None):
        return doors.arrived(session, who.visit_hash, ident)


def append(who: Inside, ident: UUID, offset: int, stream: BinaryIO) -> int:
    """Returns where the next piece begins; the last one makes it arrive. Sent again, it changes nothing."""
    size = _size_when_arrived(who, ident)
    if size is not None:
        return size
    with viewing_as(who.viewer):
        length, reached = spool.find(ident).length, spool.append(ident, offset, stream)
        if reached == length:
            spool.finish(ident)
            session.flush()
    if reached == length:
        _arrived(who, ident)
    return reached


def drop(who: Inside, ident: UUID) -> None:
    with viewing_as(who.viewer):
        spool.drop(ident)
        session.flush()


def take(who: Inside, network: str, ask_id: UUID | None, name: str, pieces: Iterable[bytes]) -> None:
    """A whole file at once, of a form without scripts."""
    _not_too_often(who, network)
    with viewing_as(who.viewer):
        blob = blobs.keep(_no_more_than(largest(), pieces))
        session.flush()
    _taken(who, blob.id, ask_id, name, blob.size)
    _arrived(who, blob.id)


def _no_more_than(most: int, pieces: Iterable[bytes]) -> Iterable[bytes]:
    came = 0
    for piece in pieces:
        came += len(piece)
        if came > most:
            raise TooLarge(came)
        yield piece


def _arrived(who: Inside, ident: UUID) -> None:
    """Once: who repeats the last request changes nothing."""
    with viewing_as(None):
        arrival = doors.arrive(session, who.visit_hash, ident)
    if arrival is None:
        return
    with viewing_as(who.viewer):
        defer(jobs.take_in, arrival)
    audit.note("client delivered", company_id=who.company_id, subject="collecting_link", link=str(who.link_id))
