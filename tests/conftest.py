"""One embedded PostgreSQL and one migrated template database for the whole run; a database and an app per process.

Every test commits for real, as the restricted role: inside one outer transaction a forgotten scope would pass unseen.
What a test wrote is removed after it, as the superuser, who is not narrowed by anything.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

from leadcrm.app import create_app
from leadcrm.core import crypto, migrate
from leadcrm.core.config import Config
from leadcrm.core.crypto import Keyring
from leadcrm.core.limits import full_until
from leadcrm.core.postgres.embedded import Embedded
from leadcrm.core.postgres.roles import prepare_cluster
from leadcrm.core.postgres.urls import Urls, conninfo, password_of
from leadcrm.leads.queries.counting import more_than_counted
from tests.chromium import CHROMIUM
from tests.patience import STATEMENT_MS
from tests.people import Person
from tests.shelf import Shelf
from tests.world import Browser, forget_superusers, forget_what_tests_wrote, make_world, remember_the_world, sign_in_as

TEMPLATE = "leadcrm_template"
SHARED = "TESTS_INSTANCE"


def pytest_configure(config: pytest.Config) -> None:
    """The main process starts the server and makes the template; its workers (xdist) find both."""
    if hasattr(config, "workerinput") or SHARED in os.environ:
        return
    instance = Path(tempfile.mkdtemp(prefix="leadcrm-tests-"))
    os.environ[SHARED] = str(instance)
    config.stash[OWNED] = instance


HERE = Path(__file__).parent
ATTACK = HERE / "attack"
OWNED = pytest.StashKey[Path]()
gc.disable()  # while everything is loaded and collected


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Half of all cases are attacks: every process would load and count them, and leave them out."""
    return True if collection_path == ATTACK and config.option.markexpr.endswith("not attack") else None


@pytest.hookimpl(trylast=True)  # when the walks are marked
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first: begun last, it would leave the other processes idle.

    What walks through every door takes seconds in one piece. Walks in a browser follow, together: each time that
    something else comes between, a Chromium is closed and the next one started.
    """
    items.sort(key=lambda item: 0 if item.path.parent == HERE else 1 if item.get_closest_marker("browser") else 2)


def pytest_collection_finish() -> None:
    """What is loaded now stays: looking through it again and again for garbage finds none."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    gc.collect()
    gc.freeze()  # pytest looks five times more for what was dropped without being closed
    instance = config.stash.get(OWNED, None)
    if instance is not None:
        Embedded(instance).destroy()
        shutil.rmtree(instance, ignore_errors=True)
        del os.environ[SHARED]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    try:
        return (yield)
    finally:
        if nextitem is None or not nextitem.get_closest_marker("browser"):
            CHROMIUM.close()


@pytest.fixture(scope="session")
def server() -> Embedded:
    embedded = Embedded(Path(os.environ[SHARED]), durable=False)
    embedded.ensure_running()
    return embedded


@pytest.fixture(scope="session")
def urls(server: Embedded, worker_id: str) -> Urls:
    """A database of this process's own, copied from the template."""
    database = f"leadcrm_{worker_id}"
    with psycopg.connect(conninfo(server.admin_url()), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(1)")  # one process makes the template, the others wait here
        make_template(server, admin)
        admin.execute(f"DROP DATABASE IF EXISTS {database}")
        admin.execute(f"CREATE DATABASE {database} TEMPLATE {TEMPLATE} OWNER leadcrm_owner")
        admin.execute("SELECT pg_advisory_unlock(1)")
    return Urls.load(server.instance).on(database)


def make_template(server: Embedded, admin: psycopg.Connection[Any]) -> None:
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
        return
    known = Urls.load(server.instance)
    prove_passwords_quickly(server, admin)
    prepare_cluster(server.admin_url(), TEMPLATE, known=known)
    Keyring.create(server.instance / "keys")
    try:
        migrate.upgrade(known.on(TEMPLATE).migrator)
    except BaseException:
        admin.execute(f"DROP DATABASE {TEMPLATE} WITH (FORCE)")
        shutil.rmtree(server.instance / "keys")
        raise


def prove_passwords_quickly(server: Embedded, admin: psycopg.Connection[Any]) -> None:
    """One round instead of SCRAM's 4096, which cost both sides milliseconds for each of thousands of connections."""
    admin.execute("SET scram_iterations = 1")
    for url in (server.admin_url(), *Urls.load(server.instance).each()):
        login = sql.Identifier(str(make_url(url).username))
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(login, password_of(url)))


@pytest.fixture(scope="session")
def admin_url(server: Embedded, worker_id: str, urls: Urls) -> Iterator[str]:
    """The superuser on this process's database: for tests that look behind the walls."""
    yield conninfo(server.admin_url(f"leadcrm_{worker_id}"))
    forget_superusers()


@pytest.fixture(scope="session")
def config(server: Embedded) -> Config:
    return Config(instance=server.instance, testing=True, statement_timeout_ms=STATEMENT_MS)


@pytest.fixture(scope="session")
def whole_app(config: Config, urls: Urls, admin_url: str) -> Iterator[Flask]:
    app = create_app(config, urls.app)
    make_world(urls.worker)
    remember_the_world(admin_url)
    yield app
    app.extensions["database"].close()


@pytest.fixture
def app(whole_app: Flask, admin_url: str) -> Iterator[Flask]:
    """The application as web processes have it, with the five people and nothing else in the database."""
    crypto.use(whole_app.extensions[crypto.EXTENSION])  # other tests make applications too
    full_until.clear()  # of counters that are gone
    yield whole_app
    forget_what_tests_wrote(admin_url)
    more_than_counted.clear()  # of leads that are gone


@pytest.fixture(scope="module")
def shelf(whole_app: Flask, admin_url: str) -> Shelf:
    """`shelf.once("a lead", make)` in a fixture that each test of a file asks for."""
    return Shelf(admin_url)


@pytest.fixture(scope="session")
def whole_worker_app(config: Config, urls: Urls, whole_app: Flask) -> Iterator[Flask]:
    app = create_app(config, urls.worker)
    yield app
    app.extensions["database"].close()


@pytest.fixture
def worker_app(app: Flask, whole_worker_app: Flask) -> Flask:
    """The application as jobs and commands have it: it may also see everything, when it says why."""
    return whole_worker_app


@pytest.fixture
def client_as(app: Flask, admin_url: str) -> Callable[[Person], Browser]:
    """A browser in which this person has signed in, second factor included."""
    return lambda person: sign_in_as(app, person, admin_url)


@pytest.fixture
def stranger(app: Flask) -> Browser:
    return Browser(app)
