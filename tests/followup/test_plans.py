"""Today, the calendar, tasks, and the lists of bulk, exports, notifications and duplicates walk indexes as the
restricted role, over tables of some size; and a page asks little. Custom plans, and those that a prepared statement
keeps for whatever it is given."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, event

from leadcrm.core import db
from leadcrm.core.db import CrmSession
from tests.people import ANN, BOB, HOME, MEG, Person
from tests.world import Browser, forget_what_tests_wrote, sign_in_as

TABLES = (
    "leads_lead", "leads_person", "followup_task", "followup_appointment", "bulk_batch", "bulk_item", "bulk_chunk",
    "exports_export", "notifications_news",
)  # fmt: skip
MOST = 12
# What is due lies thin: seven years of it. Of a year and a half a month is 500 to 700 of the 12,000 leads, which is
# where reading all of them costs PostgreSQL as little as the index: it took now the one plan and now the other.
MANY = """
INSERT INTO leads_lead (company_id, id, reference, owner_id, stage, stage_since, contact_attempts, household_name,
    next_action, next_action_at, created_at, updated_at)
SELECT %(home)s, gen_random_uuid(), 'T-' || i, CASE WHEN i %% 40 = 1 THEN %(ann)s::uuid ELSE %(bob)s::uuid END,
    (ARRAY['new', 'advice', 'paid_out', 'rejected'])[1 + i / 3 %% 4], now(), 0, 'Naam ' || i, 'Bellen',
    now() + (i * 7 %% 12000 - 48) * interval '5 hours', now() - i * interval '7 minute', now()
FROM generate_series(1, 12000) AS i;
INSERT INTO leads_person (company_id, id, lead_id, position, birth_name, phone, email, created_at, updated_at)
SELECT company_id, gen_random_uuid(), id, 1, household_name, '+3161' || lpad(substr(reference, 3), 7, '0'),
    reference || '@voorbeeld.nl', created_at, updated_at FROM leads_lead;
INSERT INTO followup_task (company_id, id, lead_id, title, kind, due_at, priority, assignee_id, done_at, created_at,
    updated_at)
SELECT company_id, gen_random_uuid(), id, 'Taak', 'todo', next_action_at, 'normal', owner_id,
    CASE WHEN reference LIKE '%%3' THEN now() END, now(), now() FROM leads_lead;
INSERT INTO followup_appointment (company_id, id, lead_id, about, starts_at, ends_at, place, outcome, agent_id, uid,
    sequence, created_at, updated_at)
SELECT company_id, gen_random_uuid(), id, 'Advies', next_action_at, next_action_at + interval '1 hour', 'office',
    'planned', owner_id, id::text, 0, now(), now() FROM leads_lead;
INSERT INTO bulk_batch (company_id, id, user_id, action, arguments, state, said, gathered, created_at, updated_at)
SELECT company_id, gen_random_uuid(), owner_id, 'delete', '{}', 'done', 1, true, created_at, now() FROM leads_lead;
INSERT INTO bulk_chunk (company_id, id, batch_id, number, lead_ids, known_as, leads, done, undone, succeeded, skipped,
    gone, returned)
SELECT company_id, gen_random_uuid(), id, 0, '{}', '{}', 1, true, false, 1, 0, 0, 0 FROM bulk_batch;
INSERT INTO bulk_item (company_id, id, batch_id, number, lead_id, reference, result, reason)
SELECT company_id, gen_random_uuid(), id, 0, id, 'T', 'done', '' FROM bulk_batch;
INSERT INTO exports_export (company_id, id, user_id, form, listed, columns, revealed, state, said, rows, downloads,
    created_at, updated_at)
SELECT company_id, gen_random_uuid(), owner_id, 'csv', '', '{}', false, 'expired', 1, 1, 0, created_at, now()
FROM leads_lead;
INSERT INTO notifications_news (company_id, id, user_id, at, kind, about, nl, en, url, times, read_at)
SELECT company_id, gen_random_uuid(), CASE WHEN reference LIKE '%%7' THEN %(meg)s::uuid ELSE owner_id END, created_at,
    'bulk.ended', 'x', 'Klaar', 'Ready', '/', 1, CASE WHEN reference NOT LIKE '%%77' THEN now() END FROM leads_lead;
"""


@pytest.fixture(autouse=True)
def joined() -> None:
    """What is planted here stays for all of this file: no test begins with the people alone."""


@pytest.fixture(scope="module")
def many(whole_app: Flask, admin_url: str) -> Iterator[None]:
    values = {"home": HOME, "ann": ANN.id, "bob": BOB.id, "meg": MEG.id}
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


def refuse_slow(asked: list[tuple[str, Any]]) -> None:
    """Asked of the planner in the transaction in which they ran, so as the same role."""
    cursor = db.session.connection().connection.cursor()
    for statement, parameters in list(asked):
        if not statement.startswith("SELECT") or not any(table in statement for table in TABLES):
            continue
        for planned in (known, kept):
            plan = planned(cursor, statement, parameters)
            slow = [table for table in TABLES if f"Seq Scan on {table}" in plan]
            assert not slow and "hashed SubPlan" not in plan, f"{planned.__name__} {slow}\n{statement}\n{plan}"


def known(cursor: Any, statement: str, parameters: Any) -> str:
    """As it is planned for these values."""
    cursor.execute("EXPLAIN (COSTS OFF) " + statement, parameters)
    return "\n".join(row[0] for row in cursor.fetchall())


def kept(cursor: Any, statement: str, parameters: Any) -> str:
    """As it is planned once for all values, when it was prepared and runs often."""
    names = list(parameters)
    numbered = statement % {name: f"${place}" for place, name in enumerate(names, 1)}
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    cursor.execute(f"PREPARE listed AS {numbered}")
    values = ", ".join(["NULL"] * len(names))
    cursor.execute(f"EXPLAIN (COSTS OFF) EXECUTE listed ({values})")
    plan = "\n".join(row[0] for row in cursor.fetchall())
    cursor.execute("DEALLOCATE listed")
    cursor.execute("SET LOCAL plan_cache_mode = auto")
    return plan


PAGES: list[tuple[Person, str]] = [
    (who, path)
    for who in (ANN, MEG)
    for path in (
        "/today", "/calendar", "/calendar?view=month", "/calendar/day", "/tasks", "/tasks?due=late",
        "/tasks?due=today", "/tasks?due=later", "/leads/?work=late&sort=action", "/leads/?work=today&sort=action",
        "/leads/?work=new", "/leads/many/", "/exports/", "/notifications/", "/notifications/?show=unread",
        "/merging/known",
    )
] + [(MEG, f"{path}agent={ANN.id}") for path in ("/today?", "/tasks?due=late&", "/calendar?", "/calendar/day?")]
# fmt: skip


@pytest.mark.parametrize(("who", "path"), PAGES, ids=[f"{who.name} {path}" for who, path in PAGES])
def test_a_page_walks_indexes_and_asks_little(
    whole_app: Flask, admin_url: str, asked: list[tuple[str, Any]], who: Person, path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
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
    typed = {"phone": "06 10000077", "email": "t-77@voorbeeld.nl"}
    answer = browser.send(path, typed) if path == "/merging/known" else browser.get(path)
    assert answer.status_code == 200
    assert counted[0] <= MOST, [statement for statement, _parameters in asked]
