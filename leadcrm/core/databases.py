"""Which database each sort of process logs in to: the configured, else what `leadcrm init` wrote."""

from collections.abc import Iterator
from contextlib import contextmanager

from leadcrm.core.config import Config, ConfigProblem
from leadcrm.core.postgres.embedded import Embedded
from leadcrm.core.postgres.urls import DRIVER, Urls, app_url, lives_elsewhere


def web_database_url(config: Config) -> str:
    """The application's login: scope roles only, never the owner's tables nor every row."""
    return driven(config.database_url) if config.database_url else app_url(config.instance)


def worker_database_url(config: Config) -> str:
    if not config.database_url:
        return Urls.load(config.instance).worker
    return _required("worker_database_url", config.worker_database_url)


def migrator_database_url(config: Config) -> str:
    if not config.database_url:
        return Urls.load(config.instance).migrator
    return _required("migrator_database_url", config.migrator_database_url)


def _required(key: str, url: str | None) -> str:
    if url is None:
        raise ConfigProblem(
            f"database_url is set but {key} is not. Set LEADCRM_{key.upper()} too, "
            "or run `leadcrm init --admin-url URL`, which makes the roles and writes all three."
        )
    return driven(url)


def driven(url: str) -> str:
    """SQLAlchemy's name of the driver, whatever notation of a PostgreSQL address was given."""
    scheme, separator, rest = url.partition("://")
    return f"{DRIVER}{separator}{rest}" if scheme in ("postgres", "postgresql") else url


def embedded_server(config: Config) -> Embedded | None:
    """None: the database is configured, or `leadcrm init --admin-url` made it elsewhere: somebody else's care."""
    elsewhere = config.database_url or lives_elsewhere(config.instance)
    return None if elsewhere else Embedded(config.instance)


@contextmanager
def database_running(config: Config) -> Iterator[None]:
    """The embedded PostgreSQL, up for as long as this process lives; the last one of them stops it."""
    embedded = embedded_server(config)
    if embedded:
        embedded.ensure_running()
    yield
