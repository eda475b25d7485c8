"""The database, what waits in it, and keys: each finding is there when something is wrong, and only then."""

import os
import ssl
import time
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask_limiter import Limiter
from sqlalchemy import text as sql

from leadcrm.core.config import load
from leadcrm.core.crypto import Place
from leadcrm.core.db import PLATFORM_ID
from leadcrm.core.doctor import database, sealed, work
from leadcrm.core.doctor.report import FAIL, OK, SKIP, WARN
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.postgres import Embedded, Urls
from tests.core.doctor.consulting import BY_NAME, as_admin, found


def test_a_database_that_cannot_be_reached(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATOR_DATABASE_URL"):
        monkeypatch.setenv(f"LEADCRM_{name}", "postgresql://nobody:x@127.0.0.1:1/nowhere")
    assert found("database.reachable").state == FAIL


@pytest.mark.parametrize(("seconds", "state"), [(0.0, WARN), (10.0, OK)])
def test_a_database_that_is_far_away(
    instance: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, state: str
) -> None:
    monkeypatch.setattr(database, "SLOW_SECONDS", seconds)
    assert found("database.reachable").state == state


def test_a_login_that_policies_do_not_hold(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = Urls.load(instance)
    monkeypatch.setenv("LEADCRM_DATABASE_URL", urls.migrator)
    monkeypatch.setenv("LEADCRM_WORKER_DATABASE_URL", Embedded(instance).admin_url("leadcrm"))
    assert found("database.web_login").state == found("database.worker_login").state == FAIL


def test_a_database_that_is_not_current(instance: Path) -> None:
    as_admin(instance, "CREATE TABLE kept AS TABLE alembic_version", "UPDATE alembic_version SET version_num = '0001'")
    assert found("database.migrations").outcome.remedy == "leadcrm migrate"
    as_admin(instance, "UPDATE alembic_version SET version_num = (SELECT version_num FROM kept)", "DROP TABLE kept")


@pytest.mark.parametrize(
    ("damage", "repair"),
    [
        ("ALTER TABLE leads_lead DISABLE ROW LEVEL SECURITY", "ALTER TABLE leads_lead ENABLE ROW LEVEL SECURITY"),
        ("CREATE POLICY open ON leads_lead TO leadcrm_own USING (true)", "DROP POLICY open ON leads_lead"),
    ],
)
def test_a_wall_with_a_hole(instance: Path, damage: str, repair: str) -> None:
    as_admin(instance, damage)
    broken = [found(name) for name in ("walls.policies", "walls.row_security")]
    assert FAIL in {each.state for each in broken} and "leads_lead" in "".join(each.outcome.detail for each in broken)
    as_admin(instance, repair)
    assert found("walls.policies").state == found("walls.row_security").state == OK  # it leaves nothing behind


@pytest.mark.parametrize(
    ("check", "damage", "repair"),
    [
        ("walls.row_security", "GRANT leadcrm_owner TO leadcrm_app", "REVOKE leadcrm_owner FROM leadcrm_app"),
        ("walls.row_security", "ALTER ROLE leadcrm_owner LOGIN", "ALTER ROLE leadcrm_owner NOLOGIN"),
        ("walls.nobody", "GRANT SELECT ON leads_lead TO leadcrm_app", "REVOKE SELECT ON leads_lead FROM leadcrm_app"),
        ("walls.functions", "ALTER FUNCTION auth_find(text) RESET search_path",
         "ALTER FUNCTION auth_find(text) SET search_path = public, pg_temp"),
        ("walls.functions", "GRANT EXECUTE ON FUNCTION auth_find(text) TO PUBLIC",
         "REVOKE EXECUTE ON FUNCTION auth_find(text) FROM PUBLIC"),
        ("audit.append_only", "ALTER TABLE core_audit_line DISABLE TRIGGER core_audit_frozen",
         "ALTER TABLE core_audit_line ENABLE TRIGGER core_audit_frozen"),
    ],
)  # fmt: skip
def test_a_door_beside_the_walls(instance: Path, check: str, damage: str, repair: str) -> None:
    assert found(check).state == OK
    as_admin(instance, damage)
    try:
        assert found(check).state == FAIL
    finally:
        as_admin(instance, repair)
    assert found(check).state == OK


def test_a_chain_that_somebody_mended(instance: Path) -> None:
    """A head without its lines: what a removed end looks like."""
    company = "00000000-0000-4000-8000-000000000001"
    head = f"INSERT INTO core_audit_head VALUES ('{company}', 3, '\\x00')"
    quietly = "SET session_replication_role = replica"
    assert found("audit.chain").state == OK
    as_admin(instance, quietly, f"DELETE FROM core_audit_head WHERE company_id = '{company}'", head)
    assert found("audit.chain").state == FAIL
    as_admin(instance, quietly, f"DELETE FROM core_audit_head WHERE company_id = '{company}'")


def test_an_old_postgresql(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("database.version").state == OK
    monkeypatch.setattr(database, "LAST_RELEASE", dict.fromkeys(range(15, 30), date(2001, 1, 1)))
    assert found("database.version").state == WARN
    monkeypatch.setattr(database, "OLDEST", 990_000)
    assert found("database.version").state == FAIL


def test_clocks_that_differ(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "APART_SECONDS", -1.0)
    assert found("machine.same_time").state == FAIL


def test_too_many_connections(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_WEB_WORKERS", "60")
    assert found("database.connections").state == WARN


def test_a_database_over_the_network(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "text", lambda _statement: sql("SELECT false"))
    assert found("database.private").state == FAIL


def test_jobs_that_stand_still(instance: Path) -> None:
    queue = "SET search_path = procrastinate"
    insert = "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', '{}')"
    assert found("work.failed").state == found("work.queue").state == OK
    as_admin(instance, queue, insert.format("todo"), insert.format("doing"), insert.format("failed"),
             "UPDATE procrastinate_events SET at = now() - interval '2 hours'")  # fmt: skip
    assert found("work.failed").state == found("work.queue").state == WARN
    as_admin(instance, queue, "DELETE FROM procrastinate_jobs")


def test_workers(instance: Path) -> None:
    assert found("work.workers").state == WARN
    as_admin(instance, "INSERT INTO procrastinate.procrastinate_workers (last_heartbeat) VALUES (now())")
    assert found("work.workers").state == OK
    as_admin(instance, "DELETE FROM procrastinate.procrastinate_workers")


def test_mail_that_waits(instance: Path) -> None:
    assert found("work.outbox").state == OK
    as_admin(
        instance,
        "INSERT INTO core_outbox (company_id, id, recipient, subject, body, created_at, updated_at) SELECT "
        "gen_random_uuid(), gen_random_uuid(), 'a@example.org', 's', 'b', now() - interval '1 day', now()",
    )
    assert found("work.outbox").state == WARN
    as_admin(instance, "DELETE FROM core_outbox")


def test_a_mail_server_that_is_not_there(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("work.mail").state == WARN
    monkeypatch.setenv("LEADCRM_MAIL_SERVER", "127.0.0.1")
    monkeypatch.setenv("LEADCRM_MAIL_PORT", "1")
    assert found("work.mail").state == FAIL

    def not_believed(_config: object) -> None:
        raise ssl.SSLCertVerificationError("self-signed")

    monkeypatch.setattr(work, "mail_server", not_believed)
    assert found("work.mail").outcome.detail.startswith("('self-signed'") or found("work.mail").state == FAIL


def test_backups(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    marker = tmp_path / "done"
    assert found("backup.fresh").state == WARN
    monkeypatch.setenv("LEADCRM_BACKUP_MARKER", str(marker))
    assert found("backup.fresh").state == FAIL
    marker.touch()
    assert found("backup.fresh").state == OK
    os.utime(marker, (time.time() - 200_000,) * 2)
    assert found("backup.fresh").state == FAIL


def test_an_old_key(instance: Path) -> None:
    key = next((instance / "keys").glob("master-*.key"))
    assert found("keys.age").state == OK
    os.utime(key, (time.time() - 4 * 366 * 86_400,) * 2)
    assert found("keys.age").state == WARN
    os.utime(key)


def test_keys_in_a_work_tree(instance: Path) -> None:
    assert found("keys.place").state == OK
    (instance / ".git").mkdir()
    assert found("keys.place").state == FAIL
    (instance / ".git").rmdir()


def test_a_sealed_value_that_does_not_open(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("t", "c", PLATFORM_ID, PLATFORM_ID)
    monkeypatch.setattr(sealed, "_boxes", lambda _connection, _table: iter([(place, b"no box")]))
    monkeypatch.setattr(sealed, "_opens", lambda where, _box: False)
    assert found("keys.sealed").state == FAIL
    monkeypatch.setattr(sealed, "_opens", lambda where, _box: True)  # opens anywhere: not bound to its place
    assert found("keys.sealed").state == FAIL
    monkeypatch.setattr(sealed, "_opens", lambda where, _box: where == place)
    assert found("keys.sealed").state == OK


def test_limits_that_each_process_counts_for_itself(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask("counts")
    Limiter(lambda: "x", storage_uri="memory://").init_app(app)
    subject = Subject(load(), app)
    assert BY_NAME["limits.storage"].look(subject).state == FAIL
    assert BY_NAME["limits.storage"].look(Subject(load())).state == SKIP


def test_what_browsers_reported(instance: Path) -> None:
    """The check "web.reports"."""
    subject = Subject(load())
    assert BY_NAME["web.reports"].look(subject).state == OK
    as_admin(
        instance,
        "INSERT INTO core_report (directive, blocked, page, times, last_at) VALUES ('img-src', 'x', '/', 1, now())",
    )
    assert BY_NAME["web.reports"].look(subject).state == WARN
    as_admin(instance, "DELETE FROM core_report")
