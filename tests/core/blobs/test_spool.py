"""An upload in pieces: joins them, survives breaks, and never says that it has what it has not."""

import os
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, StorageFull, spool, turns
from leadcrm.core.blobs.problems import Busy, Incomplete, NoSpool, TooLarge, WrongOffset
from leadcrm.core.db import session
from tests.core.blobs.conftest import As
from tests.people import ANN, BOB, EVE, MEG

MB = 1024 * 1024


class Breaks:
    """A stream whose connection breaks after so many bytes, which come in pieces of `at_once`."""

    def __init__(self, content: bytes, after: int, at_once: int = 10_000):
        self.stream, self.left, self.at_once = BytesIO(content), after, at_once

    def read(self, size: int = -1) -> bytes:
        if not self.left:
            raise ConnectionResetError
        piece = self.stream.read(min(size, self.left, self.at_once))
        self.left -= len(piece)
        return piece


def broken(content: bytes, after: int, at_once: int = 10_000) -> BinaryIO:
    return cast(BinaryIO, Breaks(content, after, at_once))


def begun(acting: As, length: int) -> UUID:
    with acting(ANN):
        return spool.begin(length)


@pytest.mark.parametrize("size", [0, 2, 65_536, 65_537, 262_144, MB + 7])
@pytest.mark.parametrize("pieces", [1, 3])
def test_pieces_become_the_file(acting: As, folder: Path, size: int, pieces: int) -> None:
    content = os.urandom(size)
    ident = begun(acting, size)
    cuts = [size * n // pieces for n in range(pieces + 1)]
    for start, stop in zip(cuts, cuts[1:], strict=False):
        with acting(ANN):
            assert spool.append(ident, start, BytesIO(content[start:stop])) == stop
    with acting(ANN):
        blob = spool.finish(ident)
        assert (blob.id, blob.size, blob.digest) == (ident, size, sha256(content).digest())
    with acting(ANN):
        assert b"".join(blobs.read(session.get(Blob, ident))) == content
    assert not list((folder / "spool").iterdir())


@pytest.mark.parametrize("after", [0, 1, 65_535, 65_536, 200_000, 262_144, 300_000, 999_999])
def test_a_broken_connection_loses_nothing_of_what_came(acting: As, after: int) -> None:
    content = os.urandom(MB)
    ident = begun(acting, MB)
    with acting(ANN), pytest.raises(ConnectionResetError):
        spool.append(ident, 0, broken(content, after))
    with acting(ANN):
        assert spool.find(ident).offset == after
        assert spool.append(ident, after, BytesIO(content[after:])) == MB
        assert b"".join(blobs.read(spool.finish(ident))) == content


def test_an_upload_byte_by_byte(acting: As) -> None:
    content = os.urandom(65_546)
    ident = begun(acting, len(content))
    with acting(ANN):
        spool.append(ident, 0, BytesIO(content[:65_530]))
        for at in range(65_530, len(content)):
            assert spool.append(ident, at, BytesIO(content[at : at + 1])) == at + 1
        assert b"".join(blobs.read(spool.finish(ident))) == content


def test_a_wrong_offset_changes_nothing(acting: As) -> None:
    ident = begun(acting, 100)
    with acting(ANN):
        spool.append(ident, 0, BytesIO(b"a" * 40))
        for wrong in (0, 39, 41, 100):
            with pytest.raises(WrongOffset) as told:
                spool.append(ident, wrong, BytesIO(b"b" * 60))
            assert told.value.offset == 40
        spool.append(ident, 40, BytesIO(b"b" * 60))
        assert b"".join(blobs.read(spool.finish(ident))) == b"a" * 40 + b"b" * 60


def test_no_more_is_taken_than_was_announced(acting: As) -> None:
    ident = begun(acting, 10)
    stream = BytesIO(b"0123456789too much")
    with acting(ANN):
        assert spool.append(ident, 0, stream) == 10
        assert stream.read() == b"too much"
        assert b"".join(blobs.read(spool.finish(ident))) == b"0123456789"


def test_a_half_upload_is_not_finished(acting: As) -> None:
    ident = begun(acting, 10)
    with acting(ANN):
        spool.append(ident, 0, BytesIO(b"01234"))
        with pytest.raises(Incomplete):
            spool.finish(ident)
        assert spool.find(ident).offset == 5


def test_only_its_maker_sees_it(acting: As) -> None:
    ident = begun(acting, 10)
    for other in (BOB, MEG, EVE):
        with acting(other):
            with pytest.raises(NoSpool):
                spool.find(ident)
            with pytest.raises(NoSpool):
                spool.append(ident, 0, BytesIO(b"theirs"))
            with pytest.raises(NoSpool):
                spool.drop(ident)
            with pytest.raises(NoSpool):
                spool.finish(ident)
    with acting(ANN):
        assert spool.find(ident).offset == 0


def test_what_never_was_makes_no_file(acting: As, folder: Path) -> None:
    with acting(ANN), pytest.raises(NoSpool):
        spool.append(uuid4(), 0, BytesIO(b"x"))
    assert not (folder / "spool").exists() or not list((folder / "spool").iterdir())


@pytest.mark.asvs("V5.2.1")
def test_larger_than_a_file_may_be(acting: As) -> None:
    with acting(ANN):
        for length in (-1, 100 * MB + 1):
            with pytest.raises(TooLarge):
                spool.begin(length)
        spool.begin(100 * MB)


@pytest.mark.asvs("V5.2.4")
def test_who_leaves_uploads_behind_cannot_go_on_for_ever(acting: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_UNFINISHED", 3)
    with acting(ANN):
        first, *_others = [spool.begin(10) for _ in range(3)]
        with pytest.raises(StorageFull):
            spool.begin(10)
        spool.drop(first)
        spool.begin(10)
    with acting(BOB):
        spool.begin(10)


def test_two_at_once_are_refused_and_the_silent_one_is_overtaken(
    acting: As, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = os.urandom(MB)
    ident = begun(acting, MB)

    class Meanwhile(BytesIO):
        """Half of it has been written when the same client comes again."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= MB // 2:
                with pytest.raises(Busy):
                    spool.append(ident, 0, BytesIO(content))
                monkeypatch.setattr(turns, "PATIENCE", 0)
                assert spool.find(ident).offset == MB // 2
                assert spool.append(ident, MB // 2, BytesIO(content[MB // 2 :])) == MB
                self.seek(0)
                return b"\0" * (size or 0)  # the connection wakes up with something else
            return super().read(size)

    with acting(ANN):
        with pytest.raises(Busy):
            spool.append(ident, 0, Meanwhile(content))
        assert b"".join(blobs.read(spool.finish(ident))) == content


def test_two_who_ask_at_once_are_both_told(acting: As, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = begun(acting, MB)
    with acting(ANN):
        spool.append(ident, 0, BytesIO(bytes(1000)))
        with turns.taken(folder / "spool" / str(ident)):
            monkeypatch.setattr(spool, "left_behind", lambda _path: True)  # it was, a moment ago
            assert spool.find(ident).offset == 1000


def test_a_dropped_upload_is_gone(acting: As, folder: Path, worker_app: Flask) -> None:
    ident = begun(acting, MB)
    with acting(ANN):
        spool.append(ident, 0, BytesIO(bytes(MB)))
        spool.drop(ident)
    with acting(ANN), pytest.raises(NoSpool):
        spool.find(ident)


def test_what_waits_is_of_no_use_to_who_has_the_disk(acting: As, folder: Path) -> None:
    ident = begun(acting, MB)
    with acting(ANN):
        spool.append(ident, 0, BytesIO(b"a payslip " * 50_000))
    stored = (folder / "spool" / str(ident)).read_bytes()
    assert b"payslip" not in stored
    assert (folder / "spool" / str(ident)).stat().st_mode & 0o777 == 0o600
    assert (folder / "spool").stat().st_mode & 0o777 == 0o700


def test_it_expires(acting: As, admin_url: str) -> None:
    ident = begun(acting, 10)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE core_spool SET expires_at = now() - interval '1 second'")
    with acting(ANN), pytest.raises(NoSpool):
        spool.find(ident)
