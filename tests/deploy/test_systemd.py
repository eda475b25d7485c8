"""The unit for systemd: what systemd itself says of it, without starting it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from leadcrm.deploy.commands import deploy

MOST_EXPOSED = 2.5  # of ten; 9.6 is what a unit without any of it gets


def unit(app: Flask, *options: str) -> str:
    with app.app_context():
        done = CliRunner().invoke(deploy, ["systemd", *options])
    assert done.exit_code == 0, done.output
    return done.output


def analyse(tmp_path: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        sentence = "systemd-analyze is not on this machine: apt-get install systemd"
        pytest.fail(sentence) if os.environ.get("CI") == "true" else pytest.skip(sentence)
    file = tmp_path / "leadcrm.service"
    file.write_text(text)
    return subprocess.run([program, *words, str(file)], capture_output=True, text=True)


def test_systemd_finds_no_fault(whole_app: Flask, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    text = unit(whole_app, "--program", "/bin/true", "--keys", f"{tmp_path}/keys", "--user", "root")
    done = analyse(tmp_path, text, "verify")
    assert "leadcrm.service" not in done.stderr, done.stderr


def test_it_is_hardened(whole_app: Flask, tmp_path: Path) -> None:
    done = analyse(tmp_path, unit(whole_app), "security", "--offline=true", "--no-pager")
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert score and float(score.group(1)) <= MOST_EXPOSED, done.stdout[-300:] + done.stderr


@pytest.mark.parametrize("line", [
    "NoNewPrivileges=yes", "PrivateTmp=yes", "ProtectSystem=strict", "MemoryDenyWriteExecute=yes", "UMask=0077",
    "CapabilityBoundingSet=", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "SystemCallFilter=@system-service",
])  # fmt: skip
def test_each_lock_is_there(whole_app: Flask, line: str) -> None:
    assert line in unit(whole_app).splitlines()


def test_keys_come_as_credentials(whole_app: Flask) -> None:
    text = unit(whole_app, "--keys", "/etc/leadcrm/keys")
    assert "LoadCredential=keys:/etc/leadcrm/keys" in text and "Environment=LEADCRM_KEY_FOLDER=%d/keys" in text
    assert "LoadCredential" not in unit(whole_app)


@pytest.mark.parametrize("value", ["a b", 'x"', "x\nExecStart=/bin/sh", "%h", "a;b"])
def test_nothing_odd_gets_into_it(whole_app: Flask, value: str) -> None:
    with whole_app.app_context():
        for option in ("--user", "--instance", "--program", "--keys"):
            assert CliRunner().invoke(deploy, ["systemd", option, value]).exit_code == 1


def test_a_folder_of_files_elsewhere_may_be_written(whole_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = whole_app.extensions["config"].model_copy(update={"blob_folder": Path("/srv/files")})
    monkeypatch.setitem(whole_app.extensions, "config", elsewhere)
    (line,) = [line for line in unit(whole_app).splitlines() if line.startswith("ReadWritePaths=")]
    assert line.endswith(" /srv/files")
