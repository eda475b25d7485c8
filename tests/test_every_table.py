"""Holds for every table of every plugin, those not written yet too: schema, scope, policies and facts."""

from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, inspect, select

from leadcrm.core import walls
from leadcrm.core.db import Base, CrmSession
from leadcrm.core.fields.facts import Category
from leadcrm.core.fields.sealed import SealedType
from leadcrm.core.postgres.urls import Urls, conninfo
from leadcrm.core.scope import NoViewer, Scope, Scoped, viewing_as
from tests.together import together

MODELS: list[Any] = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__tablename__)
SCOPED = [model for model in MODELS if issubclass(model, Scoped)]
CLOSED = {  # no scope, so no role of the application reaches them but through a reviewed definer function
    "merging_moved",
    "core_audit_head",
    "core_company_key",
    "core_audit_value",
    "core_limit",
    "core_report",
    "auth_secret",
    "auth_session",
    "auth_link",
    "auth_device",
    "auth_spent_token",
    "auth_forgotten",
    "auth_passkey",
    "auth_recovery_code",
    "auth_challenge",
    "auth_pending",
    "leads_counter",
    "leads_note_words",
    "collecting_visit",
    "intake_window",
}


NOBODYS = ("leads_norm", "core_limit", "core_report")  # norms are published, visitors nobody's
SLOW = (" LIKE ", " ILIKE ", "@@", " IN (SELECT", " ANY (")


def name_of(model: Any) -> str:
    return str(model.__tablename__)


@pytest.fixture(scope="module")
def owner_view(urls: Urls, server: Any, worker_id: str) -> Any:
    engine = create_engine(
        server.admin_url(f"leadcrm_{worker_id}"), isolation_level="AUTOCOMMIT"
    )  # keeps no table locked
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_migrated_schema_is_what_the_models_say(whole_app: Flask, owner_view: Any) -> None:
    context = MigrationContext.configure(owner_view, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, Base.metadata) == []


def test_is_named_after_its_plugin() -> None:
    with together() as case:
        for model in MODELS:
            with case(name_of(model)):
                assert model.__tablename__.startswith(model.__module__.split(".")[1] + "_")


def test_these_are_all_the_tables_without_a_scope() -> None:
    closed = {name_of(model) for model in MODELS if not issubclass(model, Scoped)}
    assert closed <= CLOSED, "a table must inherit Scoped, or be closed to every role and stand in this list"


@pytest.mark.asvs("V2.1.1", "V14.1.1")
def test_every_column_has_facts() -> None:
    with together() as case:
        for model in MODELS:
            for attribute in inspect(model).column_attrs:
                with case(f"{name_of(model)}.{attribute.key}"):
                    _has_facts(attribute.columns[0])


def _has_facts(column: Any) -> None:
    facts = column.info.get("facts")
    assert facts is not None
    if facts.kind is not None:
        assert facts.nl and facts.en
        assert facts.category != Category.TECHNICAL
    if facts.sensitive:
        assert isinstance(column.type, SealedType)


def test_the_key_begins_with_the_company() -> None:
    with together() as case:
        for model in MODELS:
            if name_of(model) not in NOBODYS:
                with case(name_of(model)):
                    assert inspect(model).primary_key[0].name == "company_id"


def test_foreign_keys_stay_within_the_company() -> None:
    with together() as case:
        for model in MODELS:
            for constraint in model.__table__.foreign_key_constraints:
                with case(str(constraint.name)):
                    assert "company_id" in constraint.column_keys


def test_the_database_holds_exactly_the_policies_of_the_models(whole_app: Flask, owner_view: Any) -> None:
    expected = set(walls.wanted_policies())
    found = owner_view.exec_driver_sql("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'")
    assert {tuple(row) for row in found} == expected


def test_raising_the_walls_again_changes_nothing(whole_app: Flask, urls: Urls, owner_view: Any) -> None:
    """What stands in the database is what visible_to() says today, not what it said when it was migrated."""
    before = _stored(owner_view)
    engine = create_engine(urls.migrator)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'; SET LOCAL ROLE leadcrm_owner")
        walls.raise_walls(connection)
        assert _stored(connection) == before
        connection.rollback()
    engine.dispose()


def _stored(connection: Any) -> list[Any]:
    return connection.exec_driver_sql(  # type: ignore[no-any-return]  # rows of a catalogue
        "SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
    ).all()


def test_row_security_is_on_everywhere(whole_app: Flask, owner_view: Any) -> None:
    off = (
        owner_view.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND NOT relrowsecurity AND relname <> 'alembic_version'"
        )
        .scalars()
        .all()
    )
    assert off == []


@pytest.mark.parametrize("login", ["app", "worker"])
def test_nobody_sees_a_row_without_saying_who_looks(whole_app: Flask, urls: Urls, login: str) -> None:
    """The login itself has no rights: NOINHERIT."""
    with psycopg.connect(conninfo(getattr(urls, login)), autocommit=True) as connection, together() as case:
        for model in MODELS:
            with case(name_of(model)), pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT 1 FROM {name_of(model)}")


@pytest.mark.parametrize("role", walls.ROLES)
def test_a_closed_table_is_closed_to_every_role(whole_app: Flask, owner_view: Any, role: str) -> None:
    with together() as case:
        for model in MODELS:
            if not issubclass(model, Scoped):
                with case(name_of(model)):
                    for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                        asked = "SELECT has_table_privilege(%s, %s, %s)"
                        allowed = owner_view.exec_driver_sql(asked, (role, name_of(model), privilege))
                        assert allowed.scalar() is False, privilege


def test_a_table_without_scope_could_not_be_read(whole_app: Flask, urls: Urls) -> None:
    """The rule for tables not written yet: what the owner creates, no other role may touch."""
    with psycopg.connect(conninfo(urls.migrator)) as connection:
        connection.execute("SET ROLE leadcrm_owner")
        connection.execute("CREATE TABLE careless (company_id uuid)")
        for role in (*walls.ROLES, "leadcrm_app", "leadcrm_worker"):
            row = connection.execute("SELECT has_table_privilege(%s, 'careless', 'SELECT')", [role]).fetchone()
            assert row == (False,), role
        connection.rollback()


def test_a_rule_uses_only_leakproof_operators() -> None:
    """Under a policy only these may use an index; LIKE, @@ and arrays would read the whole company."""
    with together() as case:
        for model in SCOPED:
            for scope in Scope:
                with case(f"{name_of(model)} {scope}"):
                    for rule in (model.visible_to(walls.looker(scope)), model.changeable_by(walls.looker(scope))):
                        sql = walls.sql_of(model, rule)
                        assert not [slow for slow in SLOW if slow in sql], sql


def test_the_orm_refuses_without_a_viewer(whole_app: Flask) -> None:
    engine = whole_app.extensions["database"].engine
    with together() as case:
        for model in SCOPED:
            with case(name_of(model)), viewing_as(None), CrmSession(engine) as session, pytest.raises(NoViewer):
                session.scalars(select(model)).first()
