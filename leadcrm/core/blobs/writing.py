"""One request's part of an upload: from the stream into sealed chunks, and what there is of it into the row.

The row says what was acknowledged. The file may hold more: chunks of a writer that was killed. They are sealed, so
whoever goes on can tell which of them are whole, and takes those up instead of asking for them again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from leadcrm.core.blobs import places
from leadcrm.core.blobs.backends import told_when_full
from leadcrm.core.blobs.digesting import Digest
from leadcrm.core.blobs.keys import cipher_of
from leadcrm.core.blobs.models import LASTS, Blob, Spool
from leadcrm.core.blobs.problems import NoSpool, Tampered
from leadcrm.core.blobs.sealing import BLOCK, CHUNK, HEADER, RECORD, Cipher, Opener, Sealer, Shape
from leadcrm.core.blobs.turns import Turn, taken
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import CrmSession, journal, now


@dataclass(frozen=True)
class Known:
    """What the row says."""

    company_id: UUID
    id: UUID
    length: int
    offset: int
    tail: bytes
    cipher: Cipher

    @property
    def shape(self) -> Shape:
        return Shape(self.length)

    @property
    def chunks(self) -> int:
        """How many stand in the file; of an empty upload none before it is finished."""
        return self.shape.chunks if 0 < self.offset == self.length else self.offset // CHUNK


def place_of_tail(company_id: UUID, spool_id: UUID) -> Place:
    return Place("core_spool", "tail", company_id, spool_id)


def known(own: CrmSession, spool_id: UUID) -> Known:
    """Raises NoSpool."""
    row: Spool | None = own.get(Spool, spool_id)
    if row is None or row.expires_at < now():
        raise NoSpool(spool_id)
    tail = keyring().open(bytes(row.tail), place_of_tail(row.company_id, row.id)) if row.tail else b""
    return Known(row.company_id, row.id, row.length, row.offset, tail, cipher_of(row))


def save(it: Known, offset: int, tail: bytes, digest: bytes | None) -> None:
    """In a transaction of its own: acknowledged is acknowledged, whatever becomes of the request."""
    with journal() as own:
        row: Spool | None = own.get(Spool, it.id)
        if row is None:
            raise NoSpool(it.id)
        row.offset, row.digest, row.expires_at = offset, digest, now() + LASTS
        row.tail = keyring().seal(tail, place_of_tail(it.company_id, it.id)) if tail else None


@contextmanager
def going_on(spool_id: UUID) -> Iterator["Writing"]:
    """The upload, and the turn to write it. Raises NoSpool, Busy."""
    with journal() as own:
        known(own, spool_id)  # before a file is made for an upload that does not exist
    with taken(places.path_of(spool_id)) as turn:
        with journal() as own:
            it = known(own, spool_id)  # again: whoever had the turn before has saved by now
        with Digest() as digest:
            yield Writing(_taken_up(it, turn), turn, digest)


def _taken_up(it: Known, turn: Turn) -> Known:
    """With the whole chunks that a killed writer left; what follows them is cut off."""
    with turn.mine() as handle:
        size, shape = os.fstat(handle).st_size, it.shape
        if size < shape.end(it.chunks):
            raise NoSpool(it.id)  # the file is not what was acknowledged: begin anew
        whole = _whole_chunks(it, handle, size)
        if size > shape.end(whole):
            os.ftruncate(handle, shape.end(whole))
        if whole == it.chunks:
            return it
        os.fdatasync(handle)
        offset = min(whole * CHUNK, it.length)
        save(it, offset, b"", None)
    return Known(it.company_id, it.id, it.length, offset, b"", it.cipher)


def _whole_chunks(it: Known, handle: int, size: int) -> int:
    number, shape, opener = it.chunks, it.shape, Opener(it.cipher, it.length)
    record = memoryview(bytearray(RECORD))
    while number < shape.chunks and shape.end(number + 1) <= size:
        begin, end = shape.end(number), shape.end(number + 1)
        try:
            os.preadv(handle, [record[: end - begin]], begin)
            opener.open(number, record[: end - begin])
        except Tampered:
            break
        number += 1
    return number


class Writing:
    """Takes in a stream. `offset` and the tail are what may be acknowledged: in the file, or in the row."""

    def __init__(self, it: Known, turn: Turn, digest: Digest):
        self.known, self._turn = it, turn
        self.offset, self._tail = it.offset, it.tail
        self._sealer = Sealer(it.cipher, it.chunks)
        self._digest = None if it.offset else digest  # of what comes in one piece
        self._block = memoryview(bytearray(BLOCK))
        self._filled = len(it.tail)
        self._block[: self._filled] = it.tail

    def take_in(self, stream: BinaryIO) -> None:
        """Until the upload is complete or the stream has no more; whatever breaks it, what came is saved."""
        try:
            try:
                self._fill(stream)
            finally:
                self._flush()
        finally:
            self._acknowledge()

    def _fill(self, stream: BinaryIO) -> None:
        left = self.known.length - self.known.offset
        while left:
            piece = stream.read(min(BLOCK - self._filled, left))
            if not piece:
                return
            left -= len(piece)
            if self._digest is not None:
                self._digest.update(piece)
            self._put(piece)
            if self._filled == BLOCK:
                self._flush()

    def _put(self, piece: bytes) -> None:
        if len(piece) == BLOCK:
            self._write(memoryview(piece))
            return
        self._block[self._filled : self._filled + len(piece)] = piece
        self._filled += len(piece)

    def _flush(self) -> None:
        """What fills a chunk, or ends the upload, to the file; what does not becomes the tail."""
        if not self._filled:
            return
        number, length = self._sealer.number, self.known.length
        ends = number * CHUNK + self._filled == length
        whole = self._filled if ends else self._filled // CHUNK * CHUNK
        if whole:
            self._write(self._block[:whole])
        rest = self._filled - whole
        self._block[:rest] = self._block[whole : self._filled]
        self._filled, self._tail = rest, bytes(self._block[:rest])
        self.offset = length if ends else self._sealer.number * CHUNK + rest

    def _write(self, clear: memoryview) -> None:
        number, shape = self._sealer.number, self.known.shape
        begin = shape.end(number)
        last = number * CHUNK + len(clear) == self.known.length
        records = self._sealer.seal(clear, last)
        try:
            with self._turn.mine() as handle, told_when_full():
                _write_whole(handle, records, begin)
        except BaseException:
            self._sealer = Sealer(self.known.cipher, number)  # never a second time under the same prefix
            raise
        self.offset, self._tail = min(self._sealer.number * CHUNK, shape.size), b""

    def _acknowledge(self) -> None:
        """Safe from a power failure first; then the row says so."""
        complete = self.offset == self.known.length
        with self._turn.mine() as handle, told_when_full():
            os.fdatasync(handle)
            if self.offset != self.known.offset:
                digest = self._digest.digest() if complete and self._digest is not None else None
                save(self.known, self.offset, self._tail, digest)


def end_empty(blob: Blob) -> None:
    """The one chunk of an upload without any bytes."""
    with taken(places.path_of(blob.id)) as turn, turn.mine() as handle, told_when_full():
        _write_whole(handle, Sealer(cipher_of(blob)).seal(memoryview(b""), last=True), HEADER)
        os.fsync(handle)


def _write_whole(handle: int, data: memoryview, begin: int) -> None:
    """All of it, or nothing."""
    done = 0
    try:
        while done < len(data):
            done += os.pwrite(handle, data[done:], begin + done)
    except BaseException:
        os.ftruncate(handle, begin)
        raise
