"""A client's files come in: into the encrypted spool, no further than this link, so many and so much."""

from collections.abc import Iterable
from typing import Any, BinaryIO
from uuid import UUID

from limits import parse_many

from leadcrm.collecting import jobs
from leadcrm.collecting.services import doors
from leadcrm.collecting.services.visiting import Inside, TooOften
from leadcrm.core import audit, blobs, limits
from leadcrm.core.blobs import spool
from leadcrm.core.blobs.problems import NoSpool, TooLarge
from leadcrm.core.config import current_config
from leadcrm.core.db import session
from leadcrm.core.jobs import defer
from leadcrm.core.limits import Allowed
from leadcrm.core.scope import viewing_as
from leadcrm.documents.models.kinds import from_elsewhere
from leadcrm.documents.services.arriving import limited, looked_at, recognise
from leadcrm.inspection.services import Reason, Refused
from leadcrm.inspection.services.kinds import BY_EXTENSION
from leadcrm.inspection.services.names import extension_of

MOST_FILES = 200  # begun through one link
MOST_BYTES = 2 * 1024**3
LARGEST_MB = 50  # a photo of a telephone has five
BEGUN_LINK = parse_many("60 per 5 minutes; 300 per day")
BEGUN_NETWORK = parse_many("120 per 5 minutes; 600 per day")


class NothingMore(Exception):
    """The link has taken what it may take."""


def largest() -> int:
    return min(LARGEST_MB, current_config().max_file_mb) * 1024 * 1024


def begin(who: Inside, network: str, ask_id: UUID | None, name: str, size: int) -> UUID:
    """Room for a file of so many bytes. Raises Refused, TooOften, TooLarge, NothingMore."""
    name = from_elsewhere(name)
    if not size:
        raise Refused(Reason.EMPTY)
    if extension_of(name) not in BY_EXTENSION:
        raise Refused(Reason.UNKNOWN)
    if size > largest():
        raise TooLarge(largest())
    _not_too_often(who, network)
    with viewing_as(who.viewer):
        ident = spool.begin(size)
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
        if not doors.begin(session, who.visit_hash, ident, ask_id, name, size, (MOST_FILES, MOST_BYTES)):
            raise NothingMore(who.link_id)


def standing(who: Inside, ident: UUID) -> tuple[int, int]:
    """How much has come, of how much. Raises NoSpool for what is not of this link, Busy, Refused.

    Who hears that all of it is there sends no more: so what a killed process left whole but unfinished arrives here.
    """
    known = _announced(who, ident)
    if known.arrived:
        return known.size, known.size
    with viewing_as(who.viewer):
        offset = spool.find(ident).offset
    if offset == known.size:
        _finish(who, ident, known.name)
    return offset, known.size


def _announced(who: Inside, ident: UUID) -> Any:
    with viewing_as(None):
        known = doors.upload_of(session, who.visit_hash, ident)
    if known is None:
        raise NoSpool(ident)
    return known


def append(who: Inside, ident: UUID, offset: int, stream: BinaryIO) -> int:
    """Returns where the next piece begins; the last one makes it arrive. Sent again, it changes nothing.

    Raises NoSpool, WrongOffset, Busy, Refused when it is not what its name says.
    """
    known = _announced(who, ident)
    if known.arrived:
        return int(known.size)
    with viewing_as(who.viewer):
        reached = spool.append(ident, offset, stream)
    if reached == known.size:
        _finish(who, ident, known.name)
    return reached


def _finish(who: Inside, ident: UUID, name: str) -> None:
    with viewing_as(who.viewer):
        recognise(spool.finish(ident), name)
    _arrived(who, ident)


def drop(who: Inside, ident: UUID) -> None:
    _announced(who, ident)
    with viewing_as(who.viewer):
        spool.drop(ident)


def take(who: Inside, network: str, ask_id: UUID | None, name: str, pieces: Iterable[bytes]) -> None:
    """A whole file at once, of a form without scripts. Raises Refused, TooOften, TooLarge, NothingMore."""
    name = from_elsewhere(name)
    _not_too_often(who, network)
    with viewing_as(who.viewer):
        blob = blobs.keep(limited(looked_at(pieces, name), largest()))
    _taken(who, blob.id, ask_id, name, blob.size)
    _arrived(who, blob.id)


def _arrived(who: Inside, ident: UUID) -> None:
    """Once: who repeats the last request changes nothing."""
    with viewing_as(None):
        arrival = doors.arrive(session, who.visit_hash, ident)
    if arrival is None:
        return
    with viewing_as(who.viewer):
        defer(jobs.take_in, arrival)
    audit.note("client delivered", company_id=who.company_id, subject="collecting_link", link=str(who.link_id))
