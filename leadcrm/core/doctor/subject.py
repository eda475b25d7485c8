"""What a check may look at: the configuration, the application, the database, the answers of the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from flask import Flask
from sqlalchemy import Connection, create_engine, text

from leadcrm.core import migrate
from leadcrm.core.config import Config
from leadcrm.core.databases import migrator_database_url, worker_database_url
from leadcrm.core.doctor.visitor import Visitor


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, connect_args={"connect_timeout": 5}, hide_parameters=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


class Subject:
    """One instance under examination. `app` is None when it could not be made."""

    def __init__(self, config: Config, app: Flask | None = None):
        self.config, self.app = config, app

    @cached_property
    def visitor(self) -> Visitor:
        """Who knocks at the web server from outside."""
        return Visitor(self.config)

    @contextmanager
    def as_worker(self) -> Iterator[Connection]:
        """The worker's login, as the role that sees every row."""
        with connected(worker_database_url(self.config)) as connection:
            connection.execute(text("SELECT set_config('role', 'leadcrm_all', true)"))
            yield connection

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """The owner, in a transaction that is undone."""
        with migrate.as_owner(migrator_database_url(self.config)) as connection:
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            yield connection
            connection.rollback()
