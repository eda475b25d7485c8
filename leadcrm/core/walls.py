"""Row scope, wall 2: the rule that narrows the ORM, as PostgreSQL policies, one per scope role of the database.

Derived from visible_to() and changeable_by() after every migration, so the two walls cannot drift apart. Run as the
owner. What stands already is left alone: dropping a policy locks its table against every reader, and a migration that
changes nothing must not wait for a running request, nor let one wait.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Uuid, false, literal_column, select, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.types import TypeEngine

from leadcrm.core.db import Base
from leadcrm.core.scope import Scope, Scoped, Viewer, scoped_models

DIALECT: Any = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its constructor untyped
ROLES = tuple(f"leadcrm_{scope}" for scope in Scope)
LOGINS = ("leadcrm_app", "leadcrm_worker")
PEOPLE = tuple(f"leadcrm_{scope}" for scope in Scope if scope != Scope.ALL)  # a person may be one who only looks
EVERY_ROW, NO_ROW = "true", "false"
MAY_CHANGE = "(SELECT nullif(current_setting('app.read_only', true), '') IS NULL)"  # worked out once a statement

# Each policy as it stands, with what its comment says it was made from; null where a command has no such clause.
STANDING = text("""
    SELECT c.relname, p.polname, obj_description(p.oid, 'pg_policy') AS made_from,
           p.polcmd::text, p.polpermissive::text,
           ARRAY(SELECT pg_get_userbyid(r) FROM unnest(p.polroles) AS r ORDER BY 1)::text,
           pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'public'::regnamespace
""")
TABLES = text("""
    SELECT c.relname, c.relrowsecurity,
           ARRAY(SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee)::text END
                        || ' ' || a.privilege_type
                 FROM aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
""")


@dataclass(frozen=True)
class Policy:
    table: str
    name: str
    statement: str

    @property
    def comment(self) -> str:
        return f"COMMENT ON POLICY {self.name} ON {self.table} IS"


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


def policies(model: type[Scoped]) -> Iterator[Policy]:
    """One for each scope role that may see or change anything, and those that hold whoever only looks."""
    for scope in Scope:
        if scope == Scope.ALL:
            yield from _policy(model, scope, "all", "ALL", EVERY_ROW, EVERY_ROW)
            continue
        visible, changeable = (_rule(model, each(looker(scope))) for each in (model.visible_to, model.changeable_by))
        if visible == changeable:
            yield from _policy(model, scope, "all", "ALL", visible, visible)
            continue
        yield from _policy(model, scope, "see", "SELECT", visible, None)
        yield from _policy(model, scope, "add", "INSERT", None, changeable)
        yield from _policy(model, scope, "change", "UPDATE", changeable, changeable)
        yield from _policy(model, scope, "remove", "DELETE", changeable, None)
    if not model.own_taste:
        yield from _looking_only(model)


def _rule(model: Any, rule: ColumnElement[bool]) -> str:
    return NO_ROW if rule.compare(false()) else sql_of(model, rule)


def _policy(
    model: Any, scope: Scope, what: str, command: str, using: str | None, check: str | None
) -> Iterator[Policy]:
    if NO_ROW in (using, check):
        return
    name = f"{scope}_{what}"
    clauses = [f"USING ({using})"] if using is not None else []
    clauses += [f"WITH CHECK ({check})"] if check is not None else []
    table = model.__tablename__
    yield Policy(table, name, f"CREATE POLICY {name} ON {table} FOR {command} TO leadcrm_{scope} {' '.join(clauses)}")


def _looking_only(model: Any) -> Iterator[Policy]:
    """Restrictive, and only for commands that change: reading does not know of them, so it costs nothing there.

    Adding and changing fail aloud; what cannot be deleted is just not found, since PostgreSQL has no check for it.
    """
    table, people = model.__tablename__, ", ".join(PEOPLE)
    clauses = {
        "INSERT": f"WITH CHECK ({MAY_CHANGE})",
        "UPDATE": f"USING (true) WITH CHECK ({MAY_CHANGE})",
        "DELETE": f"USING ({MAY_CHANGE})",
    }
    for command in (command for command in clauses if command in model.may):
        name = f"looking_no_{command.lower()}"
        restrictive = f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} TO {people} {clauses[command]}"
        yield Policy(table, name, restrictive)


def wanted_policies() -> dict[tuple[str, str], Policy]:
    return {(each.table, each.name): each for model in scoped_models() for each in policies(model)}


def granted(model: Any) -> set[str]:
    """What the scope roles may do with a table at all; nothing with one that is closed."""
    return {f"{role} {verb}" for role in ROLES for verb in (model.may.split(", ") if model else ())}


def closing_statements(connection: Connection) -> Iterator[str]:
    """What closes tables, and opens each as far as its model says, where that is not so already."""
    models = {cast(Any, model).__tablename__: model for model in scoped_models()}
    standing = {name: (secured, set(grants)) for name, secured, grants in connection.execute(TABLES)}
    for table in sorted(Base.metadata.tables.keys() & standing.keys()):
        secured, grants = standing[table]
        model = models.get(table)  # none: only definer functions of the owner reach it: secrets, the audit chain's head
        if not secured:
            yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        if grants == granted(model):
            continue
        others = {grant.partition(" ")[0] for grant in grants} - {"public"}
        yield f"REVOKE ALL ON {table} FROM PUBLIC, {', '.join(sorted({*ROLES, *LOGINS, *others}))}"
        if model:
            yield f"GRANT {model.may} ON {table} TO {', '.join(ROLES)}"


def _digest(*parts: object) -> str:
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def raise_walls(connection: Connection) -> list[str]:
    """Make grants and policies what the models say, in the caller's transaction. Returns what had to be touched.

    PostgreSQL shows a policy in words of its own. So each carries a comment: what it was made from, and what it read
    like then; a rule that changed and a policy that somebody altered are both found by it.
    """
    statements = list(closing_statements(connection))
    for statement in statements:
        connection.exec_driver_sql(statement)
    wanted = wanted_policies()
    standing = {(row.relname, row.polname): row for row in connection.execute(STANDING)}
    sound = {key for key, row in standing.items() if key in wanted and _made_from(wanted[key], row) == row.made_from}
    for table, name in sorted(standing.keys() - sound):
        connection.exec_driver_sql(f'DROP POLICY "{name}" ON "{table}"')
    missing = [policy for key, policy in sorted(wanted.items()) if key not in sound]
    for policy in missing:
        connection.exec_driver_sql(policy.statement.replace("%", "%%"))
    _remember(connection, missing)
    gone = [f"dropped {name} on {table}" for table, name in sorted(standing.keys() - wanted.keys())]
    return [*statements, *(policy.statement for policy in missing), *gone]


def _made_from(policy: Policy, row: Any) -> str:
    return f"{_digest(policy.statement)} {_digest(*row[3:])}"


def _remember(connection: Connection, made: list[Policy]) -> None:
    standing = {(row.relname, row.polname): row for row in connection.execute(STANDING)} if made else {}
    for policy in made:
        said = _made_from(policy, standing[policy.table, policy.name])
        connection.exec_driver_sql(f"{policy.comment} '{said}'")
