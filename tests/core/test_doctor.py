"""The doctor on a real instance: each finding is there when something is wrong, and only then."""

import json
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections import namedtuple
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask
from flask_limiter import Limiter
from sqlalchemy import text as sql

from leadcrm.app import create_app
from leadcrm.core.commands import doctor, make_instance
from leadcrm.core.config import load
from leadcrm.core.crypto import Place
from leadcrm.core.db import PLATFORM_ID
from leadcrm.core.doctor import database, files, machine, sealed, software, work
from leadcrm.core.doctor.examining import CORE, examine, examined, look
from leadcrm.core.doctor.report import FAIL, OK, SKIP, WARN, Finding, exit_code, finding, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.postgres import Embedded, Urls, conninfo
from tests.core.test_tls import at

Usage = namedtuple("Usage", "total used free")
BY_NAME = {check.name: check for check in CORE}


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-doctor-"))
    folder.chmod(0o755)
    make_instance(load(folder, {}))
    yield folder
    Embedded(folder).destroy()
    shutil.rmtree(folder)


@pytest.fixture
def instance(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("LEADCRM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEADCRM_INSTANCE", str(made))
    monkeypatch.setattr(files, "DIST", made / "static" / "dist")  # whether bundles are built is no matter here
    monkeypatch.setattr(files, "Assets", lambda: namedtuple("Built", "manifest")({}))
    monkeypatch.setattr(software, "_waiting", list)  # nor what this machine has not yet installed
    return made


def found(name: str) -> Finding:
    """Runs no more than this check."""
    return finding(BY_NAME[name], look(BY_NAME[name], Subject(load())))


def found_inside(name: str) -> Finding:
    """The same, with the application."""
    app = create_app(load(), Urls.load(load().instance).worker)
    try:
        return next(examined(Subject(load(), app), [BY_NAME[name]]))
    finally:
        app.extensions["database"].close()


def as_admin(instance: Path, *statements: str) -> None:
    with psycopg.connect(conninfo(Embedded(instance).admin_url("leadcrm")), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)  # type: ignore[arg-type]


DEPEND_ON_THE_MACHINE = {
    "machine.clock", "software.packages", "software.locked", "software.age", "software.reboot", "machine.left_overs",
    "machine.disk", "machine.memory", "machine.files", "blobs.room",
}  # fmt: skip
CANNOT_BE_HERE = {  # nobody serves it, and nobody has recorded or configured anything yet
    "web.answers", "backup.fresh", "work.workers", "work.mail", "people.roles", "annex.hosting", "annex.updates",
    "audit.anchors", "audit.elsewhere", "inspection.scanner",
}  # fmt: skip


def test_a_good_instance_is_found_good(instance: Path) -> None:
    findings = {each.name: each for each in examine()}
    assert len(findings) >= 60
    not_good = {name for name, each in findings.items() if each.state in (WARN, FAIL)}
    assert not_good - DEPEND_ON_THE_MACHINE <= CANNOT_BE_HERE
    assert all(str(each.outcome.remedy) for each in findings.values() if each.state in (WARN, FAIL))
    assert {name for name, each in findings.items() if each.state == SKIP} <= {
        check.name for check in CORE if check.needs_answer
    } | {"software.packages"}


# ── files ──


def test_an_instance_that_others_may_change(instance: Path) -> None:
    instance.chmod(0o777)
    assert found("instance.folder").state == FAIL
    instance.chmod(0o755)


def test_no_instance(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_INSTANCE", str(instance / "nowhere"))
    said = files.instance_folder(Subject(load()))
    assert (said.state, said.remedy) == (FAIL, "run `leadcrm init`")


def test_a_key_that_others_may_read(instance: Path) -> None:
    key = next((instance / "keys").glob("master-*.key"))
    key.chmod(0o644)
    assert found("keys.usable").state == FAIL
    assert str(key) in str(found("keys.modes").outcome.remedy)
    key.chmod(0o600)


@pytest.mark.parametrize("name", ["database.json", "database-maintenance.json", "tls/server.key", "postgres/superuser"])
def test_a_secret_that_others_may_read(instance: Path, name: str) -> None:
    (instance / name).chmod(0o640)
    said = found("keys.modes").outcome
    assert (said.state, said.remedy) == (FAIL, f"chmod 600 {instance / name}")
    (instance / name).chmod(0o600)


def test_a_secret_in_git(instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "instance"
    inside.mkdir()
    (inside / "database.json").write_text("{}")
    (inside / ".gitignore").write_text("*")
    for command in (["init", "-q"], ["add", "-f", "instance/.gitignore"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(files, "ROOT", tmp_path)
    assert BY_NAME["instance.git"].look(Subject(load(inside, {}))).state == OK
    subprocess.run(["git", "add", "-f", "instance/database.json"], cwd=tmp_path, check=True)
    assert BY_NAME["instance.git"].look(Subject(load(inside, {}))).state == FAIL


@pytest.mark.parametrize(("days_later", "state"), [(70, OK), (80, WARN), (91, FAIL)])
def test_the_age_of_a_configured_certificate(
    instance: Path, monkeypatch: pytest.MonkeyPatch, days_later: float, state: str
) -> None:
    monkeypatch.setenv("LEADCRM_TLS_CERTIFICATE", str(instance / "tls" / "server.pem"))
    monkeypatch.setenv("LEADCRM_TLS_KEY", str(instance / "tls" / "server.key"))
    at(monkeypatch, days_later)
    assert found("tls.file").state == state


def test_a_certificate_that_does_not_fit_its_key(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_TLS_CERTIFICATE", str(instance / "tls" / "server.pem"))
    monkeypatch.setenv("LEADCRM_TLS_KEY", str(instance / "tls" / "ca.key"))
    assert found("tls.file").state == FAIL


def test_a_bundle_that_is_missing(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "Assets", lambda: namedtuple("Built", "manifest")({"a": {"file": "a.123.css"}}))
    assert found("assets.built").state == FAIL


def test_a_demonstration_that_strangers_can_reach(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (instance / "demo.json").touch(mode=0o600)
    assert found("instance.demonstration").state == OK
    monkeypatch.setenv("LEADCRM_BIND", "0.0.0.0")
    assert found("instance.demonstration").state == FAIL
    (instance / "demo.json").unlink()


# ── machine ──


@pytest.mark.parametrize(("free", "state"), [(0.5, FAIL), (3, WARN), (50, OK)])
def test_room_on_the_disk(instance: Path, monkeypatch: pytest.MonkeyPatch, free: float, state: str) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _place: Usage(100 * 2**30, 0, int(free * 2**30)))
    assert found("machine.disk").state == state


@pytest.mark.parametrize(("answer", "state"), [(5, WARN), (0, OK)])
def test_a_clock_that_nobody_keeps(instance: Path, monkeypatch: pytest.MonkeyPatch, answer: int, state: str) -> None:
    libc = namedtuple("Libc", "adjtimex")(lambda _buffer: answer)
    monkeypatch.setattr(machine.ctypes, "CDLL", lambda _name: libc)
    assert found("machine.clock").state == state


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, OK),
        ({"LEADCRM_BASE_URL": "https://crm.kantoor.nl"}, FAIL),
        ({"LEADCRM_BASE_URL": "https://crm.kantoor.nl", "LEADCRM_HOSTS": "crm.kantoor.nl"}, OK),
        ({"LEADCRM_BIND": "0.0.0.0"}, WARN),
    ],
)
def test_the_hosts(instance: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert found("config.hosts").state == state


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, OK),
        ({"LEADCRM_BIND": "0.0.0.0"}, WARN),
        ({"LEADCRM_BIND": "0.0.0.0", "LEADCRM_TRUSTED_PROXIES": "10.0.0.2"}, OK),
        ({"LEADCRM_BASE_URL": "https://crm.kantoor.nl", "LEADCRM_HOSTS": "crm.kantoor.nl"}, FAIL),
    ],
)
def test_slow_clients(instance: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert found("config.proxy").state == state


@pytest.mark.asvs("V15.2.1")
@pytest.mark.parametrize(("check", "days", "state"), [
    ("software.age", 0, OK), ("software.age", 2000, WARN), ("software.packages", 2000, FAIL),
    ("software.python", 2000, WARN),
])  # fmt: skip
def test_the_age_of_the_software(
    instance: Path, monkeypatch: pytest.MonkeyPatch, check: str, days: int, state: str
) -> None:
    if check == "software.packages" and not Path("/var/lib/apt/lists").exists():
        pytest.skip("no apt on this machine")
    later = time.time() + days * software.DAY
    monkeypatch.setattr(software, "time", namedtuple("Time", "time gmtime")(lambda: later, lambda: time.gmtime(later)))
    assert found(check).state == state


def test_updates_that_wait(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(software, "APT_LISTS", tmp_path)
    monkeypatch.setattr(software.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert found("software.packages").state == OK
    monkeypatch.setattr(software, "_waiting", lambda: ["openssl"])
    assert found("software.packages").state == WARN
    monkeypatch.setattr(software, "APT_LISTS", tmp_path / "none")
    assert found("software.packages").state == SKIP


def test_what_apt_would_install_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = namedtuple("Done", "stdout")("Inst openssl [3.0.1] (3.0.2)\nConf openssl (3.0.2)\n")
    monkeypatch.setattr(software.subprocess, "run", lambda *_words, **_options: said)
    assert software._waiting() == ["openssl"]


def test_a_reboot_that_waits(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(software, "REBOOT", tmp_path / "reboot-required")
    assert found("software.reboot").state == OK
    (tmp_path / "reboot-required").touch()
    assert found("software.reboot").state == WARN


def test_libraries_that_nobody_tested(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text(f"flask=={version('flask')} \\\n    --hash=sha256:0\n")
    monkeypatch.setattr(software, "LOCK", tmp_path / "run.txt")
    assert found("software.locked").state == OK
    of_this, of_others = "; python_version < '9'", "; python_version >= '9'"
    (tmp_path / "run.txt").write_text(f"flask=={version('flask')} {of_this} \\\n--hash=a\nflask==0.1 {of_others} \\\n")
    assert found("software.locked").state == OK
    (tmp_path / "run.txt").write_text("flask==0.1\n")
    assert found("software.locked").state == WARN


@pytest.mark.parametrize(("kib", "state"), [(100_000, FAIL), (400_000, WARN), (4_000_000, OK)])
def test_memory(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kib: int, state: str) -> None:
    (tmp_path / "meminfo").write_text(f"MemTotal: 8000000 kB\nMemAvailable: {kib} kB\n")
    monkeypatch.setattr(machine, "MEMINFO", tmp_path / "meminfo")
    assert found("machine.memory").state == state


@pytest.mark.parametrize(("most", "state"), [(1024, WARN), (65_536, OK)])
def test_open_files(instance: Path, monkeypatch: pytest.MonkeyPatch, most: int, state: str) -> None:
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _which: (most, most))
    assert found("machine.files").state == state


def test_the_data_of_an_instance_that_is_gone(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "instance").write_text("/nowhere/instance")
    monkeypatch.setattr(machine, "STATE", tmp_path)
    assert found("machine.left_overs").state == WARN


# ── database ──


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


def test_every_check_of_core_is_tried() -> None:
    """By name in this file, or in another of its name."""
    written = "".join(file.read_text() for file in Path(__file__).parent.rglob("test_doctor*.py"))
    assert [check.name for check in CORE if f'"{check.name}"' not in written] == []
    assert len({check.name for check in CORE}) == len(CORE)


# ── the command ──


def test_the_command_prints_and_its_code_says_how_bad_it_is(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = CliRunner().invoke(doctor, ["--json"])
    known = {each["check"]: each for each in json.loads(bad.output)}
    assert bad.exit_code == 2 and known["annex.hosting"]["state"] == FAIL  # a fresh one has no hosting partner recorded
    assert known["walls.policies"]["clauses"] == ["A12"] and known["backup.fresh"]["remedy"]
    shown = CliRunner().invoke(doctor)
    assert "Row policies" in shown.output and "checks:" in shown.output and "\n          →" in shown.output


def test_it_repairs_what_a_crash_left(instance: Path) -> None:
    stray = instance / "blobs" / "ab" / f"ab{uuid4().hex[2:]}"
    for folder in (stray.parent.parent, stray.parent, instance / "blobs" / "spool"):
        folder.mkdir(mode=0o700, exist_ok=True)
    stray = stray.with_name(str(UUID(stray.name)))
    stray.touch(mode=0o600)
    assert found_inside("blobs.known").state == WARN
    assert "Repaired: 1 files that no row knows" in CliRunner().invoke(doctor, ["--repair", "--json"]).stderr
    assert not stray.exists()


def test_the_exit_code() -> None:
    check = BY_NAME["machine.disk"]
    good, odd = finding(check, ok("")), finding(check, warn("", "do"))
    assert (exit_code([good]), exit_code([good, odd])) == (0, 1)


def test_a_configuration_that_is_refused_is_the_finding(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_NONSENSE", "1")
    assert [(each.name, each.state) for each in examine()] == [("config.readable", FAIL)]


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_arguments: object) -> None:
        raise OSError("boom")

    monkeypatch.setattr(machine.shutil, "disk_usage", breaks)
    broken = found("machine.disk").outcome
    assert (broken.state, broken.detail) == (FAIL, "OSError: boom")
    assert found("database.migrations").state == OK
