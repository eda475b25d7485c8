"""kill -9 while files are kept, uploaded, finished, removed and swept: at every point that touches disk or database.

Afterwards: nothing half can be read, nothing lies in clear, nothing that was acknowledged is lost, an upload goes on
where it was, and after a repair no file is left that no row knows.
"""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, places, spool, sweeping, turns
from leadcrm.core.blobs.models import State
from leadcrm.core.blobs.problems import NoSpool
from leadcrm.core.db import session
from leadcrm.core.jobs import maintenance
from leadcrm.core.scope import viewing_as
from tests.attack.fuse import Fuse, run
from tests.core.blobs.conftest import As, acting, folder  # noqa: F401  fixtures
from tests.people import ANN, HOME
from tests.world import forget_what_tests_wrote, viewer_of

REPEATS = 20
CANARY = b"salaris 4.213,77 per maand; "
SIZES = {"kept": 700_000, "doomed": 300_000, "uploaded": 900_000, "empty": 0}
POINTS = [
    "before the header of an upload", "after the header of an upload",
    "before a block of an upload", "within a block of an upload", "after a block of an upload",
    "before a sync of an upload", "after a sync of an upload",
    "before what a row says of an upload", "before a commit of an upload", "after a commit of an upload",
    "after what a row says of an upload", "before the end of a turn", "after the end of a turn",
    "before the end of an upload", "after the end of an upload",
    "before a block of a file that is kept", "within a block of a file that is kept",
    "after a block of a file that is kept", "before a sync of a file or folder", "after a sync of a file or folder",
    "before the taking over of a file", "before the move of a file", "after the move of a file",
    "after the taking over of a file", "before rows", "after rows", "before a commit", "after a commit",
    "before the removal of a file", "after the removal of a file",
    "before the removal of a file that came in", "after the removal of a file that came in",
    "after the sealing of a key or tail", "after a folder", "after a key",
]  # fmt: skip


