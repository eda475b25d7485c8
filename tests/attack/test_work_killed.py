"""kill -9 of a real worker that makes an export, does something to many leads, or takes that back.

Whoever takes over loses nothing and repeats nothing: one whole file, every lead once, told once, in the trail once.
"""

import csv
import io
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from leadcrm.bulk import jobs as bulk_jobs
from leadcrm.bulk.models import Batch, Item, Result
from leadcrm.bulk.models import State as BatchState
from leadcrm.bulk.services import actions, batches
from leadcrm.core import blobs, jobs
from leadcrm.core.audit import AuditLine
from leadcrm.core.blobs import Blob, sweeping
from leadcrm.core.db import session
from leadcrm.core.jobs import maintenance, rescue_now, run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.exports import jobs as export_jobs
from leadcrm.exports.models import Export, State
from leadcrm.exports.services import making
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.services import many
from leadcrm.notifications.models import News
from tests.attack.fuse import Fuse, run
from tests.bulk.conftest import As, as_, some_leads  # noqa: F401  fixtures
from tests.bulk.conftest import Leads as Made
from tests.core.blobs.conftest import folder  # noqa: F401  a fixture
from tests.people import ANN, BOB, HOME, MEG
from tests.world import forget_superusers, forget_what_tests_wrote

LEADS, REPEATS = 7, 3
IN_THE_DATABASE = ["before rows", "after rows", "before a commit", "after a commit"]
ON_THE_DISK = [
    "within a block of a file that is kept", "before a sync of a file or folder", "before the move of a file",
    "after the move of a file",
]  # fmt: skip


@dataclass
class Office:
    """Seven leads, and a worker at work on them."""

    folder: Path
    as_: As
    some_leads: Made
    worker_app: Flask
    urls: Urls
    admin_url: str

    def begin_anew(self) -> list[UUID]:
        forget_what_tests_wrote(self.admin_url)
        forget_superusers()  # a connection is not for two processes
        shutil.rmtree(self.folder, ignore_errors=True)
        ids = self.some_leads(ANN, LEADS)
        with psycopg.connect(self.admin_url, options="-c search_path=procrastinate") as admin:
            admin.execute("DELETE FROM procrastinate_jobs")
        return ids

    def works(self, say: Callable[[str], None]) -> None:
        run_worker(self.worker_app, self.urls.worker, wait=False)
        say("nothing left")

    def another_takes_over(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jobs, "STALLED_AFTER_SECONDS", 0)
            rescue_now(self.worker_app, self.urls.worker)
        run_worker(self.worker_app, self.urls.worker, wait=False)

    def killed(self, fuse: Fuse) -> tuple[int, Counter[str]]:
        said, ended_by, counted = run(self.worker_app, self.works, fuse)
        assert said == ([] if ended_by else ["nothing left"]), said
        return ended_by, counted

    def what_was_told(self) -> list[int]:
        """How many times, of each piece of news."""
        return list(session.scalars(select(News.times).where(News.user_id == MEG.id)))

    def noted(self, *names: str) -> int:
        return session.scalar(select(func.count()).where(AuditLine.action.in_(names))) or 0


@pytest.fixture
def office(folder: Path, as_: As, some_leads: Made, worker_app: Flask, urls: Urls, admin_url: str) -> Office:  # noqa: F811
    return Office(folder, as_, some_leads, worker_app, urls, admin_url)


@pytest.fixture(autouse=True)
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "AT_A_TIME", 2)
    monkeypatch.setattr(batches, "CHUNK", 2)
    asked_for = {name: each for name, each in jobs._jobs.items() if each.cron is None}
    monkeypatch.setattr(jobs, "_jobs", asked_for)  # without what a worker does every so often: each point is of ours


