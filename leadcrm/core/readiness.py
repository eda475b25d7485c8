"""May we start? The database is current and its logins are safe; the keys are there."""

from sqlalchemy import Connection, create_engine

from leadcrm.core import migrate
from leadcrm.core.config import Config
from leadcrm.core.databases import web_database_url, worker_database_url
from leadcrm.core.keys.opening import ring_of
from leadcrm.core.postgres import refuse_unsafe_login


class NotReady(RuntimeError):
    """Something must be done before the start; says what."""


def refuse_unready(config: Config) -> None:
    """Everything that `leadcrm serve` starts."""
    refuse_unready_web(config)
    _refuse(worker_database_url(config), worker=True)


def refuse_unready_web(config: Config) -> None:
    """A web process alone, under whatever server: it need not be able to read the worker's login."""
    ring_of(config, web_database_url(config))
    _refuse(web_database_url(config), worker=False)


def _refuse(url: str, worker: bool) -> None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            refuse_unsafe_login(connection, worker=worker)
            refuse_old_schema(connection)
    finally:
        engine.dispose()


def refuse_old_schema(connection: Connection) -> None:
    found, wanted = migrate.current(connection), migrate.heads()
    if found != wanted:
        raise NotReady(
            f"the database is at migration {found or 'none'}, the program at {wanted}: run `leadcrm migrate`"
        )
