"""Under a policy only leakproof operators may use an index. Every filter and order is asked of the planner here, as the
restricted role, over a company of 20,000 leads of which 500 are the agent's."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, text

from leadcrm.core.db import CrmSession
from leadcrm.core.paging import Place as Spot
from leadcrm.core.paging import capped_count, cursor_of, paginate
from leadcrm.core.scope import viewing_as
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Goal, Stage
from leadcrm.leads.queries.household import household
from leadcrm.leads.queries.lists import BY_NAME, COLUMNS, NOBODY, SORTS, Filters, counted, leads_with
from leadcrm.leads.services.matching import duplicates
from leadcrm.leads.views.list_state import read_sort
from tests.leads.factories import JAN
from tests.people import ANN, MEG, Person
from tests.world import forget_what_tests_wrote, viewer_of

SOME = UUID(int=5)
FILTERS = {
    "none": Filters(),
    "stage": Filters(stage=Stage.ADVICE),
    "open": Filters(closed=False),
    "closed": Filters(closed=True),
    "owner": Filters(owner=SOME),
    "nobody": Filters(owner=NOBODY),
    "source": Filters(source=SOME),
    "label": Filters(label=SOME),
    "goal": Filters(goal=Goal.REMORTGAGE),
    "amount": Filters(amount_from=1, amount_to=2),
    "created": Filters(created_from=date(2026, 1, 1), created_to=date(2026, 2, 1)),
    "words": Filters(q='{"begins": "\'abc\'"}'),
}
KEYS: dict[str, Any] = {
    "created": datetime.now(UTC) - timedelta(days=20), "name": "naam 5", "amount": 5,
    "action": datetime.now(UTC) + timedelta(days=9),
}  # fmt: skip
LARGE = ("leads_lead", "leads_person")  # the other tables are empty here: the planner reads a page of nothing


class Asked(list[tuple[str, Any]]):
    """The statements about leads that were run, with their parameters."""

    def __call__(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "leads_" in statement and not statement.startswith("EXPLAIN"):
            self.append((statement, parameters))


MANY_LEADS = """
INSERT INTO leads_lead (company_id, id, reference, owner_id, stage, stage_since, contact_attempts, goal, household_name,
    sort_name, mortgage_amount, next_action_at, created_at, updated_at, search)
SELECT %(company)s, gen_random_uuid(), 'T-' || i, CASE WHEN i %% 40 = 1 THEN %(owner)s::uuid END,
    (ARRAY['new', 'assigned', 'advice', 'rejected'])[1 + i %% 4], now(), 0, (ARRAY['remortgage', 'other'])[1 + i %% 2],
    'Naam ' || i, 'naam ' || i, CASE WHEN i %% 5 > 0 THEN i * 31 %% 5000 * 10000 END,
    CASE WHEN i %% 3 > 0 THEN now() + i %% 1000 * interval '1 hour' END, now() - i * interval '3 minute', now(),
    array_to_tsvector(ARRAY[%(mark)s || 'naam', %(mark)s || i])
