"""Jobs: born with the transaction, run as who asked, taken over when their worker dies."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from leadcrm.core import jobs
from leadcrm.core.db import session
from leadcrm.core.jobs import defer, job, run_worker, will_be_tried_again
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import Everything, current_viewer, viewing_as
from leadcrm.leads.models.lead import Lead
from tests.attempts import attempts, disabled, no_answer
from tests.people import ANN, BOB, HOME
from tests.world import viewer_of

seen: list[object] = []


@job()
def look_around(ident: str) -> None:
    """A job of the tests: notes who it runs as and what it can see."""
    viewer = current_viewer()
    seen.append((ident, viewer.user_id, sorted(session.scalars(select(Lead.reference)))))


@job()
def note(ident: str) -> None:
    """A job of the tests that asks nobody who looks."""
    seen.append(ident)


@job(reason="a job of the tests counts every lead")
def count_all() -> None:
    seen.append(len(session.scalars(select(Lead.id)).all()))


@job(retries=2)
def never_answered() -> None:
    """A job of the tests whose every statement is stopped."""
    try:
        no_answer()
    except OperationalError as problem:
        seen.append((will_be_tried_again(problem), will_be_tried_again(ZeroDivisionError())))
        raise


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def leads_of_both(worker_app: Flask) -> None:
    with worker_app.app_context(), viewing_as(Everything("test data")):
        session.add_all(Lead(company_id=HOME, owner_id=who.id, reference=who.name) for who in (ANN, BOB))
        session.commit()


def waiting(admin_url: str) -> int:
    with psycopg.connect(admin_url) as admin:
        return int(
            (
                admin.execute("SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE status = 'todo'").fetchone()
                or (0,)
            )[0]
        )


def test_a_job_does_not_exist_before_the_commit(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        defer(look_around, "x")
        assert waiting(admin_url) == 0
        session.rollback()
    assert waiting(admin_url) == 0
    with app.app_context(), viewing_as(viewer_of(ANN)):
        defer(look_around, "x")
        session.commit()
    assert waiting(admin_url) == 1


@pytest.mark.asvs("V8.3.3")
def test_it_runs_as_who_asked_and_sees_no_more(app: Flask, worker_app: Flask, urls: Urls) -> None:
    leads_of_both(worker_app)
    with app.app_context(), viewing_as(viewer_of(ANN)):
        defer(look_around, "mine")
        session.commit()
    run_worker(worker_app, urls.worker, wait=False)
    assert seen == [("mine", ANN.id, [ANN.name])]


def test_a_maintenance_job_sees_everything(app: Flask, worker_app: Flask, urls: Urls) -> None:
    leads_of_both(worker_app)
    with app.app_context(), viewing_as(viewer_of(ANN)):
        defer(count_all)
        session.commit()
    run_worker(worker_app, urls.worker, wait=False)
    assert seen == [2]


def test_who_was_disabled_meanwhile_does_nothing_any_more(
    app: Flask, worker_app: Flask, urls: Urls, admin_url: str
) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        defer(look_around, "late")
        defer(note, "late")
        session.commit()
    with disabled(ANN, admin_url):
        run_worker(worker_app, urls.worker, wait=False)
    assert seen == []


def test_a_call_does_not_depend_on_the_time_of_day(worker_app: Flask, urls: Urls, admin_url: str) -> None:
    """What is periodic is for workers that stay: at some minutes a call would look at the whole instance as well."""
    run_worker(worker_app, urls.worker, wait=False)
    with psycopg.connect(admin_url) as admin:
        queued = admin.execute("SELECT task_name FROM procrastinate.procrastinate_periodic_defers").fetchall()
    assert queued == []


def test_once_means_once(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        first = defer(look_around, "a", once="only one")
        assert defer(look_around, "b", once="only one") == first
        session.commit()
    assert waiting(admin_url) == 1


def test_it_knows_whether_the_queue_tries_again(worker_app: Flask, urls: Urls, admin_url: str) -> None:
    """A lost database need not be told before the last attempt; what else goes wrong is told at once."""
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        defer(never_answered)
        session.commit()
    assert attempts(worker_app, urls, admin_url) == 3
    assert seen == [(True, False), (True, False), (False, False)]
    with psycopg.connect(admin_url) as admin:
        found = admin.execute("SELECT status FROM procrastinate.procrastinate_jobs").fetchall()
    assert found == [("failed",)]


def test_web_processes_cannot_read_the_queue(app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)), pytest.raises(Exception, match="permission denied"):
        session.execute(text("SELECT * FROM procrastinate.procrastinate_jobs"))


def test_a_periodic_job_must_say_why_it_sees_everything() -> None:
    with pytest.raises(TypeError, match="say why"):
        job(cron="* * * * *")(lambda: None)


KILLED = """
import sys, time
from leadcrm.app import create_app
from leadcrm.core import jobs
from leadcrm.core.config import Config
from leadcrm.core.jobs import job, run_worker

def look_around(ident):
    print("started", flush=True)
    time.sleep(60)

job()(look_around)
name = "tests.core.test_jobs.look_around"
jobs._jobs[name] = jobs.Job(name, look_around, "default", 0, None, "")
run_worker(create_app(Config(instance=sys.argv[1], testing=True), sys.argv[2]), sys.argv[2])
"""


@pytest.mark.attack
def test_the_job_of_a_killed_worker_is_done_by_another(
    app: Flask, worker_app: Flask, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STALLED_AFTER_SECONDS", 1)
    with app.app_context(), viewing_as(viewer_of(ANN)):
        defer(look_around, "again")
        session.commit()
    command = [sys.executable, "-c", KILLED, os.environ["TESTS_INSTANCE"], urls.worker]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "started\n"
        worker.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 90
    while not seen and time.monotonic() < deadline:
        time.sleep(1)
        jobs.rescue_now(worker_app, urls.worker)
        run_worker(worker_app, urls.worker, wait=False)
    assert [entry[0] for entry in seen] == ["again"]  # type: ignore[index]  # tuples of look_around
