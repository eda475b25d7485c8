"""The database: reachable, current, walled, its logins safe, its jobs moving."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

from leadcrm.core import migrate
from leadcrm.core.config import Config
from leadcrm.core.databases import embedded_server, migrator_database_url, web_database_url, worker_database_url
from leadcrm.core.doctor.report import Check, Finding, fail, ok, warn
from leadcrm.core.jobs import STALLED_AFTER_SECONDS
from leadcrm.core.postgres import UnsafeLogin, refuse_unsafe_login
from leadcrm.core.postgres.roles import OLDEST
from leadcrm.core.walls import raise_walls

SLOW_SECONDS = 0.25
POLICIES = text(
    "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'"
)
TABLES = text(
    "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
)
JOBS = text("""
    SELECT count(*) FILTER (WHERE status = 'todo') AS waiting,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'doing' AND w.last_heartbeat < now() - make_interval(secs => :seconds)
                                  OR status = 'doing' AND w.id IS NULL) AS stalled
    FROM procrastinate.procrastinate_jobs j LEFT JOIN procrastinate.procrastinate_workers w ON w.id = j.worker_id
""")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def reachable(config: Config) -> Iterator[Finding]:
    embedded = embedded_server(config)
    if embedded:
        embedded.ensure_running()
    with connected(web_database_url(config)) as connection:
        start = time.perf_counter()
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        seconds = time.perf_counter() - start
    found = f"PostgreSQL {version // 10000}.{version % 100}, {'embedded' if embedded else 'external'}, {seconds:.3f} s"
    if version < OLDEST:
        yield fail("database", found, "PostgreSQL 15 or newer is needed")
    elif seconds > SLOW_SECONDS:
        yield warn("database", found, "every page waits for it several times: bring it nearer")
    else:
        yield ok("database", found)


def logins(config: Config) -> Iterator[Finding]:
    for name, url, worker in (
        ("web login", web_database_url(config), False),
        ("worker login", worker_database_url(config), True),
    ):
        try:
            with connected(url) as connection:
                refuse_unsafe_login(connection, worker=worker)
        except UnsafeLogin as problem:
            yield fail(name, str(problem), "the policies hold only such logins")
        else:
            yield ok(name, "held by the policies")


def migrations(config: Config) -> Iterator[Finding]:
    with connected(web_database_url(config)) as connection:
        current = migrate.current(connection)
    if current != migrate.heads():
        yield fail("migrations", f"at {current or 'none'}, wanted {migrate.heads()}", "leadcrm migrate")
        return
    yield ok("migrations", f"at {current}")


def policies(config: Config) -> Iterator[Finding]:
    """Raised anew in a transaction that is undone: what then differs is not what the models say."""
    with migrate.as_owner(migrator_database_url(config)) as connection:
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        before = set(connection.execute(POLICIES))
        open_tables = [name for name, closed in connection.execute(TABLES) if not closed and name != "alembic_version"]
        raise_walls(connection)
        after = set(connection.execute(POLICIES))
        connection.rollback()
    if open_tables or before != after:
        differing = sorted({row.tablename for row in before ^ after} | set(open_tables))
        yield fail("row policies", f"differ from the models on {', '.join(differing)}", "leadcrm migrate")
        return
    yield ok("row policies", f"{len(after)} policies, as the models say")


def jobs(config: Config) -> Iterator[Finding]:
    with connected(worker_database_url(config)) as connection:
        row = connection.execute(JOBS, {"seconds": STALLED_AFTER_SECONDS}).one()
    found = f"{row.waiting} waiting, {row.stalled} stalled, {row.failed} failed"
    if row.stalled or row.failed:
        yield warn("jobs", found, "start a worker (`leadcrm worker`); it takes stalled jobs up again and logs failures")
        return
    yield ok("jobs", found)


CHECKS: tuple[Check, ...] = (reachable, logins, migrations, policies, jobs)
