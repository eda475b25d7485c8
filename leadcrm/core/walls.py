"""Row scope, wall 2: the rule that narrows the ORM, as PostgreSQL policies, one per scope role of the database.

Derived from visible_to() and changeable_by() after every migration, so the two walls cannot drift apart. Run as the
owner. A test compares what the database holds with what the models say.
"""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Uuid, false, literal_column, select, text, true
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.types import TypeEngine

from leadcrm.core.db import Base
from leadcrm.core.scope import Scope, Scoped, Viewer, scoped_models

DIALECT: Any = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its constructor untyped
ROLES = tuple(f"leadcrm_{scope}" for scope in Scope)


def setting(name: str, of_type: TypeEngine[Any]) -> ColumnElement[Any]:
    """A setting of the transaction, cast inside one sub-select: always the same text, so the planner sees one value."""
    kind = of_type.compile(dialect=DIALECT)
    return literal_column(f"(SELECT nullif(current_setting('{name}', true), '')::{kind})", of_type)


def looker(scope: Scope) -> Viewer:
    """The viewer that a policy asks about: expressions where a person has values."""
    return Viewer(scope, cast(UUID, setting("app.company", Uuid())), cast(UUID, setting("app.user", Uuid())))


def sql_of(model: Any, rule: ColumnElement[bool]) -> str:
    """The rule as it stands in a WHERE of the model's table: on its own, a sub-select would not correlate with it."""
    statement: Select[Any] = select(literal_column("1")).select_from(model.__table__).where(rule)
    compiled = statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    return str(compiled).partition("WHERE ")[2]


def policies(model: type[Scoped]) -> Iterator[tuple[str, str]]:
    """(name, CREATE POLICY …) for each scope role that may see or change anything."""
    for scope in Scope:
        if scope == Scope.ALL:
            yield from _policy(model, scope, "all", "ALL", true(), true())
            continue
        visible, changeable = model.visible_to(looker(scope)), model.changeable_by(looker(scope))
        if sql_of(model, visible) == sql_of(model, changeable):
            yield from _policy(model, scope, "all", "ALL", visible, visible)
            continue
        yield from _policy(model, scope, "see", "SELECT", visible, None)
        yield from _policy(model, scope, "add", "INSERT", None, changeable)
        yield from _policy(model, scope, "change", "UPDATE", changeable, changeable)
        yield from _policy(model, scope, "remove", "DELETE", changeable, None)


def _policy(
    model: Any,
    scope: Scope,
    what: str,
    command: str,
    using: ColumnElement[bool] | None,
    check: ColumnElement[bool] | None,
) -> Iterator[tuple[str, str]]:
    if any(rule is not None and rule.compare(false()) for rule in (using, check)):
        return
    name = f"{scope}_{what}"
    clauses = [f"USING ({sql_of(model, using)})"] if using is not None else []
    clauses += [f"WITH CHECK ({sql_of(model, check)})"] if check is not None else []
    table = model.__tablename__
    yield name, f"CREATE POLICY {name} ON {table} FOR {command} TO leadcrm_{scope} {' '.join(clauses)}"


def walled_statements() -> Iterator[str]:
    """Everything that must be run as the owner to close every table and open each as far as its model says."""
    open_tables = {model.__tablename__: model for model in scoped_models()}  # type: ignore[attr-defined]
    for table in Base.metadata.sorted_tables:
        yield f"REVOKE ALL ON {table.name} FROM PUBLIC, {', '.join((*ROLES, 'leadcrm_app', 'leadcrm_worker'))}"
        yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
        model = open_tables.get(table.name)
        if model is None:
            continue  # only definer functions of the owner reach it: secrets, the head of the audit chain
        yield f"GRANT {model.may} ON {table.name} TO {', '.join(ROLES)}"
        yield from (statement for _name, statement in policies(model))


def raise_walls(connection: Connection) -> None:
    """Drop every policy and make them anew, in the caller's transaction."""
    existing = connection.execute(
        text("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'")
    ).all()
    for table, name in existing:
        connection.exec_driver_sql(f'DROP POLICY "{name}" ON "{table}"')
    for statement in walled_statements():
        connection.exec_driver_sql(statement.replace("%", "%%"))
