"""What the application's connections are held to: a statement ends in time, a server that went away is left alone."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from leadcrm.core.config import Config
from leadcrm.core.db import Database, database, session
from leadcrm.core.postgres.urls import Urls
from tests.world import superuser

POOLS: dict[str, Callable[[Database], Engine]] = {
    "own": lambda kept: kept.engine,
    "journal": lambda kept: kept.journal_engine,
}


@pytest.mark.asvs("V15.1.3")
@pytest.mark.parametrize("pool", POOLS)
def test_a_statement_that_takes_too_long_is_stopped(urls: Urls, pool: str) -> None:
    kept = Database(urls.app, statement_timeout_ms=100)
    with POOLS[pool](kept).connect() as connection, pytest.raises(OperationalError) as stopped:
        connection.execute(select(func.pg_sleep(5)))
    kept.close()
    assert isinstance(stopped.value.orig, psycopg.errors.QueryCanceled)


def test_how_long_is_what_the_configuration_says(app: Flask, config: Config) -> None:
    with app.app_context():
        given = session.scalar(select(func.current_setting("statement_timeout")))
    assert given == f"{config.statement_timeout_ms // 1000}s"


@pytest.mark.parametrize("pool", POOLS)
def test_the_one_that_was_given_back_last_is_handed_out_first(app: Flask, pool: str) -> None:
    """What it has prepared is asked for again; the others were of a busier moment."""
    with app.app_context():
        engine = POOLS[pool](database())
    both = [engine.connect(), engine.connect()]
    last = [connection.connection.driver_connection for connection in both][-1]
    for connection in both:
        connection.close()
    for _ in range(3):
        with engine.connect() as connection:
            assert connection.connection.driver_connection is last


@pytest.mark.parametrize("pool", POOLS)
def test_what_is_prepared_stays_so_when_a_request_is_refused(urls: Urls, pool: str) -> None:
    kept = Database(urls.app)
    with POOLS[pool](kept).connect() as connection:
        for _ in range(7):
            connection.execute(select(func.now()))
        connection.rollback()
        assert connection.scalar(select(func.count()).select_from(text("pg_prepared_statements"))) == 1
        assert connection.scalar(select(func.now())) is not None
    kept.close()


@pytest.fixture
def changing(admin_url: str) -> Iterator[Callable[[], None]]:
    """A table that the application may read; calling it is a migration that comes while the application runs."""
    admin = superuser(admin_url)
    admin.execute("CREATE TABLE changing (one integer); GRANT SELECT ON changing TO leadcrm_app")

    def migrate() -> None:
        admin.execute("ALTER TABLE changing ADD COLUMN other integer")

    yield migrate
    admin.execute("DROP TABLE changing")


def test_a_plan_that_a_migration_made_useless_fails_once(urls: Urls, changing: Callable[[], None]) -> None:
    kept, asked = Database(urls.app), text("SELECT * FROM changing")
    with kept.engine.connect() as connection:
        for _ in range(7):
            connection.execute(asked)
        connection.rollback()
        changing()
        with pytest.raises(DBAPIError, match="cached plan must not change result type"):
            connection.execute(asked)
        connection.rollback()
        assert list(connection.execute(asked).keys()) == ["one", "other"]
    kept.close()


def test_a_rollback_on_a_connection_that_is_lost_says_so(urls: Urls, admin_url: str) -> None:
    kept = Database(urls.app)
    connection = kept.engine.connect()
    lost = connection.scalar(select(func.pg_backend_pid()))
    superuser(admin_url).execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
    with pytest.raises(OperationalError):
        connection.rollback()
    connection.close()
    assert backend(kept.engine) != lost
    kept.close()


@pytest.mark.parametrize("pool", POOLS)
def test_a_connection_that_the_server_ended_is_not_handed_out(app: Flask, admin_url: str, pool: str) -> None:
    with app.app_context():
        engine = POOLS[pool](database())
    before = backend(engine)
    superuser(admin_url).execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert backend(engine) != before


def backend(engine: Engine) -> int:
    """The process that serves the connection which the pool hands out first."""
    with engine.connect() as connection:
        return int(connection.scalar(select(func.pg_backend_pid())) or 0)
