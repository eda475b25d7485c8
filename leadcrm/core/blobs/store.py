"""Keeping a file, reading it, and letting it go.

Order of keeping: the bytes to a file of their own, fsync, the row (not yet committed), the file to its place, fsync of
the folder, commit. Killed before the commit it leaves a file that no row knows, which the sweep removes; after it
everything is there. A row never points to bytes that may get lost.
"""

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import select

from leadcrm.core.blobs import places
from leadcrm.core.blobs.backends import Reader, told_when_full
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
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import session
from leadcrm.core.jobs import defer, job
from leadcrm.core.scope import current_viewer

Source = BinaryIO | Iterable[bytes]


def place_of_key(company_id: UUID, blob_id: UUID) -> Place:
    return Place("core_blob", "sealed_key", company_id, blob_id)


def keep(source: Source, company_id: UUID | None = None) -> Blob:
    """Keep these bytes, in the transaction of the request. `company_id`: for who looks at everything."""
    viewer = current_viewer()
    company = company_id or viewer.company_id
    if company is None:
        raise TypeError("a blob belongs to a company: say which")
    blob_id, key = uuid4(), new_key()
    path = places.path_of(blob_id)
    try:
        size, digest = _write(source, path, Cipher(key, company, blob_id))
        sealed = keyring().seal(key, place_of_key(company, blob_id))
        blob = Blob(company_id=company, id=blob_id, size=size, digest=digest, sealed_key=sealed, made_by=viewer.user_id)
        session.add(blob)
        session.flush()
        places.backend().take(blob_id, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return blob


def _write(source: Source, path: Path, cipher: Cipher) -> tuple[int, bytes]:
    """Returns how many clear bytes there were, and their digest."""
    sealer, digest, size = Sealer(cipher), sha256(), 0
    with told_when_full(), os.fdopen(places.create(path), "wb", buffering=0) as file:
        file.write(MAGIC + bytes(TURN))
        for block, last in _blocks(source):
            digest.update(block)
            size += len(block)
            write_all(file.fileno(), sealer.seal(block, last))
        os.fsync(file.fileno())
    return size, digest.digest()


def write_all(handle: int, data: memoryview) -> None:
    done = 0
    while done < len(data):
        done += os.write(handle, data[done:])


def _blocks(source: Source) -> Iterator[tuple[memoryview, bool]]:
    """Blocks of BLOCK bytes and the rest, and whether each is the last."""
    held = bytearray()
    for piece in _pieces(source):
        held += piece
        while len(held) > BLOCK:
            yield memoryview(bytes(held[:BLOCK])), False
            del held[:BLOCK]
    yield memoryview(bytes(held)), True


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
    key = keyring().open(bytes(blob.sealed_key), place_of_key(blob.company_id, blob.id))
    shape, opener = Shape(blob.size), Opener(Cipher(key, blob.company_id, blob.id), blob.size)
    reader = places.backend().open(blob.id)
    if reader.size != shape.stored:
        reader.close()
        raise Tampered(f"{blob.id} has {reader.size} bytes instead of {shape.stored}")
    return _opened(reader, shape, opener, start, stop)


def _opened(reader: Reader, shape: Shape, opener: Opener, start: int, stop: int) -> Iterator[bytes]:
    records = memoryview(bytearray(AT_ONCE * RECORD))
    try:
        first, after = start // CHUNK, min(-(-stop // CHUNK), shape.chunks) or 1
        for number in range(first, after, AT_ONCE):
            begin, end = shape.end(number), shape.end(min(number + AT_ONCE, after))
            wanted = records[: end - begin]
            if reader.read(begin, wanted) != len(wanted):
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


@job(queue="default", retries=5, reason="a file is removed for good after who had it removed has gone")
def remove_doomed(company_id: str, blob_id: str) -> None:
    found = select(Blob).where(Blob.company_id == UUID(company_id), Blob.id == UUID(blob_id))
    blob = session.scalar(found.where(Blob.state == State.DOOMED).with_for_update())
    if blob is not None:
        session.delete(blob)
        session.flush()  # what still points to it says so now
        places.backend().remove(blob.id)
