"""Migrations: one linear history in migrations/, run as the owner; the walls are raised anew after each run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from leadcrm.core.config import ROOT
from leadcrm.core.walls import raise_walls

FOLDER: Path = ROOT / "migrations"
ONE_AT_A_TIME = 7_391_046  # a transaction-level advisory lock: two starts never migrate together


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
            connection.execute(
                text("SET LOCAL lock_timeout = '60s'")
            )  # rather give up than queue every request behind us
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
            yield connection
    finally:
        engine.dispose()


def upgrade(migrator_url: str, revision: str = "head") -> None:
    """All or nothing: a migration that fails leaves the database as it was."""
    with as_owner(migrator_url) as connection:
        command.upgrade(settings(connection), revision)
        raise_walls(connection)
        # Any start asks whether the database is current.
        connection.execute(text("GRANT SELECT ON alembic_version TO leadcrm_app, leadcrm_worker"))


def make(migrator_url: str, message: str, number: str) -> None:
    """Write the next migration from the difference between models and database; read it before you keep it."""
    with as_owner(migrator_url) as connection:
        command.revision(settings(connection), message=message, rev_id=number, autogenerate=True)


def heads() -> str | None:
    return ScriptDirectory.from_config(settings()).get_current_head()


def current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
