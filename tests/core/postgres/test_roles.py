"""The roles and the database, on the embedded server and on Debian's."""

import threading

import psycopg
import pytest
from psycopg import errors

from leadcrm.core.postgres import PostgresProblem, RolesExist, Urls, conninfo, prepare_cluster, roles
from leadcrm.core.postgres.urls import login_url

SCOPES = {"leadcrm_own", "leadcrm_company", "leadcrm_none"}


def ask(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        cursor = connection.execute(statement, values)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def may_become(url: str, role: str) -> bool:
    try:
        ask(url, f"SET ROLE {role}")
    except errors.InsufficientPrivilege:
        return False
    return True


def groups_it_may_become(url: str) -> set[str]:
    return {role for role in (*SCOPES, "leadcrm_all", "leadcrm_owner", "postgres") if may_become(url, role)}


@pytest.mark.asvs("V13.2.2")
def test_each_login_may_become_exactly_what_the_table_says(cluster: str) -> None:
    urls = prepare_cluster(cluster, "leadcrm")
    assert groups_it_may_become(urls.app) == SCOPES
    assert groups_it_may_become(urls.worker) == SCOPES | {"leadcrm_all"}
    assert groups_it_may_become(urls.migrator) == {"leadcrm_owner"}


def test_the_attributes_of_the_roles(cluster: str) -> None:
    prepare_cluster(cluster, "leadcrm")
    columns = "rolname, rolcanlogin, rolinherit, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
    found = ask(cluster, f"SELECT {columns} FROM pg_roles WHERE rolname LIKE 'leadcrm%%'")
    logins = {name: inherits for name, can_login, inherits, _mighty in found if can_login}
    assert logins == {"leadcrm_app": False, "leadcrm_worker": False, "leadcrm_migrator": False}
    assert {name for name, can_login, *_rest in found if not can_login} == SCOPES | {"leadcrm_all", "leadcrm_owner"}
    assert not any(mighty for *_rest, mighty in found)


def test_the_application_inherits_nothing_before_it_takes_a_role(cluster: str) -> None:
    urls = prepare_cluster(cluster, "leadcrm")
    ask(urls.migrator, "SET ROLE leadcrm_owner; CREATE TABLE things (); GRANT SELECT ON things TO leadcrm_own")
    with pytest.raises(errors.InsufficientPrivilege):
        ask(urls.app, "SELECT FROM things")
    ask(urls.app, "SET ROLE leadcrm_own; SELECT FROM things")


@pytest.mark.parametrize("login", ["app", "worker"])
def test_no_parallel_plans_behind_the_policies(cluster: str, login: str) -> None:
    url = getattr(prepare_cluster(cluster, "leadcrm"), login)
    assert ask(url, "SHOW max_parallel_workers_per_gather") == [("0",)]


def test_the_database_belongs_to_the_owner_and_nobody_else_creates_in_it(cluster: str) -> None:
    urls = prepare_cluster(cluster, "leadcrm")
    owner = "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'leadcrm'"
    assert ask(cluster, owner) == [("leadcrm_owner", "UTF8")]
    for login in (urls.app, urls.worker, urls.migrator):
        with pytest.raises(errors.InsufficientPrivilege):
            ask(login, "CREATE TABLE public.mine ()")
        with pytest.raises(errors.InsufficientPrivilege):
            ask(login, "CREATE SCHEMA mine")
    ask(urls.migrator, "SET ROLE leadcrm_owner; CREATE TABLE theirs (); CREATE SCHEMA jobs")


def test_a_login_of_another_application_gets_no_connection(cluster: str) -> None:
    prepare_cluster(cluster, "leadcrm")
    ask(cluster, "CREATE ROLE test_stranger LOGIN PASSWORD 'secret'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        ask(login_url(cluster, "test_stranger", "secret", "leadcrm"), "SELECT 1")


def test_the_scope_roles_may_make_temporary_tables(cluster: str) -> None:
    urls = prepare_cluster(cluster, "leadcrm")
    ask(urls.app, "SET ROLE leadcrm_own; CREATE TEMPORARY TABLE staged (line text)")


def test_text_is_unicode_everywhere_and_sorts_by_code_point(cluster: str) -> None:
    urls = prepare_cluster(cluster, "leadcrm")
    assert ask(urls.app, "SELECT lower('ÉÇŠ'), 'Zoë' < 'aap', now()::text ~ '[+]00$'") == [("éçš", True, True)]


def test_it_may_run_again_and_mends_what_differs(cluster: str) -> None:
    urls = prepare_cluster(cluster, "leadcrm")
    ask(cluster, "GRANT leadcrm_owner TO leadcrm_app; REVOKE leadcrm_own FROM leadcrm_app")
    assert prepare_cluster(cluster, "leadcrm", known=urls) == urls
    assert groups_it_may_become(urls.app) == SCOPES


def test_a_second_database_shares_the_logins(cluster: str) -> None:
    first = prepare_cluster(cluster, "leadcrm")
    second = prepare_cluster(cluster, "leadcrm_two", known=first)
    assert second == first.on("leadcrm_two")
    assert ask(second.app, "SELECT current_database()") == [("leadcrm_two",)]


def test_logins_that_exist_keep_their_password_unless_told(cluster: str) -> None:
    first = prepare_cluster(cluster, "leadcrm")
    with pytest.raises(RolesExist, match="LEADCRM_WORKER_DATABASE_URL"):
        prepare_cluster(cluster, "leadcrm")
    second = prepare_cluster(cluster, "leadcrm", reset_passwords=True)
    assert not {first.app, first.worker, first.migrator} & {second.app, second.worker, second.migrator}
    assert ask(second.app, "SELECT session_user") == [("leadcrm_app",)]


def test_an_administrator_who_is_no_superuser_will_do(cluster: str) -> None:
    ask(cluster, "CREATE ROLE test_admin LOGIN CREATEROLE CREATEDB PASSWORD 'secret'")
    urls = prepare_cluster(login_url(cluster, "test_admin", "secret", "postgres"), "leadcrm")
    assert groups_it_may_become(urls.app) == SCOPES
    member = "SELECT pg_has_role('test_admin', 'leadcrm_owner', 'USAGE')"
    assert ask(cluster, member) == [(False,)]


def test_many_at_once_make_one_cluster(cluster: str) -> None:
    known = prepare_cluster(cluster, "leadcrm")
    results: list[Urls] = []
    threads = [
        threading.Thread(target=lambda: results.append(prepare_cluster(cluster, "leadcrm_two", known=known)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [known.on("leadcrm_two")] * 4


def test_an_old_server_is_refused(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "OLDEST", 990000)
    with pytest.raises(PostgresProblem, match="needs PostgreSQL 15 or newer"):
        prepare_cluster(cluster, "leadcrm")
