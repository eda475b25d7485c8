"""What the doctor says of files."""

from collections import namedtuple
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from leadcrm.core import blobs
from leadcrm.core.blobs import spool
from leadcrm.core.doctor import stored
from leadcrm.core.doctor.examining import CORE, examined
from leadcrm.core.doctor.report import FAIL, OK, WARN, State
from leadcrm.core.doctor.subject import Subject
from tests.core.blobs.conftest import As
from tests.people import ANN

BY_NAME = {check.name: check for check in CORE}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def says(worker_app: Flask, folder: Path) -> Callable[[str], State]:
    subject = Subject(worker_app.extensions["config"], worker_app)
    return lambda name: next(iter(examined(subject, [BY_NAME[name]]))).state


@pytest.fixture
def kept(acting: As, folder: Path) -> Path:
    with acting(ANN):
        ident: UUID = blobs.keep(BytesIO(bytes(200_000))).id
    return folder / ident.hex[:2] / str(ident)


def test_all_is_well(kept: Path, says: Callable[[str], State]) -> None:
    assert [says(check.name) for check in stored.CHECKS] == [OK] * 4


def test_a_file_that_others_may_read(kept: Path, says: Callable[[str], State]) -> None:
    kept.chmod(0o640)
    assert says("blobs.place") == FAIL


def test_a_folder_that_others_may_read(kept: Path, folder: Path, says: Callable[[str], State]) -> None:
    folder.chmod(0o755)
    assert says("blobs.place") == FAIL


def test_nothing_kept_yet(says: Callable[[str], State]) -> None:
    assert says("blobs.place") == OK


@pytest.mark.parametrize(("mib", "state"), [(0.5, FAIL), (5, WARN), (50, OK)])
def test_room(says: Callable[[str], State], monkeypatch: pytest.MonkeyPatch, mib: float, state: State) -> None:
    monkeypatch.setattr(stored.shutil, "disk_usage", lambda _folder: Usage(0, 0, int(mib * 1024 * 1024)))
    assert says("blobs.room") == state


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(file.read_bytes()[:-1]),
                                  lambda file: file.write_bytes(bytes(file.stat().st_size))])  # fmt: skip
def test_a_file_that_was_harmed(kept: Path, says: Callable[[str], State], harm: Callable[[Path], object]) -> None:
    harm(kept)
    assert says("blobs.sound") == FAIL


def test_a_file_that_nobody_knows(kept: Path, says: Callable[[str], State], admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("DELETE FROM core_blob")
    assert says("blobs.known") == WARN


def test_uploads_that_nobody_swept(acting: As, says: Callable[[str], State], admin_url: str) -> None:
    with acting(ANN):
        spool.begin(10)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE core_spool SET expires_at = now() - interval '3 hours'")
    assert says("blobs.known") == WARN
