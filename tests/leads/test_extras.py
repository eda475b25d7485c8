"""Columns and filters of plugins in a list of 20,000 leads: under the policies every one is served by an index."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, event

from leadcrm.core.db import CrmSession
from leadcrm.core.paging import capped_count, paginate
from leadcrm.core.scope import viewing_as
from leadcrm.custom_fields.models import Found
from leadcrm.custom_fields.views.in_list import _with_value
from leadcrm.leads.queries.lists import Filters, Narrowing, counted, leads_with
from leadcrm.leads.views.list_state import _walking, read_sort
from leadcrm.tags.models import Put, Tag
from leadcrm.tags.views.in_list import WALKED, InList, with_any, with_every, with_tag
from tests.leads.test_plans import MANY_LEADS, MANY_PERSONS, Asked, plans
from tests.people import ANN, MEG, Person
from tests.world import forget_what_tests_wrote, viewer_of

RARE, COMMON = UUID(int=7), UUID(int=8)  # tags of 10 and of 10,000 leads
MANY_TAGS = """
INSERT INTO tags_tag (company_id, id, name, word, colour, created_at, updated_at)
SELECT %(company)s, id, name, name, 'red', now(), now() FROM (VALUES (%(rare)s::uuid, 'rare'), (%(common)s, 'common')) AS t (id, name);
INSERT INTO tags_put (company_id, id, lead_id, tag_id, lead_created_at, created_at, updated_at)
SELECT company_id, gen_random_uuid(), id, CASE WHEN i %% 2000 = 1 THEN %(rare)s::uuid ELSE %(common)s END, created_at, now(), now()
FROM (SELECT *, substr(reference, 3)::int AS i FROM leads_lead) AS l WHERE i %% 2 = 0 OR i %% 2000 = 1;
INSERT INTO custom_fields_found (company_id, id, lead_id, key, value, lead_created_at, created_at, updated_at)
SELECT company_id, gen_random_uuid(), lead_id, 'f1', CASE WHEN tag_id = %(rare)s THEN 'rare' ELSE 'common' END, lead_created_at, now(), now()
FROM tags_put;
"""  # noqa: E501


@pytest.fixture(scope="module")
def many(whole_app: Flask, admin_url: str) -> Iterator[None]:
    values = {"company": ANN.company_id, "owner": ANN.id, "mark": "", "rare": RARE, "common": COMMON}
    with psycopg.connect(admin_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as admin:
        admin.execute("SET session_replication_role = replica")  # no foreign-key checks
        admin.execute(MANY_LEADS, values)
        admin.execute(MANY_PERSONS)
        admin.execute(MANY_TAGS, values)
        for table in ("leads_lead", "leads_person", "tags_put", "custom_fields_found"):
            admin.execute(f"VACUUM ANALYZE {table}")
    yield
    forget_what_tests_wrote(admin_url)


@pytest.fixture
def session(whole_app: Flask, many: None) -> Iterator[CrmSession]:
    with CrmSession(whole_app.extensions["database"].engine) as session:
        yield session


@pytest.fixture
def asked(whole_app: Flask) -> Iterator[Asked]:
    engine: Engine = whole_app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", asked := Asked())
    yield asked
    event.remove(engine, "before_cursor_execute", asked)


def of_tag(tag: UUID) -> Narrowing:
    return Narrowing("tag", "Tag", "", with_tag(tag), {"created": (Put.lead_created_at, Put.lead_id)})


def of_value(value: str) -> Narrowing:
    def narrow(statement: Any) -> Any:
        return _with_value(Found, "f1", value, statement)

    return Narrowing("own.f1", "Eigen", "", narrow, {"created": (Found.lead_created_at, Found.lead_id)})


def of_both(narrow: Any, walked: bool) -> Narrowing:
    tags = [Tag(id=RARE, name=""), Tag(id=COMMON, name="")]
    return Narrowing("tag", "Tag", "", narrow(tags), WALKED if walked else {})


NARROWINGS = {"rare and common tags": of_both(with_every, True), "common or rare tags": of_both(with_any, False),
              "rare tag": of_tag(RARE), "common tag": of_tag(COMMON), "rare value": of_value("rare"),
              "common value": of_value("common")}  # fmt: skip
LARGE = ("leads_lead", "tags_put", "custom_fields_found")


def refuse_slow(plan: str) -> None:
    assert "hashed SubPlan" not in plan, plan
    for table in LARGE:
        assert f"Seq Scan on {table}" not in plan, plan


@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
@pytest.mark.parametrize("name", NARROWINGS)
def test_every_narrowing(session: CrmSession, asked: Asked, who: Person, name: str, generic: bool) -> None:
    narrowing, viewer = NARROWINGS[name], viewer_of(who)
    filters = Filters(extra=(narrowing,))
    sort = _walking(read_sort("-created"), (narrowing,), viewer)
    with viewing_as(viewer):
        page = paginate(session, leads_with(filters, ()), sort, None, 25, counted(filters))
        wanted = {("rare", MEG): 10, ("rare", ANN): 0, ("common", MEG): 25, ("common", ANN): 0}
        assert len(page.rows) == wanted[name.partition(" ")[0], who] or who is ANN or name.startswith("rare and")
        for plan in generic_plans(session, asked) if generic else plans(session, asked):
            refuse_slow(plan)
            if who is MEG and "lead_created_at" in asked[0][0]:
                assert "Sort" not in plan, plan
        assert capped_count(session, counted(filters)) <= 1001


def generic_plans(session: CrmSession, asked: Asked) -> list[str]:
    """As a statement is planned that was prepared and run often."""
    cursor = session.connection().connection.cursor()
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    found = []
    for number, (statement, parameters) in enumerate(list(asked)):
        names = list(parameters)
        numbered = statement % {name: f"${place}" for place, name in enumerate(names, 1)}
        cursor.execute(f"PREPARE listed_{number} AS {numbered}")  # noqa: S608  # the statement itself
        values = ", ".join(["NULL"] * len(names))
        cursor.execute(f"EXPLAIN (COSTS OFF) EXECUTE listed_{number} ({values})")  # noqa: S608
        found.append("\n".join(row[0] for row in cursor.fetchall()))
        cursor.execute(f"DEALLOCATE listed_{number}")  # noqa: S608
    return found


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_the_column_of_tags_reads_the_rows_of_the_page_only(session: CrmSession, asked: Asked, who: Person) -> None:
    with viewing_as(viewer_of(who)):
        page = paginate(session, leads_with(Filters(), tuple(InList().columns())), read_sort("-created"), None, 25)
        assert len(page.rows) == 25
        for plan in plans(session, asked):
            refuse_slow(plan)
            assert "uq_tags_put_company_id_lead_id_tag_id" in plan, plan
