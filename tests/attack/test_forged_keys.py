"""Ids of other people's rows in every field of every form, and straight into the database: none is ever taken."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pypdfium2
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import Uuid

from leadcrm.core.postgres.urls import Urls, conninfo
from leadcrm.core.scope import Scoped
from tests.attack import canaries
from tests.attack.policy import PRINCIPALS, Principal, Relation, holds, route_of
from tests.attack.stage import EVERYBODY, Stage, Target, raise_curtain
from tests.doors import DOORS, Door, address, names
from tests.people import ADA, ANN, ELSEWHERE, EVE, HOME, MEG

ATTACKERS = [each for each in PRINCIPALS if each.name in ("agent", "company manager")]
MODELS = [model for model in canaries.MODELS if issubclass(model, Scoped) and hasattr(model, "company_id")]
POSTS = [door for door in DOORS if door[1] == "POST" and (route_of(door) or {}).get("right") != "public"]
FIELD = re.compile(r'<(?:input|textarea)[^>]* name="([^"]+)"[^>]*?(?: value="([^"]*)")?[^>]*>')
SELECT = re.compile(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
ALSO = {"id", "owner", "company", "user", "batch", "lead_cost_of"}  # what a view might listen to beside the columns
Taken = Callable[[], list[tuple[str, str]]]


class NothingThere(Exception):
    """No row that this role may change."""


REFUSALS = (
    psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityError, psycopg.errors.RaiseException, NothingThere,
)  # fmt: skip


@pytest.fixture(scope="module")
def stage(whole_app: Flask, admin_url: str) -> Iterator[Stage]:
    yield from raise_curtain(whole_app, admin_url, PRINCIPALS)


def keys_of_models() -> set[str]:
    """Every column that holds an id, whatever it points at."""
    found = {"company_id", "id"}
    for model in canaries.MODELS:
        found |= {column.name for column in model.__table__.columns if isinstance(column.type, Uuid)}
    return found


FIELDS = sorted(keys_of_models() | ALSO)


@pytest.fixture(scope="module")
def foreign(stage: Stage) -> list[UUID]:
    """Every id of every row of the company elsewhere."""
    found: set[UUID] = {ELSEWHERE}
    for model in canaries.MODELS:
        columns = {column.name for column in model.__table__.columns}
        if {"company_id", "id"} <= columns:
            query = sql.SQL("SELECT id FROM {} WHERE company_id = %s").format(sql.Identifier(model.__tablename__))
            found |= {row[0] for row in stage.admin.execute(query, [ELSEWHERE]).fetchall()}
    return sorted(found)


@pytest.fixture(scope="module")
def taken(stage: Stage, foreign: list[UUID]) -> Taken:
    """Columns of rows of the own company that name something of the other one, in tables that were written to. Asked
    thousands of times: the ids lie in a table, and the questions are texts."""
    stage.admin.execute("CREATE TABLE kept.foreign_ids (id uuid PRIMARY KEY)")
    stage.admin.execute("INSERT INTO kept.foreign_ids SELECT unnest(%s)", [foreign])
    questions: dict[str, bytes] = {}
    for model in canaries.MODELS:
        columns = {column.name for column in model.__table__.columns if isinstance(column.type, Uuid)}
        if columns > {"company_id"}:
            parts = [_naming(model.__tablename__, name) for name in sorted(columns - {"company_id"})]
            questions[model.__tablename__] = sql.SQL(" UNION ALL ").join(parts).as_bytes()

    def asked() -> list[tuple[str, str]]:
        asking = [questions[table] for table in stage.touched() if table in questions]
        return stage.admin.execute(b" UNION ALL ".join(asking)).fetchall() if asking else []

    return asked


def _naming(table: str, column: str) -> sql.Composed:
    return sql.SQL("SELECT {}, {} FROM {} WHERE company_id = {} AND {} IN (TABLE kept.foreign_ids)").format(
        sql.Literal(table), sql.Literal(column), sql.Identifier(table), sql.Literal(HOME), sql.Identifier(column)
    )


def _said(answer: Any) -> str:
    """Also what stands on paper."""
    if answer.mimetype != "application/pdf":
        return str(answer.data.decode("utf-8", "replace"))
    document = pypdfium2.PdfDocument(BytesIO(answer.data))
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.mark.asvs("V15.3.3", "V8.4.1")
@pytest.mark.parametrize("door", POSTS, ids=names)
def test_no_form_takes_a_foreign_key(stage: Stage, taken: Taken, door: Door) -> None:
    """As its own page fills it in, then with one foreign id after the other in every field that could hold one."""
    for principal in ATTACKERS:
        mine = next(target for target in stage.targets if target.name == f"{ANN.name}'s")
        for values in _forged(stage, door, principal, mine):
            answer = stage.browser(principal).send(address(door, mine.rows.fill(door[0], door[2])), values)
            assert answer.status_code < 500, values
            said = _said(answer)
            assert "qxeve" not in said and "qxwest" not in said
            if answer.status_code < 400:
                assert taken() == [], (principal.name, values)
                assert _moved(stage) == [], (principal.name, values)
                stage.restore()


def _forged(stage: Stage, door: Door, principal: Principal, mine: Target) -> Iterator[dict[str, Any]]:
    """For each sort of foreign row: its id in every field that could name one, and in those of the form one by one.
    Who lacks the right is turned away before a field is read: one try is enough."""
    theirs = next(target for target in stage.targets if target.owner is EVE)
    filled = _as_shown(stage, door, principal, mine)
    selects = [name for name, value in filled.items() if _is_id(value) or name in ALSO or name.endswith("_id")]
    of_a_lead = {theirs.rows.of_section[key] for key in ("person", "source") if key in theirs.rows.of_section}
    idents = sorted({*theirs.rows.ids.values(), *of_a_lead})
    may = holds(principal, EVERYBODY[principal.who], str((route_of(door) or {}).get("right")))
    for ident in idents if may else idents[:1]:
        yield filled | dict.fromkeys([*FIELDS, *selects], str(ident))
        yield from (filled | {name: str(ident)} for name in selects)


def _as_shown(stage: Stage, door: Door, principal: Principal, mine: Target) -> dict[str, Any]:
    """What the page with this form would send if somebody only pressed the button."""
    form = dict((route_of(door) or {}).get("form", {}))
    shown = stage.browser(principal).get(address(door, mine.rows.fill(door[0], door[2])))
    page = shown.text if shown.status_code == 200 else ""
    found = {name: unescape(value) for name, value in FIELD.findall(page)}
    for name, options in SELECT.findall(page):
        values = re.findall(r'value="([^"]+)"', options)
        found[name] = next(filter(_is_id, values), values[0] if values else "")
    return {name: value for name, value in found.items() if name != "csrf_token"} | form


def _is_id(value: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value))


def _moved(stage: Stage) -> list[Any]:
    """Rows that were the own company's and are another's now, or the other way round."""
    found = []
    for table in ("leads_lead", "leads_person", "auth_user", "imports_import", "auth_grant"):
        both = f"{table} now JOIN kept.{table} was USING (id)"
        query = f"SELECT now.id FROM {both} WHERE now.company_id <> was.company_id"
        found += stage.admin.execute(query).fetchall()  # type: ignore[call-overload]  # names of our tables
    return found


REFERENCES = [
    (model, constraint) for model in MODELS
    for constraint in sorted(model.__table__.foreign_key_constraints, key=lambda each: str(each.name))
    if len(constraint.column_keys) > 1
]  # fmt: skip


@pytest.mark.asvs("V8.4.1")
@pytest.mark.parametrize(("model", "constraint"), REFERENCES, ids=lambda each: getattr(each, "name", None))
def test_the_database_takes_none_either(
    stage: Stage, urls: Urls, taken: Taken, model: Any, constraint: Any
) -> None:
    """The restricted roles themselves, with SQL text: a key is refused, or there is nothing that they may change."""
    pointing = [name for name in constraint.column_keys if name != "company_id"]
    target = constraint.referred_table.name
    row: Any = stage.admin.execute(
        sql.SQL("SELECT id FROM {} WHERE company_id = %s LIMIT 1").format(sql.Identifier(target)), [ELSEWHERE]
    ).fetchone()
    for role, person in (("leadcrm_own", ANN), ("leadcrm_company", MEG)):
        with psycopg.connect(conninfo(urls.app)) as connection:
            _look_as(connection, role, person.company_id, person.id)
            assigned = sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(row[0] if row else uuid4()))
                for name in pointing
            )
            with pytest.raises(REFUSALS):
                _change(connection, sql.SQL("UPDATE {} SET {}").format(sql.Identifier(model.__tablename__), assigned))
    assert taken() == []


def _change(connection: psycopg.Connection[Any], statement: sql.Composed) -> None:
    changed = connection.execute(statement).rowcount
    if not changed:
        raise NothingThere
    connection.commit()  # where a deferred constraint would speak


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_no_row_moves_to_another_company(stage: Stage, urls: Urls, model: Any) -> None:
    for role, person in (("leadcrm_own", ANN), ("leadcrm_company", MEG), ("leadcrm_none", ADA)):
        if person is ADA and model.__tablename__.startswith(("auth_", "watch_incident")):
            continue  # the platform's staff keeps every company's people, and judges its incidents
        with psycopg.connect(conninfo(urls.app)) as connection:
            _look_as(connection, role, person.company_id, person.id)
            table, there = sql.Identifier(model.__tablename__), sql.Literal(ELSEWHERE)
            with pytest.raises(REFUSALS):
                _change(connection, sql.SQL("UPDATE {} SET company_id = {}").format(table, there))


def _look_as(connection: psycopg.Connection[Any], role: str, company: UUID, user: UUID) -> None:
    connection.execute(
        "SELECT set_config('role', %s, true), set_config('app.company', %s, true), set_config('app.user', %s, true)",
        [role, str(company), str(user)],
    )


def test_the_planted_rows_are_enough(stage: Stage, foreign: list[UUID], taken: Taken) -> None:
    """Otherwise nothing above was ever tried, or would not have been seen."""
    assert len(foreign) >= 15 and len(POSTS) >= 30 and len(REFERENCES) >= 15 and len(FIELDS) >= 10
    eve = next(target for target in stage.targets if target.owner is EVE)
    assert eve.relation(EVERYBODY[ANN.name]) == Relation.ELSEWHERE
    lead = stage.browser(ATTACKERS[0]).get(f"/leads/{stage.targets[0].rows.ids['lead_id']}")
    assert lead.status_code == 200
    stage.admin.execute("UPDATE leads_lead SET owner_id = %s WHERE owner_id = %s", [EVE.id, ANN.id])
    assert set(taken()) == {("leads_lead", "owner_id")}
    stage.restore()
    assert taken() == []
