"""kill -9 of a worker in the middle of upkeep: whoever takes over repeats no step that was kept, and skips none."""

import os
import random
import signal
import time

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core import jobs
from leadcrm.core.db import session
from leadcrm.core.jobs import Rank, defer, job, maintenance, rescue_now, run_worker
from leadcrm.core.jobs_steps import walked
from leadcrm.core.postgres.urls import Urls
from leadcrm.leads.models.found_by import NameWord
from tests import upkeep
from tests.attack.fuse import Fuse, run
from tests.people import HOME
from tests.world import forget_superusers, forget_what_tests_wrote

STEPS = 7
POINTS = ["before rows", "after rows", "before a commit", "after a commit"]


def write(place: str | None) -> str | None:
    """One that is done again is refused by the table, and one that is left out is missed."""
    number = int(place or 0) + 1
    session.add(NameWord(company_id=HOME, word=f"step {number}", fingerprints=[], times=1))
    session.flush()
    return str(number) if number < STEPS else None


@job(reason="a test", rank=Rank.UPKEEP)
def write_all() -> bool:
    return walked("tests.write", write)


class Office:
    def __init__(self, app: Flask, urls: Urls, admin_url: str):
        self.app, self.urls, self.admin_url = app, urls, admin_url

    def asked(self) -> None:
        forget_what_tests_wrote(self.admin_url)
        forget_superusers()  # a connection is not for two processes
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute("TRUNCATE procrastinate.procrastinate_jobs CASCADE")
        with self.app.app_context(), maintenance("a test"):
            defer(write_all)

    def works(self, say: object = None) -> None:
        run_worker(self.app, self.urls.worker, wait=False)

    def another_takes_over(self) -> None:
        """Unless all was done and the queue did not know yet: then it would walk once more, as at its next time."""
        if len(self.written()) == STEPS:
            with psycopg.connect(self.admin_url, autocommit=True) as admin:
                admin.execute("TRUNCATE procrastinate.procrastinate_jobs CASCADE")
            return
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jobs, "STALLED_AFTER_SECONDS", 0)
            rescue_now(self.app, self.urls.worker)
        self.works()

    def written(self) -> list[str]:
        with self.app.app_context(), maintenance("a test"):
            return sorted(session.scalars(select(NameWord.word)))

    def its_time_came_again(self) -> None:
        """While its worker lay dead, the clock queued another."""
        with self.app.app_context(), maintenance("a test"):
            defer(write_all)

    def ended_once(self) -> None:
        assert self.written() == [f"step {number}" for number in range(1, STEPS + 1)]
        with psycopg.connect(self.admin_url) as admin:
            for table in ("procrastinate.procrastinate_jobs", "core_job_place"):
                assert admin.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.fixture
def office(worker_app: Flask, urls: Urls, admin_url: str, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0)
    monkeypatch.setattr(jobs, "_jobs", upkeep.without_clock())
    return Office(worker_app, urls, admin_url)


@pytest.mark.parametrize("point", POINTS)
def test_killed(point: str, office: Office) -> None:
    office.asked()
    _said, ended_by, counted = run(office.app, office.works, Fuse())
    assert ended_by == 0 and counted[point], f"{point} is never passed: {sorted(counted)}"
    office.ended_once()
    for nth in range(1, counted[point] + 1, 2):
        office.asked()
        _said, ended_by, _passed = run(office.app, office.works, Fuse(point, nth))
        assert ended_by == signal.SIGKILL
        if nth % 4 == 1:
            office.its_time_came_again()
        office.another_takes_over()
        office.ended_once()


def test_killed_at_any_moment(office: Office) -> None:
    chance = random.Random(7)  # noqa: S311  no secret
    office.asked()
    began = time.monotonic()
    run(office.app, office.works, Fuse())
    takes = time.monotonic() - began
    for _repeat in range(8):
        office.asked()
        child = os.fork()
        if child == 0:
            try:
                office.app.extensions["database"].forked()
                office.works()
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, takes))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        office.another_takes_over()
        office.ended_once()
