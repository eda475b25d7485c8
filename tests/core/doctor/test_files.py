"""What lies in the instance: each finding is there when something is wrong, and only then."""

import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from leadcrm.core.config import load
from leadcrm.core.doctor import files
from leadcrm.core.doctor.report import FAIL, OK, WARN
from leadcrm.core.doctor.subject import Subject
from tests.core.doctor.consulting import BY_NAME, found
from tests.core.test_tls import at


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
