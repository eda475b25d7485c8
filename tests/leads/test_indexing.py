"""The words of all leads in today's version, over several slices, also when leads come and go in between."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core import jobs as core_jobs
from leadcrm.core.db import session
from leadcrm.core.jobs import checkpoint, defer, maintenance, run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.leads import jobs
from leadcrm.leads.models.found_by import Indexed
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.services import indexing
from tests import upkeep
from tests.people import ANN, EVE, HOME

Slices = list[UUID | None]


@pytest.fixture
def one_step_a_slice(monkeypatch: pytest.MonkeyPatch) -> Slices:
    """What had been reached before each; by the clock comes none."""
    begun: Slices = []
    step = indexing.index_some

    def noted() -> bool:
        begun.append(session.scalar(select(Indexed.reached).where(Indexed.id == HOME)))
        return step()

    monkeypatch.setattr(indexing, "index_some", noted)
    monkeypatch.setattr(indexing, "CHUNK", 2)
    monkeypatch.setattr(core_jobs, "SLICE_SECONDS", 0)
    monkeypatch.setattr(core_jobs, "_jobs", upkeep.without_clock())
    return begun


@pytest.fixture
def leads(worker_app: Flask) -> Callable[..., list[UUID]]:
    def made(number: int, who: Any = ANN) -> list[UUID]:
        with worker_app.app_context(), maintenance("test data"):
            rows = [Lead(company_id=who.company_id, owner_id=who.id, reference=f"L{each}") for each in range(number)]
            session.add_all(rows)
            session.flush()
            return sorted(row.id for row in rows)

    return made


def forget_words(admin_url: str, ids: list[UUID]) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE leads_lead SET search = NULL WHERE id = ANY (%s)", [ids])


def without_words(admin_url: str) -> int:
    with psycopg.connect(admin_url) as admin:
        row: Any = admin.execute("SELECT count(*) FROM leads_lead WHERE search IS NULL").fetchone()
    return int(row[0])


def test_it_ends_complete_over_several_slices(
    worker_app: Flask, urls: Urls, admin_url: str, one_step_a_slice: Slices, leads: Callable[..., list[UUID]]
) -> None:
    ids, elsewhere = leads(5), leads(3, EVE)
    forget_words(admin_url, ids + elsewhere)
    one_step_a_slice.clear()
    with worker_app.app_context(), maintenance("a test"):
        defer(jobs.index_leads)
    run_worker(worker_app, urls.worker, wait=False)
    assert without_words(admin_url) == 0
    assert {ids[1], ids[3], ids[4]} <= set(one_step_a_slice)
    before = len(one_step_a_slice)
    with worker_app.app_context(), maintenance("a test"):
        defer(jobs.index_leads)
    run_worker(worker_app, urls.worker, wait=False)
    assert len(one_step_a_slice) == before + 1, "with nothing to do it looks once"


def test_rows_that_come_and_go_in_between(
    worker_app: Flask, admin_url: str, one_step_a_slice: Slices, leads: Callable[..., list[UUID]]
) -> None:
    ids = leads(6)
    forget_words(admin_url, ids)
    with worker_app.app_context(), maintenance("a test"):
        assert indexing.index_some()
        checkpoint()
        _come_and_go(ids)
        while indexing.index_some():
            checkpoint()
    assert without_words(admin_url) == 0


def _come_and_go(ids: list[UUID]) -> None:
    """One is removed that was to be next, and where the walk has been already one comes in."""
    session.delete(session.get(Lead, ids[2]))
    session.add(Lead(company_id=HOME, owner_id=ANN.id, id=UUID(int=1), reference="early"))
    checkpoint()
