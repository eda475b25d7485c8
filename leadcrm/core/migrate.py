"""Migrations: one linear history in migrations/, run as the owner; the walls are raised anew after each run."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from leadcrm.core.config import ROOT
from leadcrm.core.postgres.problems import PostgresProblem
from leadcrm.core.walls import raise_walls

FOLDER: Path = ROOT / "migrations"
ONE_AT_A_TIME = 7_391_046  # a transaction-level advisory lock: two starts never migrate together
ATTEMPTS = 8  # each gives up when a table stays in use, so that requests behind it go on; then it tries anew
LOCK_SECONDS = 4


class TablesInUse(PostgresProblem):
    """Others hold what a migration must change, again and again."""


def settings(connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER / "alembic"))  # apart: env.py would pass for a migration
    config.set_main_option("version_locations", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def as_owner(migrator_url: str) -> Iterator[Connection]:
    """One transaction as leadcrm_owner, which owns every table and so is not narrowed by any policy."""
    engine = create_engine(migrator_url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE leadcrm_owner"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            yield connection
    finally:
        engine.dispose()


def upgrade(migrator_url: str, revision: str = "head") -> list[str]:
    """All or nothing: a migration that fails leaves the database as it was. Returns what changed of the walls.

    Whatever others hold is waited for a moment only: who waits for a table stops everybody behind it.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _upgrade_once(migrator_url, revision)
        except OperationalError as problem:
            if not isinstance(problem.orig, DeadlockDetected | LockNotAvailable):
                raise
            if attempt == ATTEMPTS:
                raise TablesInUse(in_use(problem)) from problem
            time.sleep(random.uniform(0.2, 1.0) * attempt)  # noqa: S311  not to meet the same request again
    raise AssertionError("the last attempt returns or raises")


def _upgrade_once(migrator_url: str, revision: str) -> list[str]:
    with as_owner(migrator_url) as connection:
        command.upgrade(settings(connection), revision)
        changed = raise_walls(connection)
        # Any start asks whether the database is current.
        connection.execute(text("GRANT SELECT ON alembic_version TO leadcrm_app, leadcrm_worker"))
        return changed


def in_use(problem: OperationalError) -> str:
    statement = " ".join((problem.statement or "").split())[:120]
    return (
        f"the database is in use: after {ATTEMPTS} attempts others still hold what `{statement}` must change. Nothing "
        "was changed. Stop `leadcrm serve` and its workers (or find the long transaction in pg_stat_activity), "
        "then run `leadcrm migrate` again."
    )


def make(migrator_url: str, message: str, number: str) -> None:
    """Write the next migration from the difference between models and database; read it before you keep it."""
    with as_owner(migrator_url) as connection:
        command.revision(settings(connection), message=message, rev_id=number, autogenerate=True)


def heads() -> str | None:
    return ScriptDirectory.from_config(settings()).get_current_head()


def current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
