"""The start is refused for a login that the policies do not hold."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import create_engine

from leadcrm.core.postgres import UnsafeLogin, Urls, conninfo, prepare_cluster, refuse_unsafe_login
from leadcrm.core.postgres.urls import login_url


@pytest.fixture
def urls(cluster: str) -> Urls:
    return prepare_cluster(cluster, "leadcrm")


@pytest.fixture
def login_by_hand(cluster: str, urls: Urls) -> Callable[[str], str]:
    """A login that somebody made by hand, after these statements."""

    def make(statements: str) -> str:
        with psycopg.connect(conninfo(cluster), dbname="leadcrm", autocommit=True) as admin:
            admin.execute(
                "CREATE ROLE test_hand LOGIN PASSWORD 'secret'; GRANT CONNECT ON DATABASE leadcrm TO test_hand"
            )
            admin.execute(statements)  # type: ignore[arg-type]
        return login_url(cluster, "test_hand", "secret", "leadcrm")

    return make


def attempt(url: str, *, worker: bool = False) -> None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            refuse_unsafe_login(connection, worker=worker)
    finally:
        engine.dispose()


def test_our_own_logins_pass(urls: Urls) -> None:
    attempt(urls.app)
    attempt(urls.worker, worker=True)
    attempt(urls.app, worker=True)


def test_the_superuser(cluster: str) -> None:
    with pytest.raises(UnsafeLogin, match=r"login postgres is a superuser.*use the login `leadcrm_app`"):
        attempt(cluster)


def test_the_migrator(urls: Urls) -> None:
    with pytest.raises(UnsafeLogin, match="as member of leadcrm_owner, may become the owner"):
        attempt(urls.migrator)


def test_the_worker_in_a_web_process(urls: Urls) -> None:
    with pytest.raises(UnsafeLogin, match="as member of leadcrm_all, may see every company's rows"):
        attempt(urls.worker)


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ("ALTER ROLE test_hand SUPERUSER", "test_hand is a superuser"),
        ("ALTER ROLE test_hand BYPASSRLS", "test_hand bypasses row-level security"),
        ("ALTER ROLE test_hand CREATEROLE", "may give itself any role"),
        ("CREATE TABLE t (); ALTER TABLE t OWNER TO test_hand", "test_hand owns tables"),
        ("GRANT leadcrm_owner TO test_hand", "as member of leadcrm_owner, may become the owner"),
        ("GRANT leadcrm_migrator TO test_hand", "as member of leadcrm_owner, may become the owner"),
        ("CREATE ROLE test_mighty BYPASSRLS; GRANT test_mighty TO test_hand", "as member of test_mighty, bypasses"),
        ("GRANT postgres TO test_hand", "as member of postgres, is a superuser"),
    ],
)
def test_logins_made_by_hand(login_by_hand: Callable[[str], str], statements: str, reason: str) -> None:
    with pytest.raises(UnsafeLogin, match=reason):
        attempt(login_by_hand(statements), worker=True)


def test_an_innocent_login_passes(login_by_hand: Callable[[str], str]) -> None:
    attempt(login_by_hand("GRANT leadcrm_own TO test_hand"))


def test_a_role_taken_for_the_moment_hides_nothing(cluster: str, urls: Urls) -> None:
    engine = create_engine(cluster)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET ROLE leadcrm_own")
        with pytest.raises(UnsafeLogin, match="login postgres is a superuser"):
            refuse_unsafe_login(connection)
    engine.dispose()
