"""The doctor on a real instance: each finding is there when something is wrong, and only then."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from leadcrm.core.commands import doctor, make_instance
from leadcrm.core.config import load
from leadcrm.core.doctor import CHECKS, _run, database, examine, files, machine
from leadcrm.core.doctor.report import FAIL, OK, WARN, Finding
from leadcrm.core.postgres import Embedded, Urls, conninfo
from tests.core.test_tls import at

Usage = namedtuple("Usage", "total used free")


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
    monkeypatch.setattr(files, "DIST", made)  # whether the bundles are built is not this test's matter
    monkeypatch.setattr(files, "Assets", lambda: namedtuple("Built", "manifest")({}))
    return made


def finding(check: str) -> Finding:
    """Runs no more checks than it takes."""
    return next(each for run in CHECKS for each in _run(run, load()) if each.check == check)


def as_admin(instance: Path, *statements: str) -> None:
    with psycopg.connect(conninfo(Embedded(instance).admin_url("leadcrm")), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)  # type: ignore[arg-type]


def test_a_good_instance_is_found_good(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = {each.check: each for each in examine()}
    depend_on_the_machine = {"clock", "system packages", "dependencies", "left-over data", "disk"}
    assert len(findings) >= 20
    assert {name for name, each in findings.items() if each.state != OK} <= depend_on_the_machine
    assert not any(each.state == FAIL for each in findings.values())
    assert all(each.remedy for each in findings.values() if each.state != OK)


# ── files ──


def test_an_instance_that_others_may_change(instance: Path) -> None:
    instance.chmod(0o777)
    assert finding("instance folder").state == FAIL
    instance.chmod(0o755)


def test_no_instance(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_INSTANCE", str(instance / "nowhere"))
    found = next(files.instance_folder(load()))
    assert (found.state, found.remedy) == (FAIL, "run `leadcrm init`")


def test_a_key_that_others_may_read(instance: Path) -> None:
    key = next((instance / "keys").iterdir())
    key.chmod(0o644)
    assert finding("encryption keys").state == FAIL
    assert str(key) in finding("secret files").remedy
    key.chmod(0o600)


@pytest.mark.parametrize("name", ["database.json", "database-maintenance.json", "tls/server.key", "postgres/superuser"])
def test_a_secret_that_others_may_read(instance: Path, name: str) -> None:
    (instance / name).chmod(0o640)
    found = finding("secret files")
    assert (found.state, found.remedy) == (FAIL, f"chmod 600 {instance / name}")
    (instance / name).chmod(0o600)


def test_a_secret_in_git(instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "instance"
    inside.mkdir()
    (inside / "database.json").write_text("{}")
    (inside / ".gitignore").write_text("*")
    for command in (["init", "-q"], ["add", "-f", "instance/.gitignore"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(files, "ROOT", tmp_path)
    assert next(files.nothing_in_git(load(inside, {}))).state == OK
    subprocess.run(["git", "add", "-f", "instance/database.json"], cwd=tmp_path, check=True)
    assert next(files.nothing_in_git(load(inside, {}))).state == FAIL


@pytest.mark.parametrize(("days_later", "state"), [(70, OK), (80, WARN), (91, FAIL)])
def test_the_age_of_a_configured_certificate(
    instance: Path, monkeypatch: pytest.MonkeyPatch, days_later: float, state: str
) -> None:
    monkeypatch.setenv("LEADCRM_TLS_CERTIFICATE", str(instance / "tls" / "server.pem"))
    monkeypatch.setenv("LEADCRM_TLS_KEY", str(instance / "tls" / "server.key"))
    at(monkeypatch, days_later)
    assert finding("TLS certificate").state == state


def test_a_certificate_that_does_not_fit_its_key(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_TLS_CERTIFICATE", str(instance / "tls" / "server.pem"))
    monkeypatch.setenv("LEADCRM_TLS_KEY", str(instance / "tls" / "ca.key"))
    assert finding("TLS certificate").state == FAIL


def test_a_bundle_that_is_missing(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "Assets", lambda: namedtuple("Built", "manifest")({"a": {"file": "a.123.css"}}))
    assert finding("styles and scripts").state == FAIL


def test_a_demonstration_that_strangers_can_reach(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (instance / "demo.json").touch(mode=0o600)
    assert finding("demonstration").state == OK
    monkeypatch.setenv("LEADCRM_BIND", "0.0.0.0")
    assert finding("demonstration").state == FAIL
    (instance / "demo.json").unlink()


# ── machine ──


@pytest.mark.parametrize(("free", "state"), [(0.5, FAIL), (3, WARN), (50, OK)])
def test_room_on_the_disk(instance: Path, monkeypatch: pytest.MonkeyPatch, free: float, state: str) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _place: Usage(100 * 2**30, 0, int(free * 2**30)))
    assert finding("disk").state == state


@pytest.mark.parametrize(("answer", "state"), [(5, WARN), (0, OK)])
def test_a_clock_that_nobody_keeps(instance: Path, monkeypatch: pytest.MonkeyPatch, answer: int, state: str) -> None:
    libc = namedtuple("Libc", "adjtimex")(lambda _buffer: answer)
    monkeypatch.setattr(machine.ctypes, "CDLL", lambda _name: libc)
    assert finding("clock").state == state


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
    assert finding("hosts").state == state


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, OK),
        ({"LEADCRM_BIND": "0.0.0.0"}, WARN),
        ({"LEADCRM_BIND": "0.0.0.0", "LEADCRM_TRUSTED_PROXIES": "10.0.0.2"}, OK),
    ],
)
def test_slow_clients(instance: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert finding("proxy").state == state


@pytest.mark.parametrize(("check", "days", "state"), [
    ("dependencies", 0, OK), ("dependencies", 2000, WARN), ("system packages", 2000, WARN), ("Python", 2000, WARN),
])  # fmt: skip
def test_the_age_of_the_software(
    instance: Path, monkeypatch: pytest.MonkeyPatch, check: str, days: int, state: str
) -> None:
    if check == "system packages" and not Path("/var/lib/apt/lists").exists():
        pytest.skip("no apt on this machine")
    later = time.time() + days * machine.DAY
    monkeypatch.setattr(machine, "time", namedtuple("Time", "time gmtime strftime")(
        lambda: later, lambda: time.gmtime(later), time.strftime
    ))  # fmt: skip
    assert finding(check).state == state


def test_the_data_of_an_instance_that_is_gone(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "instance").write_text("/nowhere/instance")
    monkeypatch.setattr(machine, "STATE", tmp_path)
    assert finding("left-over data").state == WARN


# ── database ──


def test_a_database_that_cannot_be_reached(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATOR_DATABASE_URL"):
        monkeypatch.setenv(f"LEADCRM_{name}", "postgresql://nobody:x@127.0.0.1:1/nowhere")
    assert finding("reachable").state == FAIL


@pytest.mark.parametrize(("seconds", "state"), [(0.0, WARN), (10.0, OK)])
def test_a_database_that_is_far_away(
    instance: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, state: str
) -> None:
    monkeypatch.setattr(database, "SLOW_SECONDS", seconds)
    assert finding("database").state == state


def test_a_login_that_policies_do_not_hold(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = Urls.load(instance)
    monkeypatch.setenv("LEADCRM_DATABASE_URL", urls.migrator)
    monkeypatch.setenv("LEADCRM_WORKER_DATABASE_URL", Embedded(instance).admin_url("leadcrm"))
    assert finding("web login").state == finding("worker login").state == FAIL


def test_a_database_that_is_not_current(instance: Path) -> None:
    as_admin(instance, "CREATE TABLE kept AS TABLE alembic_version", "UPDATE alembic_version SET version_num = '0001'")
    assert finding("migrations").remedy == "leadcrm migrate"
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
    found = finding("row policies")
    assert (found.state, "leads_lead" in found.found) == (FAIL, True)
    as_admin(instance, repair)
    assert finding("row policies").state == OK  # it looks, and leaves nothing behind


def test_jobs_that_stand_still(instance: Path) -> None:
    queue = "SET search_path = procrastinate"
    insert = "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', '{}')"
    as_admin(instance, queue, insert.format("todo"))
    assert finding("jobs").found == "1 waiting, 0 stalled, 0 failed"
    as_admin(instance, queue, insert.format("doing"), insert.format("failed"))
    assert finding("jobs").state == WARN
    as_admin(instance, queue, "DELETE FROM procrastinate_jobs")


# ── the command ──


def test_the_command_prints_and_fails_when_something_fails(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = CliRunner().invoke(doctor)
    assert (good.exit_code, "OK    migrations" in good.output) == (0, True)
    monkeypatch.setenv("LEADCRM_BASE_URL", "https://elsewhere.nl")
    bad = CliRunner().invoke(doctor, ["--json"])
    assert bad.exit_code == 1
    assert {
        name: value for name, value in next(each for each in json.loads(bad.output) if each["check"] == "hosts").items()
        if name in ("check", "state")
    } == {"check": "hosts", "state": FAIL}  # fmt: skip


def test_a_configuration_that_is_refused_is_the_finding(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_NONSENSE", "1")
    assert [(each.check, each.state) for each in examine()] == [("configuration", FAIL)]


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_arguments: object) -> None:
        raise OSError("boom")

    monkeypatch.setattr(machine.shutil, "disk_usage", breaks)
    assert finding("disk").found == "could not be examined: OSError: boom"
    assert finding("migrations").state == OK
