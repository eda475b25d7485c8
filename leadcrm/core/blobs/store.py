"""Keeping a file, reading it, and letting it go.

Order of keeping: the bytes to a file of their own, fsync, the row (not yet committed), the file to its place, fsync of
the folder, commit. Killed before the commit it leaves a file that no row knows, which the sweep removes; after it
everything is there. A row never points to bytes that may get lost.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from typing import BinaryIO
from uuid import UUID

from leadcrm.core.blobs import places
from leadcrm.core.blobs.backends import Reader, told_when_full
from leadcrm.core.blobs.digesting import Digest
from leadcrm.core.blobs.keys import cipher_of, sealed
from leadcrm.core.blobs.models import Blob, State
from leadcrm.core.blobs.problems import Tampered
from leadcrm.core.blobs.sealing import (
    AT_ONCE,
    BLOCK,
    CHUNK,
    MAGIC,
    RECORD,
    TURN,
    Cipher,
    Opener,
    Sealer,
    Shape,
    new_key,
)
from leadcrm.core.blobs.sweeping import remove_doomed
from leadcrm.core.db import session
from leadcrm.core.jobs import defer
from leadcrm.core.scope import current_viewer

Source = BinaryIO | Iterable[bytes]
Opens = Callable[[int, int], Reader]  # from where to where in the file


def keep(source: Source, company_id: UUID | None = None) -> Blob:
    """Keep these bytes, in the transaction of the request. `company_id`: for who looks at everything.

    Raises StorageFull; whatever the source raises passes through, and nothing is kept.
    """
    viewer = current_viewer()
    company = company_id or viewer.company_id
    if company is None:
        raise TypeError("a blob belongs to a company: say which")
    places.refuse_without_room(0)
    blob = Blob(company_id=company, size=0, digest=b"", sealed_key=b"", made_by=viewer.user_id)
    with _file_of(blob.id) as file:
        key = new_key()
        blob.size, blob.digest = _write(source, file, Cipher(key, company, blob.id))
        blob.sealed_key = sealed(key, company, blob.id)
        session.add(blob)
        session.flush()  # before the file moves: see sweeping.py
        places.backend().take(blob.id, places.path_of(blob.id))
    return blob


@contextmanager
def _file_of(blob_id: UUID) -> Iterator[int]:
    """A new file, locked as long as somebody works on it; gone again when that fails."""
    path = places.path_of(blob_id)
    with told_when_full():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        flock(handle, LOCK_EX)
        yield handle
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def _write(source: Source, handle: int, cipher: Cipher) -> tuple[int, bytes]:
    """Returns how many clear bytes there were, and their digest."""
    sealer, size = Sealer(cipher), 0
    _write_all(handle, memoryview(MAGIC + bytes(TURN)))
    with Digest() as digest:
        for block, last in _blocks(source):
            digest.update(block)
            size += len(block)
            _write_all(handle, sealer.seal(memoryview(block), last))
        with told_when_full():
            os.fsync(handle)
        return size, digest.digest()


def _write_all(handle: int, data: memoryview) -> None:
    done = 0
    with told_when_full():
        while done < len(data):
            done += os.write(handle, data[done:])


def _blocks(source: Source) -> Iterator[tuple[bytes, bool]]:
    """Blocks of BLOCK bytes and the rest, and whether each is the last. One is held back: it may be."""
    held = bytearray()
    for piece in _pieces(source):
        for start in range(0, len(piece), BLOCK):
            held += piece[start : start + BLOCK]
            if len(held) > BLOCK:
                yield bytes(memoryview(held)[:BLOCK]), False
                del held[:BLOCK]
    yield bytes(held), True


def _pieces(source: Source) -> Iterable[bytes]:
    read = getattr(source, "read", None)
    return iter(lambda: read(BLOCK), b"") if read else source


def read(blob: Blob, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The clear bytes from `start` up to `stop`; only the chunks that hold them are opened.

    Whether the file is there in its right size is found out before anything is returned: raises Tampered, as does the
    iteration when a chunk is not what was kept.
    """
    stop = blob.size if stop is None else min(stop, blob.size)
    if not 0 <= start <= stop:
        raise ValueError(f"from {start} to {stop}")
    backend = places.backend()
    return opened(lambda begin, end: backend.open(blob.id, begin, end), cipher_of(blob), blob.size, start, stop)


def opened(open_: Opens, cipher: Cipher, size: int, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The clear bytes of a stored file, which is closed at the end."""
    shape, stop = Shape(size), size if stop is None else stop
    first = min(start // CHUNK, shape.chunks - 1)
    after = max(first + 1, -(-stop // CHUNK))
    reader = open_(shape.end(first), shape.end(after))
    if reader.size != shape.stored:
        reader.close()
        raise Tampered(f"{reader.size} bytes instead of {shape.stored}")
    return _clear(reader, Opener(cipher, size), range(first, after), start, stop)


def _clear(reader: Reader, opener: Opener, numbers: range, start: int, stop: int) -> Iterator[bytes]:
    records = memoryview(bytearray(AT_ONCE * RECORD))
    try:
        for number in numbers[::AT_ONCE]:
            wanted = records[: opener.stored(number, min(number + AT_ONCE, numbers.stop))]
            if reader.fill(wanted) != len(wanted):
                raise Tampered("cut off while it was read")
            clear, base = opener.open(number, wanted), number * CHUNK
            yield bytes(clear[max(0, start - base) : stop - base])
    finally:
        reader.close()


def doom(blob: Blob) -> None:
    """Away with it: the bytes go after the commit. What points to it must be gone by then."""
    blob.state = State.DOOMED
    session.flush()
    defer(remove_doomed, blob.company_id, blob.id)
