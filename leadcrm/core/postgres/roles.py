"""The roles and the database of leadcrm, on any PostgreSQL 15 or newer. The table stands in the README."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow, scalar_row

from leadcrm.core.postgres.problems import PostgresProblem, RolesExist
from leadcrm.core.postgres.urls import Urls, conninfo, login_url, password_of

Admin = psycopg.Connection[Any]  # of single values

OLDEST = 150000
OWNER = "leadcrm_owner"
SCOPES = ("leadcrm_own", "leadcrm_company", "leadcrm_none")
EVERYTHING = "leadcrm_all"
LOGINS = {
    "leadcrm_app": SCOPES,
    "leadcrm_worker": (*SCOPES, EVERYTHING),
    "leadcrm_migrator": (OWNER,),
}
# A worker process of a parallel query plans without the settings that the policies read.
NOT_PARALLEL = ("leadcrm_app", "leadcrm_worker")
ONE_AT_A_TIME = 0x1EADC12


def prepare_cluster(admin_url: str, database: str, *, known: Urls | None = None, reset_passwords: bool = False) -> Urls:
    """Create what is missing and set right what differs; may be run again and again.

    `admin_url` belongs to a superuser, or to a login with CREATEROLE and CREATEDB. Logins that exist keep their
    password, which must then be `known`, unless `reset_passwords` is said: another leadcrm may use them too.
    """
    with psycopg.connect(conninfo(admin_url), autocommit=True, row_factory=scalar_row) as admin:
        _refuse_old_server(admin)
        admin.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        passwords = _make_roles(admin, known, reset_passwords)
        with _allowed_as_owner(admin):
            _make_database(admin, database)
            with psycopg.connect(conninfo(admin_url), dbname=database, autocommit=True) as inside:
                _close_schema(inside)
    urls = {name: login_url(admin_url, name, password, database) for name, password in passwords.items()}
    return Urls(urls["leadcrm_app"], urls["leadcrm_worker"], urls["leadcrm_migrator"])


def _refuse_old_server(admin: Admin) -> None:
    if admin.info.server_version < OLDEST:
        raise PostgresProblem(f"leadcrm needs PostgreSQL 15 or newer, this is {admin.info.server_version // 10000}")


def _make_roles(admin: Admin, known: Urls | None, reset: bool) -> dict[str, str]:
    existing = set(admin.execute("SELECT rolname FROM pg_roles"))
    for role in (OWNER, *SCOPES, EVERYTHING):
        _set_role(admin, role, role in existing, sql.SQL("NOLOGIN"))
    passwords = _passwords(existing, known, reset)
    for login, groups in LOGINS.items():
        keep = login in existing and not reset
        secret = sql.SQL("") if keep else sql.SQL("PASSWORD {}").format(passwords[login])
        _set_role(admin, login, login in existing, sql.SQL("LOGIN NOINHERIT ") + secret)
        _set_groups(admin, login, groups)
    for login in NOT_PARALLEL:
        admin.execute(_named("ALTER ROLE {} SET max_parallel_workers_per_gather = 0", login))
    return passwords


def _passwords(existing: set[Any], known: Urls | None, reset: bool) -> dict[str, str]:
    if reset or not existing & LOGINS.keys():
        return {login: secrets.token_urlsafe(32) for login in LOGINS}
    if known is None:
        raise RolesExist(
            "the server has leadcrm's logins already and their passwords are not known here: give them in "
            "LEADCRM_DATABASE_URL, LEADCRM_WORKER_DATABASE_URL and LEADCRM_MIGRATOR_DATABASE_URL, "
            "or ask for new ones (any other leadcrm on this server then needs them too)"
        )
    return dict(zip(("leadcrm_app", "leadcrm_worker", "leadcrm_migrator"), map(password_of, known.each()), strict=True))


def _set_role(admin: Admin, role: str, exists: bool, options: sql.Composable) -> None:
    verb = sql.SQL("ALTER ROLE" if exists else "CREATE ROLE")
    admin.execute(sql.SQL("{} {} {}").format(verb, sql.Identifier(role), options))


def _set_groups(admin: Admin, login: str, groups: tuple[str, ...]) -> None:
    """Exactly these: a membership that somebody added would open a wall."""
    current = admin.execute(
        "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid "
        "JOIN pg_roles l ON l.oid = m.member WHERE l.rolname = %s AND g.rolname LIKE 'leadcrm\\_%%'",
        [login],
    )
    for group in set(current) - set(groups):
        admin.execute(_named("REVOKE {} FROM {}", group, login))
    for group in groups:
        admin.execute(_named("GRANT {} TO {}", group, login))


@contextmanager
def _allowed_as_owner(admin: Admin) -> Iterator[None]:
    """A superuser may do all; a managed server's administrator becomes a member of the owner for a moment."""
    superuser = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if not superuser:
        admin.execute(_named("GRANT {} TO CURRENT_USER", OWNER))
    try:
        yield
    finally:
        if not superuser:
            admin.execute(_named("REVOKE {} FROM CURRENT_USER", OWNER))


def _make_database(admin: Admin, database: str) -> None:
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        create = _named("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'", database, OWNER)
        admin.execute(create + _locale(admin))
    admin.execute(_named("ALTER DATABASE {} OWNER TO {}", database, OWNER))
    admin.execute(_named("ALTER DATABASE {} SET timezone = 'UTC'", database))
    admin.execute(_named("ALTER DATABASE {} SET jit = off", database))
    admin.execute(_named("REVOKE ALL ON DATABASE {} FROM PUBLIC", database))
    # TEMPORARY: the bulk writer copies into a temporary table as the scope role.
    for role in (*LOGINS, *SCOPES, EVERYTHING):
        admin.execute(_named("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", database, role))


def _locale(admin: Admin) -> sql.SQL:
    """One order and one upper case on every machine; `C.UTF-8` is PostgreSQL's own from 17 on, the system's before."""
    if admin.info.server_version >= 170000:
        return sql.SQL(" LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")
    known = "SELECT 1 FROM pg_collation WHERE collname IN ('C.UTF-8', 'C.utf8') AND collprovider = 'c'"
    return sql.SQL(" LOCALE 'C.UTF-8'" if admin.execute(known).fetchone() else "")


def _close_schema(inside: psycopg.Connection[TupleRow]) -> None:
    inside.execute(_named("ALTER SCHEMA public OWNER TO {}", OWNER))
    inside.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def _named(statement: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
