"""Long upkeep gives way: in slices, never in two workers at once, and whatever else waits goes first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.core import jobs
from leadcrm.core.db import session
from leadcrm.core.jobs import UPKEEP_LOCK, Rank, checkpoint, defer, job, maintenance, run_worker
from leadcrm.core.jobs_steps import walked
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import Everything, viewing_as
from tests import upkeep
from tests.together import together


@pytest.fixture(autouse=True)
def written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "said_in", [tmp_path / "said"])
    monkeypatch.setattr(jobs, "run", upkeep.saying(jobs.run))


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch, admin_url: str) -> Iterator[None]:
    monkeypatch.setattr(jobs, "_jobs", upkeep.without_clock())
    yield
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("TRUNCATE procrastinate.procrastinate_workers, procrastinate.procrastinate_jobs CASCADE")


def asked(app: Flask, *functions: Any) -> None:
    with app.app_context(), maintenance("a test"):
        for each in functions:
            defer(each)


def test_of_two_workers_one_at_most_is_busy_with_upkeep(
    worker_app: Flask, urls: Urls, no_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.3)
    monkeypatch.setattr(upkeep, "steps", [20])
    asked(worker_app, *upkeep.KINDS)
    with upkeep.workers(2, worker_app, urls):
        upkeep.until(lambda: sum(line.what == "step" for line in upkeep.said()) == 3 * 20)
        upkeep.until(lambda: upkeep.said()[-1].what == "end")
    done = sorted((first.at, last.at) for first, last in upkeep.slices(upkeep.said()))
    assert len(done) > len(upkeep.KINDS)
    assert all(one[1] <= other[0] for one, other in zip(done, done[1:], strict=False))


def test_the_other_worker_is_free_for_what_somebody_waits_for(
    worker_app: Flask, urls: Urls, no_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 2 * upkeep.PATIENCE_SECONDS)
    monkeypatch.setattr(upkeep, "steps", [10**6])
    asked(worker_app, *upkeep.KINDS)
    with upkeep.workers(2, worker_app, urls):
        upkeep.until(lambda: any(line.what == "step" for line in upkeep.said()))
        asked(worker_app, upkeep.asked_for)
        upkeep.until(lambda: any(line.what == "end" for line in upkeep.said()))
    (busy,) = {line.process for line in upkeep.said() if upkeep.is_upkeep(line)}
    (ended,) = (line for line in upkeep.said() if line.what == "end")
    assert not upkeep.is_upkeep(ended) and ended.process != busy


def test_what_is_left_is_queued_with_the_last_step(
    worker_app: Flask, admin_url: str, no_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0)
    monkeypatch.setattr(upkeep, "steps", [3])
    each = jobs._jobs["tests.upkeep.dust"]
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for left in (1, 1, 0):
            jobs.run(worker_app, each, None, None, [])
            waiting = admin.execute(
                "SELECT task_name, priority, lock, queueing_lock FROM procrastinate.procrastinate_jobs"
            ).fetchall()
            assert waiting == [(each.name, Rank.UPKEEP, UPKEEP_LOCK, each.name)] * left
            admin.execute("TRUNCATE procrastinate.procrastinate_jobs CASCADE")
        assert admin.execute("SELECT count(*) FROM core_job_place").fetchone() == (0,)
    assert [line.what for line in upkeep.said()] == ["begin", "step", "end"] * 3


def test_within_its_time_it_goes_on(worker_app: Flask, no_clock: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "steps", [3])
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 60)
    jobs.run(worker_app, jobs._jobs["tests.upkeep.dust"], None, None, [])
    assert [line.what for line in upkeep.said()] == ["begin", "step", "step", "step", "end"]


def test_a_walk_goes_on_where_it_was_kept(worker_app: Flask) -> None:
    places: list[str | None] = []

    def on(place: str | None) -> str | None:
        places.append(place)
        return str(len(places)) if len(places) < 5 else None

    with worker_app.app_context(), viewing_as(Everything("a test")):
        assert walked("a walk", on)
        checkpoint()
        assert walked("a walk", on)
        session.rollback()
        assert walked("a walk", on)
        checkpoint()
        assert walked("another", on)
        assert not walked("a walk", on)
        checkpoint()
        assert walked("a walk", lambda place: place or "from the beginning")
        session.rollback()
    assert places == [None, "1", "1", None, "3"]


@job(reason="a test", gives_way=True)
def long_one(done: str = "0") -> None:
    for number in range(int(done) + 1, 6):
        checkpoint(str(number))


@job(reason="a test", gives_way=True)
def with_its_ids(ident: str) -> None:
    tried.append(ident)
    for _number in range(3 if len(tried) < 3 else 1):
        checkpoint()


def names_begun() -> list[str]:
    return [line.name.rpartition(".")[2] for line in upkeep.said() if line.what == "begin"]


def test_what_is_waited_for_gives_way_too(
    worker_app: Flask, urls: Urls, no_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To who waits longer, and after all before upkeep."""
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0)
    monkeypatch.setattr(upkeep, "steps", [1])
    asked(worker_app, upkeep.dust, long_one, upkeep.asked_for)
    run_worker(worker_app, urls.worker, wait=False)
    assert names_begun() == ["long_one", "asked_for", "long_one", "long_one", "dust"]


