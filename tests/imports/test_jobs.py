"""The work in the background, done by a real worker from the real queue."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.jobs import checkpoint, defer, maintenance, run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import viewing_as
from leadcrm.imports import jobs
from leadcrm.imports.models import Chunk, Import, OnDuplicate, OnProblem, State
from leadcrm.imports.services import running, steering, undoing
from leadcrm.imports.services.receiving import receive
from leadcrm.leads.models.lead import Lead
from tests.attempts import attempts, disabled, no_answer
from tests.imports.files import LOANS
from tests.people import ANN, MEG
from tests.world import viewer_of


def the_only(model: Any) -> Any:
    return session.scalars(select(model)).one()


def test_a_worker_checks_imports_and_undoes(app: Flask, worker_app: Flask, urls: Urls) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        steering.begin_check(receive(viewer_of(ANN), "x.csv", LOANS.encode()))
        defer(jobs.check, the_only(Import).id)
        checkpoint()
        run_worker(worker_app, urls.worker, wait=False)
        assert the_only(Import).state == State.CHECKED
        steering.begin(the_only(Import), OnProblem.LEAVE_OUT, OnDuplicate.SKIP)
        jobs.defer_slices(the_only(Import).id)
        checkpoint()
        run_worker(worker_app, urls.worker, wait=False)
        assert the_only(Import).state == State.DONE
        assert {lead.owner_id for lead in session.scalars(select(Lead))} == {ANN.id}
        steering.begin_undo(the_only(Import))
        defer(jobs.undo, the_only(Import).id)
        checkpoint()
        run_worker(worker_app, urls.worker, wait=False)
        assert the_only(Import).state == State.UNDONE
        assert session.scalars(select(Lead)).all() == []


def test_what_goes_wrong_is_told_and_can_go_on(worker_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> int:
        raise ZeroDivisionError

    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        steering.begin_check(receive(viewer_of(ANN), "x.csv", LOANS.encode()))
        ident = str(the_only(Import).id)
        checkpoint()
        with monkeypatch.context() as patch:
            patch.setattr(running, "judge", broken)
            jobs.check(ident)
            assert the_only(Import).state == State.MAPPING
            assert "vastgelegd" in the_only(Import).problem
        steering.begin_check(the_only(Import))
        checkpoint()
        jobs.check(ident)
        steering.begin(the_only(Import), OnProblem.LEAVE_OUT, OnDuplicate.SKIP)
        checkpoint()
        with monkeypatch.context() as patch:
            patch.setattr(running.writing, "write", broken)
            jobs.run_slice(ident)
            assert the_only(Import).state == State.FAILED
        steering.go_on(the_only(Import))
        checkpoint()
        jobs.run_slice(ident)
        assert the_only(Import).state == State.DONE
        assert len(session.scalars(select(Lead)).all()) == 4


@pytest.mark.parametrize("work", ["check", "run_slice", "undo"])
def test_a_database_that_never_answers_is_told_in_the_end(
    worker_app: Flask, urls: Urls, admin_url: str, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    """Nobody looks at a bar that does not move for ever: it says so, and goes on when it is told to."""
    begun = {"check": State.CHECKING, "run_slice": State.IMPORTING, "undo": State.UNDOING}
    for each in (running, undoing):
        monkeypatch.setattr(each, work, no_answer, raising=False)
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        steering.begin_check(receive(viewer_of(ANN), "x.csv", LOANS.encode()))
        the_only(Import).state = begun[work]
        defer(getattr(jobs, work), the_only(Import).id)
        checkpoint()
        run_worker(worker_app, urls.worker, wait=False)
        assert (the_only(Import).state, the_only(Import).problem) == (begun[work], None)
        checkpoint()
        attempts(worker_app, urls, admin_url)
        assert the_only(Import).state == (State.MAPPING if work == "check" else State.FAILED)
        assert "vastgelegd" in the_only(Import).problem


@pytest.mark.parametrize("work", ["check", "run_slice", "undo"])
def test_a_colleague_goes_on_when_whoever_began_it_was_disabled(
    worker_app: Flask, urls: Urls, admin_url: str, work: str
) -> None:
    begun = {"check": State.CHECKING, "run_slice": State.IMPORTING, "undo": State.UNDOING}
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        steering.begin_check(receive(viewer_of(ANN), "x.csv", LOANS.encode()))
        the_only(Import).state = begun[work]
        defer(getattr(jobs, work), the_only(Import).id)
        checkpoint()
        with disabled(ANN, admin_url):
            run_worker(worker_app, urls.worker, wait=False)
    with worker_app.app_context(), viewing_as(viewer_of(MEG)):
        assert the_only(Import).state == (State.MAPPING if work == "check" else State.FAILED)
        assert "kan niet meer inloggen" in the_only(Import).problem
        steering.begin_check(the_only(Import)) if work == "check" else steering.go_on(the_only(Import))


def test_what_ended_before_whoever_began_it_was_disabled_stays_as_it_is(
    worker_app: Flask, urls: Urls, admin_url: str
) -> None:
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        receive(viewer_of(ANN), "x.csv", LOANS.encode()).state = State.DONE
        session.flush()
        defer(jobs.run_slice, the_only(Import).id)
        checkpoint()
        with disabled(ANN, admin_url):
            run_worker(worker_app, urls.worker, wait=False)
        assert (the_only(Import).state, the_only(Import).problem) == (State.DONE, None)


def test_old_files_are_forgotten(worker_app: Flask, admin_url: str) -> None:
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        for _number in range(3):
            receive(viewer_of(ANN), "x.csv", LOANS.encode())
            checkpoint()
        recent, unfinished, ended = session.scalars(select(Import.id).order_by(Import.created_at)).all()
        checkpoint()
        long_ago = now() - timedelta(days=40)
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("UPDATE imports_import SET updated_at = %s WHERE id = %s", [long_ago, unfinished])
            admin.execute("UPDATE imports_import SET ended_at = %s, state = 'done' WHERE id = %s", [long_ago, ended])
    with worker_app.app_context(), maintenance("test"):
        while jobs.forget_old():
            checkpoint()
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        assert set(session.scalars(select(Import.id))) == {recent, ended}
        kept = {chunk.import_id: chunk.sealed for chunk in session.scalars(select(Chunk))}
        assert kept[ended] is None
        assert kept[recent] is not None
