"""Under a policy only leakproof operators may use an index. Every filter and order is asked of the planner here,
as the restricted role: sequential scans and sorts made unattractive, an index must be able to serve it."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

from leadcrm.core.db import CrmSession
from leadcrm.core.paging import Page, capped_count, cursor_of, paginate
from leadcrm.core.paging import Place as Spot
from leadcrm.core.scope import viewing_as
from leadcrm.leads.models.terms import Goal, Stage
from leadcrm.leads.queries.household import household
from leadcrm.leads.queries.lists import BY_NAME, COLUMNS, NOBODY, SORTS, Filters, counted, leads_with
from leadcrm.leads.services.matching import duplicates
from leadcrm.leads.views.list_state import read_sort
from tests.leads.factories import JAN
from tests.people import ANN, MEG, Person
from tests.world import viewer_of

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
    "words": Filters(q="'abc'"),
}
KEYS: dict[str, Any] = {"created": None, "name": "bos", "amount": 5, "action": None}
LARGE = ("leads_lead", "leads_person", "leads_income", "leads_obligation", "leads_asset", "leads_entry", "leads_consent")


class Asked(list[tuple[str, Any]]):
    """The statements about leads that were run, with their parameters."""

    def __call__(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "leads_" in statement and not statement.startswith("EXPLAIN"):
            self.append((statement, parameters))


@pytest.fixture
def session(app: Flask) -> Iterator[CrmSession]:
    with CrmSession(app.extensions["database"].engine) as session:
        yield session


@pytest.fixture
def asked(app: Flask) -> Iterator[Asked]:
    engine: Engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", asked := Asked())
    yield asked
    event.remove(engine, "before_cursor_execute", asked)


def plans(session: CrmSession, asked: Asked, *switched_off: str) -> list[str]:
    for each in ("seqscan", *switched_off):
        session.execute(text(f"SET LOCAL enable_{each} = off"))
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
        capped_count(session, counted(filters))
        for plan in plans(session, asked):
            refuse_slow(plan)
            assert "company_id = " in plan


INDEXES = {"created": "created_at", "name": "sort_name", "amount": "mortgage_amount", "action": "next_action_at"}


@pytest.mark.parametrize("sign", ["", "-"], ids=["up", "down"])
@pytest.mark.parametrize("back", [False, True], ids=["older", "newer"])
@pytest.mark.parametrize("name", SORTS)
def test_every_order_walks_its_index(session: CrmSession, asked: Asked, name: str, sign: str, back: bool) -> None:
    sort = read_sort(sign + name)
    for key in (KEYS[name], None) if sort.nullable else ("2026-01-01T00:00:00+00:00",):
        cursor = cursor_of(Spot(key, SOME, back), sort)
        with viewing_as(viewer_of(MEG)):
            page: Page = paginate(session, leads_with(Filters(), [BY_NAME["owner"]]), sort, cursor, 25)
            assert page.rows == []
            for plan in plans(session, asked, "sort", "incremental_sort", "bitmapscan"):
                assert f"ix_leads_lead_company_id_{INDEXES[name]}_id" in plan, plan
                assert "Sort" not in plan, plan
        session.rollback()
        asked.clear()


def test_an_agents_newest_leads_walk_her_own_index(session: CrmSession, asked: Asked) -> None:
    with viewing_as(viewer_of(ANN)):
        paginate(session, leads_with(Filters(), []), read_sort("-created"), None, 25)
        (plan,) = plans(session, asked, "sort", "incremental_sort", "bitmapscan")
        assert "ix_leads_lead_company_id_" in plan
        assert "Sort" not in plan


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_a_household_is_read_by_key(session: CrmSession, asked: Asked, app: Flask, who: Person) -> None:
    with app.app_context(), viewing_as(viewer_of(who)):
        assert household(SOME) is None
    statements = list(asked)
    asked.clear()
    with viewing_as(viewer_of(who)):
        asked.extend(statements)
        for plan in plans(session, asked):
            refuse_slow(plan)


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_duplicates_are_found_by_key(session: CrmSession, asked: Asked, app: Flask, who: Person) -> None:
    with app.app_context(), viewing_as(viewer_of(who)):
        duplicates(who.company_id, [JAN])
    statements = list(asked)
    with viewing_as(viewer_of(who)):
        session.begin()
        asked[:] = statements
        for plan in plans(session, asked):
            refuse_slow(plan)
