"""An arrival becomes a lead while long upkeep is under way, with one worker: real processes, real queue."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.core import jobs
from leadcrm.core.jobs import Rank, defer, maintenance
from leadcrm.core.postgres.urls import Urls
from leadcrm.intake.models.terms import State
from tests import upkeep
from tests.intake.conftest import Given, Post

TAKE_IN = "intake.jobs.take_in"
SLICE_SECONDS = 0.3
Arrivals = Callable[[], list[Any]]


def test_it_waits_for_one_slice_at_most(
    given: Given, post: Post, arrivals: Arrivals, worker_app: Flask, urls: Urls, admin_url: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(upkeep, "said_in", [tmp_path / "said"])
    monkeypatch.setattr(jobs, "run", upkeep.saying(jobs.run))
    monkeypatch.setattr(jobs, "SLICE_SECONDS", SLICE_SECONDS)
    monkeypatch.setattr(jobs, "_jobs", upkeep.without_clock())
    with worker_app.app_context(), maintenance("a test"):
        for each in upkeep.KINDS:
            defer(each)
    with upkeep.workers(1, worker_app, urls):
        under_way = upkeep.until(upkeep.said)
        assert post(given).status_code == 202
        before = len(upkeep.said())
        upkeep.until(lambda: arrivals()[0].state == State.LEAD)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("TRUNCATE procrastinate.procrastinate_jobs, procrastinate.procrastinate_workers CASCADE")
    assert upkeep.is_upkeep(under_way[0])
    names = [(line.what, line.name) for line in upkeep.said()]
    waited = names[before : names.index(("begin", TAKE_IN))]
    assert sum(what == "begin" for what, _name in waited) <= 1  # taken just before the arrival was there
    assert sum(what == "step" for what, _name in waited) <= 2 * SLICE_SECONDS / upkeep.STEP_SECONDS


def test_who_wakes_the_worker_says_how_urgent_it_is(given: Given, post: Post, admin_url: str) -> None:
    """The database does, in the transaction of the request; its number is that of the program."""
    assert post(given).status_code == 202
    with psycopg.connect(admin_url) as admin:
        queued = admin.execute("SELECT task_name, priority FROM procrastinate.procrastinate_jobs").fetchall()
    assert queued == [(TAKE_IN, Rank.PERSON)]
    assert jobs._jobs[TAKE_IN].rank == Rank.PERSON
