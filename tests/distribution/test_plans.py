"""Every list and count of distribution walks an index as the restricted role, and a page asks little."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, event

from leadcrm.core import db
from leadcrm.core.db import CrmSession, now
from leadcrm.distribution.services import claiming, fairness, loading
from leadcrm.distribution.services.confined import confined_to
from tests.people import ANN, BOB, HOME, MEG
from tests.world import Browser, forget_what_tests_wrote, sign_in_as

# A week is 42 rows of 6,000: not so many that reading the whole table would ever be as cheap.
TABLES = ("leads_lead", "distribution_claim", "distribution_decision", "distribution_handover", "distribution_waiting")
MANY = """
INSERT INTO leads_lead (company_id, id, reference, owner_id, stage, stage_since, contact_attempts, household_name,
    created_at, updated_at)
SELECT %(company)s, gen_random_uuid(), 'T-' || i, CASE WHEN i %% 50 > 0 THEN %(bob)s::uuid END,
    CASE WHEN i %% 10 = 1 THEN 'advice' ELSE 'paid_out' END, now(), 0, 'Naam ' || i, now() - i * interval '4 hours',
    now()
FROM generate_series(1, 6000) AS i;
INSERT INTO distribution_decision (company_id, id, lead_id, at, user_id, among, steps)
SELECT company_id, gen_random_uuid(), id, created_at, %(bob)s, ARRAY[%(bob)s::uuid, %(ann)s::uuid], '[]'
FROM leads_lead;
INSERT INTO distribution_claim (company_id, id, lead_id, user_id, assigned_at, claimed_at, created_at, updated_at)
SELECT company_id, gen_random_uuid(), id, %(bob)s, created_at, now(), now(), now() FROM leads_lead;
INSERT INTO distribution_waiting (company_id, id, lead_id, since, retry_at)
SELECT company_id, gen_random_uuid(), id, created_at, now() + interval '1 day' FROM leads_lead;
INSERT INTO distribution_handover (company_id, id, lead_id, from_id, to_id, by_id, asked_at, state, reason, reference,
    created_at, updated_at)
SELECT company_id, gen_random_uuid(), id, %(bob)s, %(meg)s, %(bob)s, created_at,
    CASE WHEN reference LIKE '%%999' THEN 'waiting' ELSE 'accepted' END, 'x', reference, now(), now() FROM leads_lead;
"""


@pytest.fixture(autouse=True)
def joined() -> None:
    """What is planted here stays for all of this file: no test begins with the people alone."""


@pytest.fixture(scope="module")
def many(whole_app: Flask, admin_url: str) -> Iterator[None]:
    values = {"company": HOME, "ann": ANN.id, "bob": BOB.id, "meg": MEG.id}
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # no foreign-key checks
        for statement in MANY.split(";\n"):
            if statement.strip():
                admin.execute(statement, values)
        for table in TABLES:
            admin.execute(f"VACUUM ANALYZE {table}")
    yield
    forget_what_tests_wrote(admin_url)


@pytest.fixture
def asked(whole_app: Flask, many: None) -> Iterator[list[tuple[str, Any]]]:
    """The statements that were run, with their parameters."""
    engine: Engine = whole_app.extensions["database"].engine
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def refuse_slow(asked: list[tuple[str, Any]], tables: tuple[str, ...] = TABLES) -> None:
    """Asked of the planner in the transaction in which they ran, so as the same role."""
    cursor = db.session.connection().connection.cursor()
    for statement, parameters in list(asked):
        if statement.startswith("SELECT") and any(table in statement for table in tables):
            cursor.execute("EXPLAIN (COSTS OFF) " + statement, parameters)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert not [table for table in tables if f"Seq Scan on {table}" in plan], f"{statement}\n{plan}"


PAGES: list[tuple[Any, str]] = [
    (MEG, "/distribution/"), (MEG, "/distribution/waiting"), (MEG, "/distribution/decisions"),
    (MEG, "/distribution/handovers"), (ANN, "/distribution/handovers"), (MEG, "/distribution/report?days=7"),
    (MEG, "/distribution/preview"), (MEG, "/distribution/agents"), (ANN, "/distribution/mine"),
]  # fmt: skip
MOST = 12


@pytest.mark.parametrize(("who", "path"), PAGES, ids=[f"{who.name} {path}" for who, path in PAGES])
def test_a_page_walks_indexes_and_asks_little(
    whole_app: Flask, admin_url: str, asked: list[tuple[str, Any]], who: Any, path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser: Browser = sign_in_as(whole_app, who, admin_url)
    commit = CrmSession.commit
    counted: list[int] = []

    def look_first(session: CrmSession) -> None:
        """The end of the request: its transaction still knows who looks."""
        if not counted:
            counted.append(len(asked))
            refuse_slow(asked)
        commit(session)

    monkeypatch.setattr(CrmSession, "commit", look_first)
    asked.clear()
    assert browser.get(path).status_code == 200
    assert counted[0] <= MOST, [statement for statement, _parameters in asked]


def test_the_jobs_walk_indexes(whole_worker_app: Flask, many: None) -> None:
    engine: Engine = whole_worker_app.extensions["database"].engine
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    with whole_worker_app.app_context(), confined_to(HOME) as viewer:
        assert loading.open_leads([BOB.id])[BOB.id] == 600
        claiming.take_back_late(viewer)
        claiming.catch_up(viewer)
        fairness.report(fairness.Asked(now() - timedelta(days=3), now()))
        refuse_slow(found)
        db.session.rollback()
    event.remove(engine, "before_cursor_execute", note)
