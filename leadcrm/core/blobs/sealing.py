"""The form in which a file is kept: chunks of 64 KiB, each sealed with AES-256-GCM under a key of this file only.

    header   "leadcrm" and 1, then 8 bytes by which those who write an upload know whose turn it is (spool.py)
    record   prefix (8), ciphertext of one chunk, tag (16)

The nonce is `prefix | number of the chunk (3) | whether it is the last (1)`; the tag covers the company and the id of
the blob too. So a chunk opens in its own place of its own file only, a file cut off has no last chunk, and one that was
made longer has another size than its row says.

The prefix is drawn anew by whoever begins to write. A chunk may be sealed a second time with other bytes (its writer
was killed before the row said so), and then never with the same nonce. What does not fill a chunk waits in the row of
the upload, in a box with a random nonce of its own: no chunk is ever taken back to be filled up.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leadcrm.core.blobs.problems import Tampered
from leadcrm.core.keys.files import KEY_BYTES

CHUNK = 65_536
PREFIX, TAG = 8, 16
OVERHEAD = PREFIX + TAG
RECORD = CHUNK + OVERHEAD
MAGIC = b"leadcrm\x01"
TURN = 8
HEADER = len(MAGIC) + TURN
AT_ONCE = 4  # chunks that are sealed, written, read and opened in one go
BLOCK = AT_ONCE * CHUNK
LONGEST = (2**24 - 1) * CHUNK


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True)
class Shape:
    """Where the chunks of a file of `size` clear bytes lie. An empty file has one chunk, with nothing in it."""

    size: int

    @property
    def chunks(self) -> int:
        return max(1, -(-self.size // CHUNK))

    @property
    def stored(self) -> int:
        """How many bytes the whole file takes."""
        return HEADER + self.size + self.chunks * OVERHEAD

    def end(self, chunks: int) -> int:
        """Where so many chunks end in the file."""
        return HEADER + min(chunks * CHUNK, self.size) + chunks * OVERHEAD

    def is_last(self, number: int) -> bool:
        return number == self.chunks - 1


class Cipher:
    """The key of one file, bound to its place. Encryption and decryption run outside the interpreter's lock."""

    def __init__(self, key: bytes, company_id: UUID, blob_id: UUID):
        self._gcm = AESGCM(key)
        self._bound = b"leadcrm blob" + company_id.bytes + blob_id.bytes

    def seal(self, prefix: bytes, number: int, last: bool, clear: memoryview, record: memoryview) -> None:
        """Into `record`, which is OVERHEAD longer."""
        record[:PREFIX] = prefix
        self._gcm.encrypt_into(_nonce(prefix, number, last), clear, self._bound, record[PREFIX:])

    def open(self, number: int, last: bool, record: memoryview, clear: memoryview) -> None:
        """Into `clear`. Raises Tampered."""
        nonce = _nonce(bytes(record[:PREFIX]), number, last)
        try:
            self._gcm.decrypt_into(nonce, record[PREFIX:], self._bound, clear)
        except InvalidTag as error:
            raise Tampered(f"chunk {number} is not what was kept") from error


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(3, "big") + (b"\x01" if last else b"\x00")


class Sealer:
    """Seals chunk after chunk, from `number` on, under a prefix of its own."""

    def __init__(self, cipher: Cipher, number: int = 0):
        self._cipher, self.number = cipher, number
        self._prefix = secrets.token_bytes(PREFIX)
        self._records = memoryview(bytearray(AT_ONCE * RECORD))

    def seal(self, clear: memoryview, last: bool) -> memoryview:
        """The records of at most AT_ONCE chunks, whole ones unless they are the last. Good until the next call."""
        end = 0
        for start in range(0, max(1, len(clear)), CHUNK):
            part = clear[start : start + CHUNK]
            begin, end = end, end + len(part) + OVERHEAD
            final = last and start + CHUNK >= len(clear)
            self._cipher.seal(self._prefix, self.number, final, part, self._records[begin:end])
            self.number += 1
        return self._records[:end]


class Opener:
    """Opens the chunks of a file of this size, in order or not."""

    def __init__(self, cipher: Cipher, size: int):
        self._cipher, self._shape = cipher, Shape(size)
        self._clear = memoryview(bytearray(BLOCK))

    def stored(self, first: int, after: int) -> int:
        """How many bytes these chunks take in the file."""
        return self._shape.end(after) - self._shape.end(first)

    def open(self, number: int, records: memoryview) -> memoryview:
        """The clear bytes of some whole records, from chunk `number` on. Good until the next call. Raises Tampered."""
        end = 0
        for start in range(0, len(records), RECORD):
            record = records[start : start + RECORD]
            begin, end = end, end + len(record) - OVERHEAD
            self._cipher.open(number, self._shape.is_last(number), record, self._clear[begin:end])
            number += 1
        return self._clear[:end]