@dataclass
class Exporting:
    office: Office

    def asked(self) -> None:
        self.office.begin_anew()
        with self.office.as_(MEG):
            export = Export(company_id=HOME, user_id=MEG.id, form="csv", listed="", columns=["goal"], said=LEADS)
            session.add(export)
            session.flush()
            export_jobs.defer_make(export)

    def whole_or_not_there(self) -> None:
        with self.office.as_(MEG):
            export = session.scalars(select(Export)).one()
            assert export.state in (State.WAITING, State.RUNNING, State.DONE)
            if export.state == State.DONE:
                self.is_whole(export)
            else:
                assert export.blob_id is None and self.office.what_was_told() == []

    def is_whole(self, export: Export) -> None:
        blob = session.scalars(select(Blob).where(Blob.id == export.blob_id)).one()
        text = b"".join(blobs.read(blob)).decode("utf-8-sig")
        found = [row[1] for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")][1:]
        assert sorted(found) == sorted(session.scalars(select(Lead.reference)))
        assert export.rows == len(found) == LEADS

    def ended_once(self) -> None:
        with self.office.as_(MEG):
            export = session.scalars(select(Export)).one()
            assert export.state == State.DONE
            self.is_whole(export)
            assert session.scalar(select(func.count()).select_from(Blob)) == 1
            assert (self.office.noted("exports.made"), self.office.what_was_told()) == (1, [1])
            kept = str(export.blob_id)
        with self.office.worker_app.app_context(), maintenance("a repair"):
            sweeping.sweep_now()
        assert [path.name for path in self.office.folder.rglob("*") if path.is_file()] == [kept]


@dataclass
class Assigning:
    """Meg gives Ann's leads to Bob."""

    office: Office

    def asked(self) -> None:
        ids = self.office.begin_anew()
        action = actions.known("assign")
        assert action is not None
        with self.office.as_(MEG):
            batch = batches.begin(action, {"owner": str(BOB.id)}, LEADS)
            batches.gather(batch, many.references(ids).items())
            bulk_jobs.defer_run(batch)

    def whole_or_not_there(self) -> None:
        """A lead has changed hands, stands in the results and tells of it; or none of that."""
        with self.office.as_(MEG):
            done = set(session.scalars(select(Item.lead_id).where(Item.result == Result.DONE)))
            assert set(session.scalars(select(Lead.id).where(Lead.owner_id == BOB.id))) == done
            assert sorted(session.scalars(select(Entry.lead_id).where(Entry.batch_id.is_not(None)))) == sorted(done)

    def ended_once(self) -> None:
        self.whole_or_not_there()
        with self.office.as_(MEG):
            assert session.scalars(select(Batch)).one().state == BatchState.DONE
            assert sorted(session.scalars(select(Item.number))) == list(range(LEADS))
            assert (self.changes_of_hands(), self.office.what_was_told()) == (LEADS, [1])

    def changes_of_hands(self) -> int:
        """In the trail."""
        lines = session.scalars(select(AuditLine.body).where(AuditLine.subject == "leads_lead"))
        return sum(str(BOB.id) in body for body in lines)


@dataclass
class TakingBack(Assigning):
    """And takes that back."""

    def asked(self) -> None:
        super().asked()
        run_worker(self.office.worker_app, self.office.urls.worker, wait=False)
        with self.office.as_(MEG):
            batch = session.scalars(select(Batch)).one()
            assert self.office.what_was_told() == [1]
            batches.begin_undo(batch, actions.known("assign"))
            bulk_jobs.defer_undo(batch)

    def whole_or_not_there(self) -> None:
        with self.office.as_(MEG):
            left = set(session.scalars(select(Item.lead_id).where(Item.result == Result.DONE)))
            assert set(session.scalars(select(Lead.id).where(Lead.owner_id == BOB.id))) == left
            assert len(session.scalars(select(Lead.id).where(Lead.owner_id == ANN.id)).all()) == LEADS - len(left)

    def ended_once(self) -> None:
        self.whole_or_not_there()
        with self.office.as_(MEG):
            assert session.scalars(select(Batch)).one().state == BatchState.UNDONE
            assert set(session.scalars(select(Item.result))) == {Result.UNDONE}
            assert sorted(session.scalars(select(Item.number))) == list(range(LEADS))
            assert (self.changes_of_hands(), self.office.what_was_told()) == (2 * LEADS, [2])


KINDS = {"export": Exporting, "assign": Assigning, "undo": TakingBack}
CASES = [
    *(("export", point) for point in (*IN_THE_DATABASE, *ON_THE_DISK)),
    *((kind, point) for kind in ("assign", "undo") for point in IN_THE_DATABASE),
]


@pytest.mark.parametrize(("kind", "point"), CASES)
def test_killed(kind: str, point: str, office: Office) -> None:
    work = KINDS[kind](office)
    work.asked()
    ended_by, counted = office.killed(Fuse())
    assert ended_by == 0
    work.ended_once()
    times = counted[point]
    assert times, f"{point} is never passed: {sorted(counted)}"
    for nth in some_of(times):
        work.asked()
        ended_by, passed = office.killed(Fuse(point, nth))
        assert ended_by == signal.SIGKILL or passed[point] < nth  # how often differs a little
        work.whole_or_not_there()
        office.another_takes_over()
        work.ended_once()


def some_of(times: int) -> list[int]:
    """The last ones, when it is told and the queue does not know yet, and others spread before them."""
    return sorted({*range(max(1, times - REPEATS + 1), times + 1), *range(1, times, -(-times // REPEATS))})


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_moment(kind: str, office: Office) -> None:
    """From outside, whatever it was doing."""
    work, chance = KINDS[kind](office), random.Random(5)  # noqa: S311  no secret
    work.asked()
    began = time.monotonic()
    office.killed(Fuse())
    takes = time.monotonic() - began
    for _repeat in range(10):
        work.asked()
        killed_after(chance.uniform(0, takes), office)
        work.whole_or_not_there()
        office.another_takes_over()
        work.ended_once()


def killed_after(seconds: float, office: Office) -> None:
    child = os.fork()
    if child == 0:
        try:
            office.worker_app.extensions["database"].forked()
            office.works(lambda _line: None)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