FROM generate_series(1, 20000) AS i
"""
MANY_PERSONS = """
INSERT INTO leads_person (company_id, id, lead_id, position, birth_name, email, created_at, updated_at)
SELECT company_id, gen_random_uuid(), id, 1, household_name, reference || '@voorbeeld.nl', created_at, updated_at
FROM leads_lead
"""


@pytest.fixture(scope="module")
def many(whole_app: Flask, admin_url: str) -> Iterator[None]:
    """Written by the superuser: through the walls it would take a minute."""
    values = {"company": ANN.company_id, "owner": ANN.id, "mark": ANN.company_id.hex[:6]}
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # no foreign-key checks
        admin.execute(MANY_LEADS, values)
        admin.execute(MANY_PERSONS)
        admin.execute("VACUUM ANALYZE leads_lead")
        admin.execute("VACUUM ANALYZE leads_person")
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


def plans(session: CrmSession, asked: Asked) -> list[str]:
    cursor = session.connection().connection.cursor()
    found = []
    for statement, parameters in list(asked):
        cursor.execute("EXPLAIN (COSTS OFF) " + statement, parameters)
        found.append("\n".join(row[0] for row in cursor.fetchall()))
    return found


def refuse_slow(plan: str) -> None:
    assert "hashed SubPlan" not in plan, plan
    for table in LARGE:
        assert f"Seq Scan on {table}" not in plan, plan


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_every_filter(session: CrmSession, asked: Asked, who: Person, filters: Filters) -> None:
    with viewing_as(viewer_of(who)):
        paginate(session, leads_with(filters, COLUMNS), read_sort("-created"), None, 25)
        for plan in plans(session, asked):
            refuse_slow(plan)


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_every_count_ends_at_its_cap(session: CrmSession, asked: Asked, filters: Filters) -> None:
    with viewing_as(viewer_of(MEG)):
        assert capped_count(session, counted(filters)) <= 1001
        (plan,) = plans(session, asked)
        assert "Limit" in plan
        assert "hashed SubPlan" not in plan


INDEXES = {"created": "created_at", "name": "sort_name", "amount": "mortgage_amount", "action": "next_action_at"}


@pytest.mark.parametrize("sign", ["", "-"], ids=["up", "down"])
@pytest.mark.parametrize("back", [False, True], ids=["older", "newer"])
@pytest.mark.parametrize("name", SORTS)
def test_every_order_walks_its_index(session: CrmSession, asked: Asked, name: str, sign: str, back: bool) -> None:
    sort = read_sort(sign + name)
    for key in (KEYS[name], None) if sort.nullable else (KEYS[name],):
        cursor = cursor_of(Spot(key, SOME, back), sort)
        with viewing_as(viewer_of(MEG)):
            paginate(session, leads_with(Filters(), (BY_NAME["owner"],)), sort, cursor, 25)
            for (statement, _parameters), plan in zip(list(asked), plans(session, asked), strict=True):
                refuse_slow(plan)
                if f"{INDEXES[name]} IS NULL" not in statement:  # those without a value come by id alone
                    assert f"ix_leads_lead_company_id_{INDEXES[name]}_id" in plan, plan
                    assert "Sort" not in plan, plan
        session.rollback()
        asked.clear()


def test_an_agents_newest_leads_walk_her_own_index(session: CrmSession, asked: Asked) -> None:
    with viewing_as(viewer_of(ANN)):
        page = paginate(session, leads_with(Filters(), ()), read_sort("-created"), None, 25, counted(Filters()))
        (plan,) = plans(session, asked)
        rows, count = plan.split("InitPlan")[0], plan.split("InitPlan")[-1]
        assert "ix_leads_lead_company_id_owner_id_created_at_id" in plan
        assert "owner_id = " in count, "the policy alone narrows what is counted, and it cannot use her index"
        assert "Sort" not in rows
        assert page.count == session.scalar(text("SELECT count(*) FROM leads_lead WHERE deleted_at IS NULL"))


KEPT = text("SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements WHERE statement LIKE '%_key%'")


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_a_list_that_is_opened_often_is_planned_no_more(session: CrmSession, who: Person) -> None:
    """Prepared the fifth time, tried for five values; from then on PostgreSQL keeps its plan, or never does."""
    with viewing_as(viewer_of(who)):
        session.execute(text("DEALLOCATE ALL"))  # what other tests asked on this connection
        for _time in range(20):
            paginate(session, leads_with(Filters(), COLUMNS), read_sort("-created"), None, 25, counted(Filters()))
        kept, tried = session.execute(KEPT).one()
    assert kept >= 5 and tried <= 6, (kept, tried)


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_a_household_is_read_by_key(session: CrmSession, asked: Asked, whole_app: Flask, who: Person) -> None:
    with viewing_as(viewer_of(who)):
        some_lead = session.scalars(select(Lead.id).limit(1)).one()
        asked.clear()
        with whole_app.app_context():
            assert household(some_lead) is not None
        assert len(asked) == 6
        for plan in plans(session, asked):
            refuse_slow(plan)


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_duplicates_are_found_by_key(session: CrmSession, asked: Asked, whole_app: Flask, who: Person) -> None:
    with viewing_as(viewer_of(who)):
        with whole_app.app_context():
            duplicates(who.company_id, [JAN])
        for plan in plans(session, asked):
            refuse_slow(plan)
