"""No room: said in time, nothing half is left, and what was acknowledged before goes on when there is room again."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

import pytest

from leadcrm.core import blobs
from leadcrm.core.blobs import StorageFull, spool
from tests.core.blobs.conftest import As
from tests.people import ANN

CONTENT = os.urandom(1_000_000)



@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 10, 100_000, 600_000])
def test_what_cannot_be_kept_leaves_nothing(acting: As, folder: Path, size: int) -> None:
    with acting(ANN), no_file_larger_than(size), pytest.raises(StorageFull):
        blobs.keep(BytesIO(CONTENT))
    assert files(folder) == []


@pytest.mark.parametrize("size", [10, 200_000, 300_000, 500_000, 700_001])
def test_an_upload_goes_on_when_there_is_room_again(acting: As, size: int) -> None:
    with acting(ANN):
        ident = spool.begin(len(CONTENT))
    acknowledged = 0
    with acting(ANN), no_file_larger_than(size), suppress(StorageFull):
        for start in range(0, len(CONTENT), 100_000):
            acknowledged = spool.append(ident, start, BytesIO(CONTENT[start : start + 100_000]))
    with acting(ANN):
        offset = spool.find(ident).offset
        assert acknowledged <= offset < len(CONTENT)
        assert spool.append(ident, offset, BytesIO(CONTENT[offset:])) == len(CONTENT)
        assert b"".join(blobs.read(spool.finish(ident))) == CONTENT


def test_an_upload_in_one_piece_that_did_not_fit(acting: As) -> None:
    with acting(ANN):
        ident = spool.begin(len(CONTENT))
    with acting(ANN), no_file_larger_than(500_000), pytest.raises(StorageFull):
        spool.append(ident, 0, BytesIO(CONTENT))
    with acting(ANN):
        offset = spool.find(ident).offset
        assert 0 < offset < 500_000
        spool.append(ident, offset, BytesIO(CONTENT[offset:]))
        assert b"".join(blobs.read(spool.finish(ident))) == CONTENT
