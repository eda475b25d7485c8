"""`leadcrm init`: an instance from nothing, embedded or on a PostgreSQL that is not ours."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from leadcrm.core.commands import load_on
from leadcrm.core.postgres import Urls, conninfo
from tests.core.postgres.conftest import empty
from tests.forks import leadcrm

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command in a process of its own, on an instance of its own."""

    def run(*words: str, **values: str) -> CompletedProcess[str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("LEADCRM_")}
        return leadcrm(*words, env=ours | {"LEADCRM_INSTANCE": str(tmp_path / "instance")} | values)

    return run


@pytest.mark.attack
def test_init_on_a_server_of_ones_own(command: Command, cluster_url: str, tmp_path: Path) -> None:
    done = command("init", "--admin-url", cluster_url.replace("+psycopg", ""), "--database", "leadcrm_office")
    assert done.returncode == 0, done.stderr
    instance = tmp_path / "instance"
    assert not (instance / "postgres").exists()
    assert {
        stat.S_IMODE((instance / name).stat().st_mode) for name in ("database.json", "database-maintenance.json")
    } == {0o600}
    with psycopg.connect(conninfo(Urls.load(instance).app)) as connection:
        assert connection.execute("SELECT current_database(), session_user").fetchone() == (
            "leadcrm_office",
            "leadcrm_app",
        )
    again = command("init", "--admin-url", cluster_url, "--database", "leadcrm_office")
    assert again.returncode == 0, again.stderr
    found = {each["check"]: each["state"] for each in json.loads(command("doctor", "--json").stdout)}
    of_the_database = {name: state for name, state in found.items() if name.startswith(("database.", "walls."))}
    assert len(of_the_database) >= 10
    assert set(of_the_database.values()) == {"OK"}, of_the_database
    assert cluster_url.split("@")[0] not in done.stdout


@pytest.fixture
def cluster_url(debian: str) -> Iterator[str]:
    empty(debian)
    yield debian
    empty(debian)


def test_addresses_that_are_configured_are_not_overwritten(command: Command) -> None:
    done = command("init", "--admin-url", "postgresql://x@y/z", LEADCRM_DATABASE_URL="postgresql://a@b/c")
    assert (done.returncode, "database_url is configured already" in done.stderr) == (1, True)


def test_an_instance_with_an_embedded_database_keeps_it(command: Command, tmp_path: Path) -> None:
    (tmp_path / "instance" / "postgres").mkdir(parents=True)
    done = command("init", "--admin-url", "postgresql://x@y/z")
    assert (done.returncode, "has an embedded database" in done.stderr) == (1, True)


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_without_an_instance_the_remedy_is_named(command: Command, name: str) -> None:
    elsewhere = {
        f"LEADCRM_{each}DATABASE_URL": "postgresql://x:y@127.0.0.1:1/z" for each in ("", "WORKER_", "MIGRATOR_")
    }
    done = command(name, LEADCRM_PORT="0x", **elsewhere)
    assert (done.returncode, "port" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_help_lists_every_key(command: Command) -> None:
    done = command("init", "--help")
    assert "database_url" in done.stdout
    assert "port = 8443" in done.stdout
    assert "LEADCRM_NAME" in done.stdout


def test_the_address_follows_the_port_unless_it_is_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEADCRM_INSTANCE", str(tmp_path))
    assert load_on(9443).base_url == "https://localhost:9443"
    assert load_on(None).base_url == "https://localhost:8443"
    monkeypatch.setenv("LEADCRM_BASE_URL", "https://crm.kantoor.nl")
    assert (load_on(9443).base_url, load_on(9443).port) == ("https://crm.kantoor.nl", 9443)
