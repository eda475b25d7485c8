"""The list of what arrived walks an index as the restricted role, over many arrivals: of everybody, and of one source
that brings few. Custom plans, and those that a prepared statement keeps for whatever it is given."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from leadcrm.core import db
from leadcrm.core.db import engine_of, session
from leadcrm.core.paging import paginate
from leadcrm.core.scope import viewing_as
from leadcrm.intake import queries
from leadcrm.intake.models.terms import State
from leadcrm.intake.queries import NEWEST_FIRST, Wanted
from tests.followup.test_plans import kept, known
from tests.people import HOME, MEG
from tests.world import forget_what_tests_wrote, viewer_of

OF_SOURCE = "ix_intake_arrival_company_id_inlet_id_arrived_at_id"
RARE = uuid5(HOME, "rare source")
MANY = """
INSERT INTO leads_source (company_id, id, key, name, active, created_at, updated_at)
SELECT %(home)s, CASE i WHEN 0 THEN %(rare)s ELSE gen_random_uuid() END, 'bron' || i, 'Bron ' || i, true, now(), now()
FROM generate_series(0, 9) AS i;
INSERT INTO intake_inlet (company_id, id, source_id, on_duplicate, tells_duplicates, per_minute, active, created_at,
    updated_at)
SELECT company_id, id, id, 'mark', false, 600, true, now(), now() FROM leads_source WHERE key LIKE 'bron%%';
INSERT INTO intake_arrival (company_id, id, inlet_id, way, arrived_at, state, digest, suspect, problems)
SELECT %(home)s, gen_random_uuid(), s.id, 'api', now() - i * interval '1 minute', 'lead', ''::bytea, false, 0
FROM generate_series(1, 12000) AS i
JOIN leads_source s ON s.key = 'bron' || CASE WHEN i %% 500 = 0 THEN 0 ELSE 1 + i %% 9 END;
"""


@pytest.fixture(autouse=True)
def joined() -> None:
    """What is planted here stays for all of this file: no test begins with the people alone."""


@pytest.fixture(scope="module")
def many(whole_app: Flask, admin_url: str) -> Iterator[None]:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for statement in MANY.split(";\n"):
            if statement.strip():
                admin.execute(statement, {"home": HOME, "rare": RARE})
        admin.execute("VACUUM ANALYZE intake_arrival, intake_inlet, leads_source")
    yield
    forget_what_tests_wrote(admin_url)


@pytest.mark.parametrize("planned", [known, kept], ids=["known", "kept"])
@pytest.mark.parametrize(("inlet_id", "state"), [(RARE, None), (RARE, State.LEAD), (None, None), (None, State.LEAD)],
                         ids=["of a source", "leads of a source", "all", "all leads"])  # fmt: skip
def test_arrivals_are_listed_along_an_index(
    whole_app: Flask, many: None, planned: Any, inlet_id: UUID | None, state: State | None
) -> None:
    found: list[tuple[str, Any]] = []
    with whole_app.app_context(), viewing_as(viewer_of(MEG)):
        event.listen(engine_of(whole_app), "before_cursor_execute", note := lambda *args: found.append(args[2:4]))
        page = paginate(session, queries.arrivals(Wanted(state, inlet_id)), NEWEST_FIRST, None, 20)
        event.remove(engine_of(whole_app), "before_cursor_execute", note)
        assert len(page.rows) == 20
        statement, parameters = found[-1]
        plan = planned(db.session.connection().connection.cursor(), statement, parameters)
        session.rollback()
    assert "Seq Scan on intake_arrival" not in plan and "Sort Key: intake_arrival" not in plan, plan
    assert (OF_SOURCE in plan) == (inlet_id is not None), plan