def test_it_goes_on_with_what_it_was_asked(
    worker_app: Flask, urls: Urls, admin_url: str, no_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0)
    tried.clear()
    with worker_app.app_context(), maintenance("a test"):
        defer(with_its_ids, "a lead", lock="of the lead")
    jobs.run(worker_app, jobs._jobs[f"{__name__}.with_its_ids"], None, None, ["a lead"], "of the lead")
    with psycopg.connect(admin_url) as admin:
        queued = admin.execute("SELECT lock, args->'ids' FROM procrastinate.procrastinate_jobs").fetchall()
    assert queued == [("of the lead", ["a lead"])] * 2
    run_worker(worker_app, urls.worker, wait=False)
    assert set(tried) == {"a lead"} and len(tried) > 2
    assert states(admin_url) == []


# ── what is declared ──


def test_by_the_clock_comes_nothing_without_a_rank(worker_app: Flask, urls: Urls) -> None:
    """Of every periodic task there is, whoever declared it and however: when, and never twice in the queue."""
    queue = jobs.queue_app(worker_app, urls.worker)
    with together() as case:
        for (name, _id), periodic in queue.periodic_registry.periodic_tasks.items():
            with case(name):
                task = periodic.task
                assert task.priority in set(Rank), "declare it with job(rank=…)"
                assert task.queueing_lock, "its next time must not pile up on the last"
                assert (task.lock == UPKEEP_LOCK) == (task.priority == Rank.UPKEEP)
    assert len(queue.periodic_registry.periodic_tasks) > 30


def test_a_periodic_job_must_say_its_rank() -> None:
    with pytest.raises(TypeError, match="who waits for it"):
        job(cron="* * * * *", reason="a test")(lambda: None)


def test_upkeep_begins_at_minutes_of_its_own() -> None:
    at = [each.cron.split()[0] for each in jobs.declared() if each.cron and each.is_upkeep]
    fixed = [minute for minute in at if minute.isdigit()]
    assert len(fixed) == len(set(fixed)), sorted(fixed)


def test_upkeep_takes_no_ids(worker_app: Flask) -> None:
    with worker_app.app_context(), viewing_as(Everything("a test")), pytest.raises(TypeError, match="no ids"):
        defer(upkeep.dust, "one lead only")


# ── the same waits already ──

tried: list[str] = []


@job(retries=3, reason="a test")
def fails_at_first() -> None:
    tried.append("once")
    if len(tried) == 1:
        defer(fails_at_first, once="the same")
        checkpoint()
        raise RuntimeError("as the test wants it")


@pytest.fixture
def only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"{__name__}.fails_at_first"
    monkeypatch.setattr(jobs, "_jobs", {name: jobs._jobs[name]})
    tried.clear()


def states(admin_url: str) -> list[str]:
    with psycopg.connect(admin_url) as admin:
        found = admin.execute("SELECT status::text FROM procrastinate.procrastinate_jobs ORDER BY 1").fetchall()
    return [state for (state,) in found]


def test_a_failed_job_whose_like_waits_has_ended(
    worker_app: Flask, urls: Urls, admin_url: str, only_that: None
) -> None:
    """It would stay one that is being done, by a worker that lives: nobody would ever take it up again."""
    asked_once(worker_app)
    run_worker(worker_app, urls.worker, wait=False)
    assert (tried, states(admin_url)) == (["once", "once"], [])


def test_a_stalled_job_whose_like_waits_has_ended(
    worker_app: Flask, urls: Urls, admin_url: str, only_that: None
) -> None:
    """Nor may the others that stalled wait for it."""
    asked_once(worker_app)
    with psycopg.connect(admin_url, autocommit=True, options="-c search_path=procrastinate") as admin:
        admin.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    asked_once(worker_app)
    assert states(admin_url) == ["doing", "todo"]
    jobs.rescue_now(worker_app, urls.worker)
    assert states(admin_url) == ["todo"]


def asked_once(worker_app: Flask) -> None:
    with worker_app.app_context(), maintenance("a test"):
        defer(fails_at_first, once="the same")
