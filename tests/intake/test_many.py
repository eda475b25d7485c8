"""Many that come at once cost the database hardly more than one: statements are counted, and jobs."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, func, select

from leadcrm.core.db import engine_of, session
from leadcrm.distribution.models.claim import Waiting
from leadcrm.intake.models.terms import State
from tests.distribution.factories import switched_on
from tests.intake.conftest import LEAD, As, Given, Post
from tests.people import MEG

Work = Callable[[], int]
Arrivals = Callable[[], list[Any]]


def another(number: int) -> dict[str, Any]:
    applicant = {"call_name": "Jan", "birth_name": f"Vries{number}", "email": f"jan{number}@voorbeeld.nl"}
    return LEAD | {"applicant": applicant, "bericht": "Graag na zessen bellen."}


@pytest.fixture
def asked(worker_app: Flask) -> Any:
    found: list[str] = []
    with worker_app.app_context():
        engine = engine_of(worker_app)
    event.listen(engine, "before_cursor_execute", listening := lambda *args: found.append(args[2]))
    yield found
    event.remove(engine, "before_cursor_execute", listening)


def test_a_batch_takes_as_many_statements_as_one(
    as_: As, given: Given, post: Post, work: Work, arrivals: Arrivals, asked: list[str], admin_url: str
) -> None:
    with as_(MEG):
        switched_on()
    post(given, another(0))
    work()
    one = len(asked)
    asked.clear()
    for number in range(1, 13):
        assert post(given, another(number)).status_code == 202
    assert work() == 12
    assert len(asked) <= one + 2, list(asked)
    assert {each.state for each in arrivals()} == {State.LEAD}
    with as_(MEG):
        assert session.scalar(select(func.count()).select_from(Waiting)) == 13
    jobs = "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE task_name = 'distribution.jobs.hand_out'"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        assert admin.execute(jobs).fetchone() == (1,)
