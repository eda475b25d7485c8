"""Walls are raised where they differ and nowhere else; a busy database is waited for, a moment at a time."""

import threading
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.core import migrate
from leadcrm.core.postgres.urls import Urls, conninfo
from tests.together import together


@pytest.fixture
def reader(admin_url: str, app: Flask) -> Any:
    """A request that reads leads and does not end."""
    with psycopg.connect(admin_url) as connection:
        connection.execute("SELECT count(*) FROM leads_lead")
        yield connection
        connection.rollback()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 1)
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)


def altered(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("ALTER POLICY company_all ON leads_lead USING (true)")


def reads(admin_url: str) -> str:
    with psycopg.connect(admin_url) as admin:
        ours = "SELECT qual FROM pg_policies WHERE tablename = 'leads_lead' AND policyname = 'company_all'"
        return str(admin.execute(ours).fetchone())


def test_nothing_to_change_waits_for_nobody(urls: Urls, reader: Any, quick: None) -> None:
    assert migrate.upgrade(urls.migrator) == []


def test_what_somebody_altered_is_put_right_and_nothing_else(app: Flask, urls: Urls, admin_url: str) -> None:
    before = reads(admin_url)
    altered(admin_url)
    assert reads(admin_url) != before
    [statement] = migrate.upgrade(urls.migrator)
    assert statement.startswith("CREATE POLICY company_all ON leads_lead")
    assert reads(admin_url) == before


TO_ONE_ROLE = {
    "DROP POLICY looking_no_update ON leads_lead": "CREATE POLICY looking_no_update",
    "ALTER TABLE leads_lead DISABLE ROW LEVEL SECURITY": "ALTER TABLE leads_lead ENABLE",
    "GRANT SELECT ON auth_secret TO leadcrm_own": "REVOKE ALL ON auth_secret",
    "CREATE POLICY more ON leads_lead TO leadcrm_none USING (true)": "dropped more on leads_lead",
}
TO_EVERYBODY = {"GRANT SELECT ON auth_secret TO PUBLIC": "REVOKE ALL ON auth_secret"}


@pytest.mark.parametrize("harms", [TO_ONE_ROLE, TO_EVERYBODY], ids=["to one role", "to everybody"])
def test_every_breach_is_found(app: Flask, urls: Urls, admin_url: str, harms: dict[str, str]) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for harm in harms:
            admin.execute(harm)  # type: ignore[arg-type]  # written above
    done = migrate.upgrade(urls.migrator)
    with together() as case:
        for harm, mended in harms.items():
            with case(harm):
                assert any(statement.startswith(mended) for statement in done)
    assert migrate.upgrade(urls.migrator) == []


def test_a_database_in_use_is_said_to_be(urls: Urls, admin_url: str, reader: Any, quick: None) -> None:
    with psycopg.connect(conninfo(urls.migrator), autocommit=True) as owner:
        owner.execute("SET ROLE leadcrm_owner")
        owner.execute("COMMENT ON POLICY company_all ON leads_lead IS 'made from something else'")
    with pytest.raises(migrate.TablesInUse, match="leadcrm serve"):
        migrate.upgrade(urls.migrator)
    reader.rollback()
    assert len(migrate.upgrade(urls.migrator)) == 1


def test_it_goes_on_when_the_reader_ends(
    urls: Urls, admin_url: str, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 1)
    with psycopg.connect(conninfo(urls.migrator), autocommit=True) as owner:
        owner.execute("SET ROLE leadcrm_owner")
        owner.execute("COMMENT ON POLICY company_all ON leads_lead IS 'made from something else'")
    later = threading.Timer(2.0, reader.rollback)
    later.start()
    assert len(migrate.upgrade(urls.migrator)) == 1
    later.join()
