"""Whoever has the disk can destroy files, and that is all: nothing they make of one is read as what was kept."""

import os
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, Tampered
from leadcrm.core.blobs.sealing import CHUNK, HEADER, RECORD, Cipher, Opener, Sealer, new_key
from leadcrm.core.crypto import CannotOpen
from leadcrm.core.db import session
from tests.core.blobs.conftest import As
from tests.people import ANN, EVE, Person

SIZE = 5 * CHUNK + 1000


def kept(acting: As, size: int = SIZE, who: Person = ANN) -> UUID:
    with acting(who):
        return blobs.keep(BytesIO(os.urandom(size))).id


def file_of(folder: Path, ident: UUID) -> Path:
    return folder / ident.hex[:2] / str(ident)


def readable(acting: As, ident: UUID, who: Person = ANN) -> int:
    with acting(who):
        return sum(map(len, blobs.read(session.get(Blob, ident))))


def records(content: bytes) -> list[bytes]:
    return [content[start : start + RECORD] for start in range(HEADER, len(content), RECORD)]


def joined(header: bytes, parts: list[bytes]) -> bytes:
    return header + b"".join(parts)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing left": lambda content: b"",
    "only the header": lambda content: content[:HEADER],
    "one byte less": lambda content: content[:-1],
    "one byte more": lambda content: content + b"\0",
    "the last chunk gone": lambda content: content[: HEADER + 5 * RECORD],
    "ends within a chunk": lambda content: content[: HEADER + 2 * RECORD + 100],
    "a chunk twice": lambda content: content + content[-RECORD:],
    "two chunks swapped": lambda content: joined(
        content[:HEADER], [records(content)[n] for n in (0, 2, 1, 3, 4, 5)]
    ),
    "a chunk in another's place": lambda content: joined(
        content[:HEADER], [records(content)[n] for n in (0, 1, 1, 3, 4, 5)]
    ),
    "all zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_not_read(acting: As, folder: Path, change: str) -> None:
    ident = kept(acting)
    file = file_of(folder, ident)
    file.write_bytes(CHANGES[change](file.read_bytes()))
    with pytest.raises(Tampered):
        readable(acting, ident)


def test_no_bit_can_be_flipped(acting: As, folder: Path) -> None:
    ident = kept(acting, CHUNK + 40)
    file = file_of(folder, ident)
    content = file.read_bytes()
    ends = [*range(HEADER, HEADER + 40), *range(len(content) - 40, len(content)), len(content) // 2]
    for at in ends:
        flipped = bytearray(content)
        flipped[at] ^= 1 << (at % 8)
        file.write_bytes(flipped)
        with pytest.raises(Tampered):
            readable(acting, ident)
    file.write_bytes(content)
    assert readable(acting, ident) == CHUNK + 40


def test_a_file_that_is_gone_is_no_empty_one(acting: As, folder: Path) -> None:
    ident = kept(acting, 0)
    file_of(folder, ident).unlink()
    with pytest.raises(Tampered):
        readable(acting, ident)


def test_files_cannot_be_swapped(acting: As, folder: Path) -> None:
    mine, other, theirs = kept(acting), kept(acting), kept(acting, who=EVE)
    for foreign in (other, theirs):
        shutil.copyfile(file_of(folder, foreign), file_of(folder, mine))
        with pytest.raises(Tampered):
            readable(acting, mine)


def test_a_link_in_its_place_is_not_followed(acting: As, folder: Path, tmp_path: Path) -> None:
    ident = kept(acting)
    file = file_of(folder, ident)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Tampered):
        readable(acting, ident)


def test_a_row_with_another_key_or_size_opens_nothing(acting: As) -> None:
    first, second = kept(acting), kept(acting)
    with acting(ANN):
        one, two = session.get(Blob, first), session.get(Blob, second)
        one.sealed_key = two.sealed_key
        with pytest.raises(CannotOpen):
            blobs.read(one)
        for size in (SIZE - 1, SIZE + 1, SIZE - CHUNK, 0):
            two.size = size
            with pytest.raises(Tampered):
                b"".join(blobs.read(two))
        session.rollback()


def test_no_nonce_comes_twice(acting: As) -> None:
    """Not for the same chunk sealed again with other bytes, nor for any other of the file."""
    key, company, blob = new_key(), uuid4(), uuid4()
    prefixes = set()
    for content in (b"first", b"other"):
        sealer = Sealer(Cipher(key, company, blob), number=3)
        record = bytes(sealer.seal(memoryview(content.ljust(CHUNK)), last=False))
        prefixes.add(record[:8])
    assert len(prefixes) == 2


def test_a_cut_off_file_is_noticed_whatever_its_row_says(acting: As) -> None:
    """The mark of the last chunk, apart from the size in the row."""
    cipher = Cipher(new_key(), uuid4(), uuid4())
    sealed = bytes(Sealer(cipher).seal(memoryview(bytes(2 * CHUNK)), last=True))
    assert len(Opener(cipher, 2 * CHUNK).open(0, memoryview(sealed))) == 2 * CHUNK
    with pytest.raises(Tampered):
        Opener(cipher, CHUNK).open(0, memoryview(sealed[:RECORD]))
    with pytest.raises(Tampered):
        Opener(cipher, 3 * CHUNK).open(0, memoryview(sealed))


RANGES = [
    (0, 0), (0, 1), (CHUNK - 1, CHUNK + 1), (CHUNK, 2 * CHUNK),
    (SIZE - 1, SIZE), (SIZE, SIZE), (3, SIZE), (0, 2 * SIZE),
]  # fmt: skip


@pytest.mark.parametrize(("start", "stop"), RANGES)
def test_a_range_opens_only_its_chunks(acting: As, folder: Path, start: int, stop: int) -> None:
    content = os.urandom(SIZE)
    with acting(ANN):
        blob = blobs.keep(BytesIO(content))
        ident = blob.id
    file = file_of(folder, ident)
    stored = bytearray(file.read_bytes())
    touched = range(start // CHUNK, -(-min(stop, SIZE) // CHUNK))
    for number in set(range(6)) - set(touched) - ({0} if not stop else set()):
        stored[HEADER + number * RECORD + 100] ^= 1  # those that are not needed may be broken
    file.write_bytes(stored)
    with acting(ANN):
        assert b"".join(blobs.read(session.get(Blob, ident), start, stop)) == content[start:stop]


def test_a_range_that_is_none(acting: As) -> None:
    ident = kept(acting, 10)
    with acting(ANN):
        for start, stop in ((-1, 5), (5, 4), (11, None)):
            with pytest.raises(ValueError, match="from"):
                blobs.read(session.get(Blob, ident), start, stop)


def test_files_are_for_their_owner_only(acting: As, folder: Path) -> None:
    before = os.umask(0)
    try:
        ident = kept(acting)
    finally:
        os.umask(before)
    file = file_of(folder, ident)
    assert file.stat().st_mode & 0o777 == 0o600
    for each in (file.parent, folder, folder / "spool"):
        assert each.stat().st_mode & 0o777 == 0o700


def test_a_chunk_opens_for_its_own_blob_and_company_only() -> None:
    """Even under the same key."""
    key, company, blob = new_key(), uuid4(), uuid4()
    sealed = memoryview(bytes(Sealer(Cipher(key, company, blob)).seal(memoryview(b"clear"), last=True)))
    assert bytes(Opener(Cipher(key, company, blob), 5).open(0, sealed)) == b"clear"
    for other in (Cipher(key, company, uuid4()), Cipher(key, uuid4(), blob), Cipher(new_key(), company, blob)):
        with pytest.raises(Tampered):
            Opener(other, 5).open(0, sealed)
