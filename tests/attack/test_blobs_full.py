"""A disk that is full while clients send: 507, nothing half, nothing lost, and it goes on when there is room again.

On a small file system of its own where the tests may mount one; else with a limit on the size of files.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from leadcrm.core import blobs
from leadcrm.core.blobs import StorageFull, places, spool, sweeping
from leadcrm.core.blobs.sweeping import Swept
from leadcrm.core.jobs import maintenance
from tests.core.blobs.conftest import As, acting, folder  # noqa: F401  fixtures
from tests.people import ANN

MB = 1024 * 1024
ROOM = 6 * MB
CONTENT = os.urandom(4 * MB)


class Disk:
    """The disk of the files, and somebody else who fills it."""

    def __init__(self, place: Path, limited: bool):
        self.place, self.limited = place, limited
        self.ballast = place / "ballast"

    @contextmanager
    def with_room_for(self, size: int) -> Iterator[None]:
        if self.limited:
            with _no_file_larger_than(size):
                yield
            return
        with self.ballast.open("wb") as file:
            free = os.statvfs(self.place).f_bavail * os.statvfs(self.place).f_frsize
            file.write(bytes(max(0, free - size)))
        yield
        self.ballast.unlink()


@contextmanager
def _no_file_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def disk(
    app: Flask,
    worker_app: Flask,
    folder: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=700", "none", place], capture_output=True, check=False
    )
    for each in (app, worker_app):
        each.extensions["config"] = each.extensions["config"].model_copy(update={"blob_folder": place / "blobs"})
        places.start(each)
    monkeypatch.setattr(places, "refuse_without_room", lambda _length: None)  # the disk itself is to say it
    yield Disk(place, limited=mounted.returncode != 0)
    if mounted.returncode == 0:
        subprocess.run(["umount", place], check=True)


def files(disk: Disk) -> list[Path]:
    return [path for path in disk.place.rglob("*") if path.is_file() and path != disk.ballast]


@pytest.mark.parametrize("room", [0, 1000, 70_000, MB, 3 * MB])
def test_keeping_a_file(disk: Disk, acting: As, room: int) -> None:  # noqa: F811
    with acting(ANN), disk.with_room_for(room), pytest.raises(StorageFull):
        blobs.keep(BytesIO(CONTENT))
    assert files(disk) == []
    with acting(ANN):
        assert b"".join(blobs.read(blobs.keep(BytesIO(CONTENT)))) == CONTENT


def send(ident: UUID, piece: int, told: list[int]) -> None:
    """Piece after piece; how far each came is told."""
    while (reached := told[-1]) < len(CONTENT):
        told.append(spool.append(ident, reached, BytesIO(CONTENT[reached : reached + piece])))


@pytest.mark.parametrize("room", [0, 1000, 70_000, MB, 3 * MB])
@pytest.mark.parametrize("piece", [100_000, MB, 4 * MB])
def test_an_upload(disk: Disk, acting: As, worker_app: Flask, room: int, piece: int) -> None:  # noqa: F811
    with acting(ANN):
        ident = spool.begin(len(CONTENT))
    told = [0]
    with acting(ANN), disk.with_room_for(room), pytest.raises(StorageFull):
        send(ident, piece, told)
    with worker_app.app_context(), maintenance("a repair in between"):
        assert sweeping.sweep_now() == Swept()
    with acting(ANN):
        offset = spool.find(ident).offset
        assert told[-1] <= offset < len(CONTENT)
        spool.append(ident, offset, BytesIO(CONTENT[offset:]))
        assert b"".join(blobs.read(spool.finish(ident))) == CONTENT


def test_what_was_there_can_be_read_and_removed(disk: Disk, acting: As) -> None:  # noqa: F811
    with acting(ANN):
        blob = blobs.keep(BytesIO(CONTENT[:MB]))
        with disk.with_room_for(0):
            assert b"".join(blobs.read(blob)) == CONTENT[:MB]
            blobs.doom(blob)
