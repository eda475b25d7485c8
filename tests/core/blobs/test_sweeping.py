"""What nobody knows goes, and what somebody is making stays."""

import os
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, places, spool, sweeping
from leadcrm.core.blobs.sweeping import Swept
from leadcrm.core.db import session
from leadcrm.core.jobs import maintenance, run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import viewing_as
from tests.core.blobs.conftest import As
from tests.people import ANN
from tests.world import viewer_of

Sweep = Callable[[], Swept]


@pytest.fixture
def sweep(worker_app: Flask, folder: Path) -> Sweep:
    def swept() -> Swept:
        with worker_app.app_context(), maintenance("a test sweeps"):
            return sweeping.sweep_now()

    return swept


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def kept(acting: As, content: bytes = b"kept") -> UUID:
    with acting(ANN):
        return blobs.keep(BytesIO(content)).id


def test_a_refused_request_leaves_an_orphan_that_goes(acting: As, app: Flask, folder: Path, sweep: Sweep) -> None:
    stays = kept(acting)
    with app.app_context(), viewing_as(viewer_of(ANN)):
        blobs.keep(BytesIO(b"refused"))
        session.rollback()
    assert len(files(folder)) == 2
    assert sweep() == Swept(orphans=1)
    assert files(folder) == {str(stays)}
    assert sweep() == Swept()


def test_what_is_not_committed_yet_is_waited_for(acting: As, app: Flask, folder: Path, sweep: Sweep) -> None:
    found: list[Swept] = []
    with app.app_context(), viewing_as(viewer_of(ANN)):
        blob = blobs.keep(BytesIO(b"in the middle"))
        sweeper = threading.Thread(target=lambda: found.append(sweep()))
        sweeper.start()
        sweeper.join(0.5)
        assert sweeper.is_alive()
        session.commit()
        sweeper.join(90)
        assert found == [Swept()]
        assert b"".join(blobs.read(blob)) == b"in the middle"


def test_it_does_not_wait_for_ever(
    acting: As, app: Flask, folder: Path, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "PATIENCE", 0.2)
    with app.app_context(), viewing_as(viewer_of(ANN)):
        blobs.keep(BytesIO(b"in the middle"))
        with pytest.raises(sweeping.StillWriting):
            sweep()
        session.rollback()


def test_what_is_being_written_stays(acting: As, folder: Path, sweep: Sweep) -> None:
    def source() -> object:
        yield b"first"
        assert sweep() == Swept()
        yield b"second"

    with acting(ANN):
        assert b"".join(blobs.read(blobs.keep(source()))) == b"firstsecond"  # type: ignore[arg-type]  # a generator


def test_what_a_killed_process_was_writing_goes(acting: As, app: Flask, folder: Path, sweep: Sweep) -> None:
    kept(acting)
    with app.app_context():
        places.path_of(uuid4()).write_bytes(b"half")
        (folder / "spool" / "README").write_text("not ours")
    assert sweep() == Swept(left=1)
    assert (folder / "spool" / "README").exists()


def test_uploads_stay_until_they_expire(acting: As, folder: Path, sweep: Sweep, admin_url: str) -> None:
    with acting(ANN):
        ident = spool.begin(200_000)
    with acting(ANN):
        spool.append(ident, 0, BytesIO(bytes(100_000)))
    assert sweep() == Swept()
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE core_spool SET expires_at = now() - interval '1 second'")
    assert sweep() == Swept(expired=1)
    assert files(folder) == set()


def test_the_jobs_of_the_hour_and_of_the_night(acting: As, folder: Path, worker_app: Flask, admin_url: str) -> None:
    with acting(ANN):
        spool.begin(10)
    lost = kept(acting)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE core_spool SET expires_at = now() - interval '1 second'; DELETE FROM core_blob")
    with worker_app.app_context(), maintenance("as a worker does"):
        sweeping.sweep()
        assert files(folder) == {str(lost)}
        while sweeping.sweep_all():
            pass
        assert files(folder) == set()
    with psycopg.connect(admin_url) as admin:
        assert admin.execute("SELECT count(*) FROM core_spool").fetchone() == (0,)


def test_a_finish_that_was_refused_can_be_asked_for_again(acting: As, app: Flask, folder: Path, sweep: Sweep) -> None:
    content = os.urandom(100_000)
    with acting(ANN):
        ident = spool.begin(len(content))
    with app.app_context(), viewing_as(viewer_of(ANN)):
        for start in (0, 50_000):
            spool.append(ident, start, BytesIO(content[start : start + 50_000]))
        spool.finish(ident)
        session.rollback()
    assert sweep() == Swept()  # its upload is still there
    with acting(ANN):
        blob = spool.finish(ident)
        assert b"".join(blobs.read(blob)) == content


def test_a_doomed_file_goes_after_the_commit(
    acting: As, app: Flask, folder: Path, worker_app: Flask, urls: Urls
) -> None:
    ident = kept(acting)
    with app.app_context(), viewing_as(viewer_of(ANN)):
        blobs.doom(session.get(Blob, ident))
        session.rollback()
    run_worker(worker_app, urls.worker, wait=False)
    assert files(folder) == {str(ident)}
    with acting(ANN):
        blobs.doom(session.get(Blob, ident))
        session.commit()
        assert files(folder) == {str(ident)}
    run_worker(worker_app, urls.worker, wait=False)
    assert files(folder) == set()
    with acting(ANN):
        assert session.get(Blob, ident) is None


def test_what_its_job_did_not_remove_the_sweep_does(acting: As, folder: Path, sweep: Sweep, admin_url: str) -> None:
    ident = kept(acting)
    with acting(ANN):
        blobs.doom(session.get(Blob, ident))
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM procrastinate.procrastinate_jobs")
    assert sweep() == Swept(doomed=1)
    assert files(folder) == set()


def test_a_dropped_upload_leaves_nothing(acting: As, folder: Path, worker_app: Flask, urls: Urls) -> None:
    with acting(ANN):
        ident = spool.begin(200_000)
        spool.append(ident, 0, BytesIO(bytes(100_000)))
        spool.drop(ident)
    run_worker(worker_app, urls.worker, wait=False)
    assert files(folder) == set()
