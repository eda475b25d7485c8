"""Holds for every table, those not written yet too: who may only look changes nothing, whichever wall is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from leadcrm.auth.models.people import Preference
from leadcrm.core import audit, bulk
from leadcrm.core.db import CrmSession, session
from leadcrm.core.postgres.urls import Urls, conninfo
from leadcrm.core.scope import OnlyLooks, Scope, scoped_models, viewing_as
from leadcrm.leads.models.lead import Lead
from tests.foreign import Planted, plant
from tests.people import ANN, HOME, MEG, Person
from tests.together import together
from tests.world import forget_what_tests_wrote, viewer_of

Rows = dict[str, Planted]
Login = psycopg.Connection[Any]
MODELS: list[Any] = sorted(scoped_models(), key=lambda model: model.__tablename__)  # type: ignore[attr-defined]
CHANGES = [(model, verb) for model in MODELS for verb in ("INSERT", "UPDATE", "DELETE") if verb in model.may]


def name_of(case: Any) -> str:
    return case if isinstance(case, str) else str(case.__tablename__)


@pytest.fixture(scope="module")
def planted(whole_app: Flask, admin_url: str) -> Iterator[Rows]:
    yield plant(whole_app, admin_url)
    forget_what_tests_wrote(admin_url)


@pytest.fixture(scope="module")
def login(urls: Urls) -> Iterator[Login]:
    """The application's own, on one connection for all of this file."""
    with psycopg.connect(conninfo(urls.app), autocommit=True) as connection:
        yield connection


@contextmanager
def raw(login: Login, scope: Scope, user: UUID, read_only: str) -> Iterator[None]:
    """For SQL text, in a transaction that is undone."""
    with login.transaction(force_rollback=True):
        login.execute(
            "SELECT set_config('role', %s, true), set_config('app.company', %s, true), "
            "set_config('app.user', %s, true), set_config('app.read_only', %s, true)",
            [f"leadcrm_{scope}", str(HOME), str(user), read_only],
        )
        yield


def statement(model: Any, verb: str) -> Any:
    table = model.__tablename__
    return {
        "INSERT": f"INSERT INTO {table} SELECT * FROM {table}",
        "UPDATE": f"UPDATE {table} SET company_id = company_id",
        "DELETE": f"DELETE FROM {table}",
    }[verb]


def tried(login: Login, person: Person, model: Any, verb: str, read_only: str) -> str:
    """How it ends: `no rows`, `done`, `refused` by a policy for who only looks, or another error's name."""
    with raw(login, person.scope, person.id, read_only):
        try:
            return "done" if login.execute(statement(model, verb)).rowcount else "no rows"
        except psycopg.errors.InsufficientPrivilege as problem:
            return "refused" if "looking_no_" in str(problem) else str(problem)
        except psycopg.errors.IntegrityError:
            return "done"  # past the policies: only a key was in the way


@pytest.mark.parametrize("person", [ANN, MEG], ids=["agent", "manager"])
def test_the_database_refuses_who_only_looks(login: Login, planted: Rows, person: Person) -> None:
    with together() as case:
        for model, verb in CHANGES:
            with case(f"{verb} {name_of(model)}"):
                usual = tried(login, person, model, verb, "")
                looking = tried(login, person, model, verb, "on")
                if model.own_taste or usual != "done":
                    assert looking == usual
                else:
                    assert looking == ("no rows" if verb == "DELETE" else "refused")


def test_most_tables_could_be_changed_by_who_may(login: Login, planted: Rows) -> None:
    """Otherwise the refusals above would prove nothing."""
    done = [name_of(model) for model, verb in CHANGES if tried(login, MEG, model, verb, "") == "done"]
    assert len(done) > len(CHANGES) / 2, done


def test_every_change_of_every_table_has_its_policy(whole_app: Flask, admin_url: str) -> None:
    with psycopg.connect(admin_url) as admin:
        found = admin.execute(
            "SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "WHERE NOT p.polpermissive"
        ).fetchall()
    wanted = {(name_of(model), f"looking_no_{verb.lower()}") for model, verb in CHANGES if not model.own_taste}
    assert set(found) == wanted


def test_reading_does_not_know_of_it(login: Login, planted: Rows) -> None:
    """No cost: what the planner makes of a SELECT has no word of it."""
    with raw(login, Scope.COMPANY, MEG.id, "on"):
        plan = "\n".join(row[0] for row in login.execute("EXPLAIN VERBOSE SELECT * FROM leads_lead").fetchall())
        assert "app.company" in plan and "read_only" not in plan
        assert login.execute("SELECT count(*) FROM leads_lead").fetchone() != (0,)


WAYS: dict[str, Any] = {
    "add": lambda lead: session.add(Lead(company_id=HOME, reference="X", owner_id=ANN.id)),
    "change": lambda lead: setattr(session.get(Lead, lead), "next_action", "x"),
    "delete": lambda lead: session.delete(session.get(Lead, lead)),
    "update": lambda lead: session.execute(update(Lead).values(next_action="x")),
    "delete many": lambda lead: session.execute(delete(Lead)),
    "insert": lambda lead: session.execute(insert(Lead), [{"company_id": HOME, "id": uuid4()}]),
    "bulk": lambda lead: bulk.write(session, Lead, [{"company_id": HOME, "id": uuid4(), "reference": "X"}]),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("person", [ANN, MEG], ids=["agent", "manager"])
def test_the_orm_refuses_who_only_looks(whole_app: Flask, planted: Rows, person: Person, way: Any) -> None:
    looking = replace(viewer_of(person), read_only=True)

    def tries() -> None:
        way(planted[ANN.name].ids["lead_id"])
        session.flush()

    with whole_app.app_context(), viewing_as(looking), pytest.raises(OnlyLooks):
        tries()


@pytest.mark.parametrize("way", ["add", "update"])
def test_the_database_alone_refuses_who_only_looks(whole_app: Flask, planted: Rows, way: str) -> None:
    """Wall 1 taken away: the viewer may write, the transaction may not."""
    with whole_app.app_context(), viewing_as(viewer_of(ANN)), CrmSession(session.get_bind()) as own:
        own.begin()
        own.execute(text("SELECT set_config('app.read_only', 'on', true)"))
        if way == "add":
            own.add(Lead(company_id=HOME, reference="X", owner_id=ANN.id))
        with pytest.raises(ProgrammingError, match="looking_no_"):
            own.execute(update(Lead).values(next_action="x"))  # flushes first


def test_lines_of_the_audit_trail_are_written_all_the_same(whole_app: Flask, admin_url: str, planted: Rows) -> None:
    with whole_app.app_context(), viewing_as(replace(viewer_of(MEG), read_only=True)):
        audit.note("looked", company_id=HOME, subject="test")
        session.commit()
    with psycopg.connect(admin_url) as admin:
        assert admin.execute("SELECT count(*) FROM core_audit_line WHERE action = 'looked'").fetchone() == (1,)


def test_ones_own_taste_may_be_kept(app: Flask) -> None:
    with app.app_context(), viewing_as(replace(viewer_of(MEG), read_only=True)):
        session.add(Preference(company_id=HOME, id=MEG.id))
        session.flush()
        assert session.scalar(select(func.count()).select_from(Preference)) == 1


def test_who_could_write_before_is_told_again_in_the_same_transaction(whole_app: Flask, planted: Rows) -> None:
    with whole_app.app_context():
        told = select(func.current_setting("app.read_only", True))
        for read_only, expected in ((False, ""), (True, "on"), (False, "")):
            with viewing_as(replace(viewer_of(MEG), read_only=read_only)):
                assert session.scalar(told) == expected