def content_of(what: str) -> bytes:
    return (CANARY * (SIZES[what] // len(CANARY) + 1))[: SIZES[what]]


WHAT = {size: what for what, size in SIZES.items()}


@pytest.fixture
def story(worker_app: Flask, admin_url: str) -> Callable[[Callable[[str], None]], None]:
    """What the killed process does; it says what it told its client, after it did."""

    def told(say: Callable[[str], None]) -> None:
        with worker_app.app_context():
            with viewing_as(viewer_of(ANN)):
                keep("kept", say)
                doomed = keep("doomed", say)
                upload("uploaded", [0, 250_000, 250_010, 800_000, 900_000], say)
                upload("empty", [0], say)
                left = spool.begin(400_000)
                session.commit()
                spool.append(left, 0, BytesIO(content_of("kept")[:400_000]))
                spool.drop(left)
                session.commit()
                blobs.doom(session.get(Blob, doomed))
                session.commit()
            with maintenance("as the worker does"):
                sweeping.forget(str(HOME), str(left))
                sweeping.remove_doomed(str(HOME), str(doomed))
                session.commit()
                places.backend().take(UUID(int=7), stray(UUID(int=7)))  # of a transaction that was not kept
                stray(UUID(int=8))
                sweeping.sweep_now()

    return told


def stray(ident: UUID) -> Path:
    path = places.path_of(ident)
    path.touch(mode=0o600)
    return path


def keep(what: str, say: Callable[[str], None]) -> UUID:
    blob = blobs.keep(BytesIO(content_of(what)))
    ident = blob.id
    session.commit()
    say(f"kept {what} {ident}")
    return ident


def upload(what: str, cuts: list[int], say: Callable[[str], None]) -> None:
    ident = spool.begin(SIZES[what])
    session.commit()
    say(f"begun {what} {ident}")
    for start, stop in zip(cuts, cuts[1:], strict=False):
        say(f"acknowledged {what} {spool.append(ident, start, BytesIO(content_of(what)[start:stop]))}")
    spool.finish(ident)
    session.commit()
    say(f"kept {what} {ident}")


class Aftermath:
    """What is there when the dust has settled."""

    def __init__(self, place: Path, act: As, worker_app: Flask, admin_url: str):
        self.folder, self.acting, self.worker_app, self.admin_url = place, act, worker_app, admin_url

    def examine(self, said: list[str]) -> None:
        self.nothing_in_clear()
        with self.acting(ANN):
            self.everything_opens()
            self.what_was_said_holds(said)
        with self.worker_app.app_context(), maintenance("a repair"):
            sweeping.sweep_now()
        self.every_file_is_known()
        with self.acting(ANN):
            self.everything_opens()

    def nothing_in_clear(self) -> None:
        for path in self.files():
            assert CANARY[:12] not in path.read_bytes(), path
        with psycopg.connect(self.admin_url) as admin:
            clear = admin.execute("SELECT count(*) FROM core_spool WHERE position(%s IN tail) > 0", [CANARY[:12]])
            assert clear.fetchone() == (0,)

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def everything_opens(self) -> None:
        for blob in session.scalars(select(Blob).where(Blob.state == State.KEPT)):
            assert b"".join(blobs.read(blob)) == content_of(WHAT[blob.size])

    def what_was_said_holds(self, said: list[str]) -> None:
        known = [line.split() for line in said]
        kept = {what: ident for word, what, ident in known if word == "kept"}
        begun = {what: ident for word, what, ident in known if word == "begun"}
        for what, ident in kept.items():
            if what != "doomed":
                assert session.get(Blob, UUID(ident)) is not None, what
        for what, ident in begun.items():
            if what not in kept:
                acknowledged = max((int(n) for word, of, n in known if (word, of) == ("acknowledged", what)), default=0)
                self.goes_on(what, UUID(ident), acknowledged)

    def goes_on(self, what: str, ident: UUID, acknowledged: int) -> None:
        """To its end, by the client that was told no more than this."""
        try:
            offset = spool.find(ident).offset
        except NoSpool:
            assert session.get(Blob, ident) is not None  # finished, and killed before it could say so
            return
        assert offset >= acknowledged
        if offset < SIZES[what]:
            assert spool.append(ident, offset, BytesIO(content_of(what)[offset:])) == SIZES[what]
        spool.finish(ident)
        session.commit()

    def every_file_is_known(self) -> None:
        with psycopg.connect(self.admin_url) as admin:
            known = admin.execute("SELECT id::text FROM core_blob UNION SELECT id::text FROM core_spool").fetchall()
            doomed = admin.execute("SELECT count(*) FROM core_blob WHERE state = 'doomed'").fetchone()
        assert {path.name for path in self.files()} <= {ident for (ident,) in known}
        assert doomed == (0,)


@pytest.fixture
def aftermath(
    folder: Path,  # noqa: F811
    acting: As,  # noqa: F811
    worker_app: Flask,
    admin_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Aftermath:
    monkeypatch.setattr(turns, "PATIENCE", 0)  # who was killed will not come back
    return Aftermath(folder, acting, worker_app, admin_url)


@pytest.mark.parametrize("point", POINTS)
def test_killed(point: str, worker_app: Flask, story: Callable[..., None], aftermath: Aftermath) -> None:
    begin_anew(aftermath)
    said, ended_by, counted = run(worker_app, story, Fuse())
    assert (ended_by, said[-1].split()[:2]) == (0, ["kept", "empty"]), said
    times = counted[point]
    assert times, f"{point} is never passed: {sorted(counted)}"
    for repeat in range(REPEATS):
        begin_anew(aftermath)
        wanted = 1 + repeat * times // REPEATS
        said, ended_by, passed = run(worker_app, story, Fuse(point, wanted))
        assert ended_by == signal.SIGKILL or passed[point] < wanted, said  # how often differs a little
        aftermath.examine(said)


def begin_anew(aftermath: Aftermath) -> None:
    forget_what_tests_wrote(aftermath.admin_url)
    shutil.rmtree(aftermath.folder, ignore_errors=True)


def test_killed_at_any_moment(worker_app: Flask, story: Callable[..., None], aftermath: Aftermath) -> None:
    """From outside, whatever it was doing."""
    began = time.monotonic()
    run(worker_app, story, Fuse())
    takes, chance = time.monotonic() - began, random.Random(7)
    for _repeat in range(60):
        begin_anew(aftermath)
        said = killed_after(worker_app, story, chance.uniform(0, takes))
        aftermath.examine(said)


def killed_after(app: Flask, story: Callable[..., None], seconds: float) -> list[str]:
    reading, saying = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            app.extensions["database"].forked()
            story(lambda line: os.writev(saying, [f"{line}\n".encode()]))
        finally:
            os._exit(0)
    os.close(saying)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read().splitlines()
