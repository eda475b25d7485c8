"""An upload in pieces: bytes go to the disk sealed as they come, and what was acknowledged survives every break."""

from typing import BinaryIO
from uuid import UUID

from leadcrm.core.blobs.models import Blob, Spool
from leadcrm.core.blobs.problems import Busy as Busy
from leadcrm.core.blobs.problems import Incomplete as Incomplete
from leadcrm.core.blobs.problems import NoSpool as NoSpool
from leadcrm.core.blobs.problems import TooLarge as TooLarge
from leadcrm.core.blobs.problems import WrongOffset as WrongOffset


def begin(length: int) -> UUID:
    """An upload of so many bytes; nothing of it is there yet. Raises TooLarge, StorageFull."""
    raise TooLarge(0)


def find(spool_id: UUID) -> Spool:
    """The upload as it stands: `length`, `offset`, `expires_at`. Raises NoSpool.

    Whoever asks is about to go on with it: what a broken connection or a killed process left is taken up first.
    """
    raise NoSpool(spool_id)


def append(spool_id: UUID, offset: int, stream: BinaryIO) -> int:
    """Take in what the stream brings, from `offset` on; returns where the next piece begins.

    Keeps what the request did before (it commits), and holds no connection to the database while it waits for the
    client. When the stream breaks, what came is kept and its error is raised on.
    Raises NoSpool, WrongOffset, Busy, TooLarge, StorageFull.
    """
    raise NoSpool(spool_id)


def finish(spool_id: UUID) -> Blob:
    """The whole upload as a blob, in the transaction of the request. Raises NoSpool, Incomplete, Busy, StorageFull."""
    raise NoSpool(spool_id)


def drop(spool_id: UUID) -> None:
    """Forget it. Raises NoSpool."""
    raise NoSpool(spool_id)
