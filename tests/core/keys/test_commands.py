"""`leadcrm keys`, as somebody types it."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from leadcrm.core.keys.commands import keys
from leadcrm.core.keys.rotation import Rotation
from leadcrm.core.postgres.urls import Urls
from tests.core.keys.conftest import Values

PAUSE = "nothing else seals meanwhile"


@pytest.fixture(autouse=True)
def configured(app: Flask, urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "INSTANCE": str(app.extensions["config"].instance), "DATABASE_URL": urls.app,
        "WORKER_DATABASE_URL": urls.worker, "MIGRATOR_DATABASE_URL": urls.migrator,
    }
    for name in [name for name in os.environ if name.startswith("LEADCRM_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(f"LEADCRM_{name}", value)
    monkeypatch.setattr(Rotation, "_settle", lambda *_: PAUSE)


def typed(*words: str) -> Result:
    return CliRunner().invoke(keys, words, catch_exceptions=False)


def test_rotate_and_status(values: Values) -> None:
    values.add(3)
    assert "in use since" in typed("status").output
    done = typed("rotate", "--deadline-days", "7")
    assert done.exit_code == 0 and "3 rows are sealed with new keys" in done.output
    told = typed("status", "--count").output
    assert "key 2" in told and "3 values" in told and "read until" in told and "old scheme (master key): 0" in told


def test_another_wrapping_without_a_new_file(values: Values) -> None:
    values.add(1)
    assert "0 keys are wrapped anew" in typed("rotate-kek", "--rewrap-only").output


def test_keys_are_made_to_be_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "master-1.key and root.key" in typed("make", str(tmp_path / "mounted")).output
    assert "master-2.key" in typed("make", str(tmp_path / "mounted")).output
    monkeypatch.setenv("LEADCRM_KEY_FOLDER", str(tmp_path / "mounted"))
    with pytest.raises(RuntimeError, match="mounted"):
        typed("rotate-kek")
