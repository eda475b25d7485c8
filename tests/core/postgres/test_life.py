"""The embedded server starts once, is shared, stops after the last, and comes back after any kind of death."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from leadcrm.core.postgres import Embedded, PostgresProblem
from leadcrm.core.postgres.places import places_of
from tests.core.postgres.processes import (
    User,
    ask,
    eventually,
    has_ended,
    keep_a_row,
    keeper,
    kill_everything,
    master,
    processes,
    row_is_there,
)

pytestmark = pytest.mark.attack


def test_it_starts_answers_and_stops(embedded: Embedded) -> None:
    assert not embedded.is_running()
    urls = embedded.ensure_running()
    assert embedded.is_running()
    assert ask(urls.app, "SELECT session_user, current_database()") == [("leadcrm_app", "leadcrm")]
    embedded.stop()
    assert not embedded.is_running()
    assert not processes(embedded)


def test_the_data_outlives_a_restart_and_the_passwords_stay(embedded: Embedded) -> None:
    urls = embedded.ensure_running()
    keep_a_row(embedded)
    embedded.stop()
    assert embedded.ensure_running() == urls
    assert row_is_there(embedded)


def test_the_last_who_releases_waits_for_a_clean_stop(embedded: Embedded) -> None:
    other = User(embedded)
    other.wait_until_running()
    embedded.ensure_running()
    embedded.release()
    assert embedded.is_running()  # the other one goes on
    other.end()
    embedded.ensure_running()
    embedded.release()
    assert not processes(embedded)
    assert "database system is shut down" in log_of(embedded)


def test_starters_at_once_share_one_server(embedded: Embedded) -> None:
    users = [User(embedded) for _ in range(5)]
    for user in users:
        user.wait_until_running()
    assert log_of(embedded).count("starting PostgreSQL") == 1
    for user in users:
        user.end()


def test_it_stops_after_its_last_user_was_killed(embedded: Embedded) -> None:
    user = User(embedded)
    user.wait_until_running()
    user.end(signal.SIGKILL)
    eventually(lambda: not processes(embedded))
    assert "database system is shut down" in log_of(embedded)


def test_it_comes_back_after_everything_was_killed(embedded: Embedded) -> None:
    embedded.ensure_running()
    keep_a_row(embedded)
    kill_everything(embedded)
    embedded.ensure_running()
    assert row_is_there(embedded)
    assert "was not properly shut down; automatic recovery" in log_of(embedded)


def test_the_keeper_starts_a_killed_server_again(embedded: Embedded) -> None:
    embedded.ensure_running()
    keep_a_row(embedded)
    killed = master(embedded)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: embedded.is_running() and master(embedded) != killed)
    assert row_is_there(embedded)


def test_a_server_whose_keeper_was_killed_is_replaced(embedded: Embedded) -> None:
    embedded.ensure_running()
    keep_a_row(embedded)
    old, killed = master(embedded), keeper(embedded)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: has_ended(killed))
    embedded.ensure_running()
    assert master(embedded) != old
    assert row_is_there(embedded)


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(embedded: Embedded) -> None:
    embedded.ensure_running()
    kill_everything(embedded)
    account = places_of(embedded.instance).account
    stranger = subprocess.Popen(["sleep", "60"], **account.popen_options())
    pid_file = places_of(embedded.instance).data / "postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    pid_file.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
    embedded.ensure_running()
    assert stranger.poll() is None  # and is left alone
    stranger.kill()
    stranger.wait()


def test_orphans_that_hold_the_data_are_waited_for(embedded: Embedded) -> None:
    embedded.ensure_running()
    backend = stopped_backend(embedded)
    for pid in (keeper(embedded), master(embedded)):
        os.kill(pid, signal.SIGKILL)
    resume = subprocess.Popen(["sh", "-c", f"sleep 1; kill -CONT {backend}"])
    embedded.ensure_running()  # PostgreSQL itself refuses while one of the old processes lives
    assert resume.wait() == 0
    assert backend not in processes(embedded)


def stopped_backend(server: Embedded) -> int:
    """A process of the server that cannot notice its master's death for now."""
    found = ask(server.admin_url(), "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
    backend = int(str(found[0][0]))
    os.kill(backend, signal.SIGSTOP)
    return backend


def test_an_initdb_that_was_killed_leaves_nothing_that_looks_finished(embedded: Embedded) -> None:
    embedded.instance.mkdir(parents=True)
    half = places_of(embedded.instance).home / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    embedded.ensure_running()
    assert embedded.is_running()


def test_a_start_that_fails_says_why(embedded: Embedded) -> None:
    embedded.ensure_running()
    embedded.stop()
    (places_of(embedded.instance).data / "global" / "pg_control").unlink()
    with pytest.raises(PostgresProblem, match=r"did not start.*\n(.*\n)*.*pg_control"):
        embedded.ensure_running()
    assert not embedded.is_running()


def test_data_of_another_major_release_is_not_touched(embedded: Embedded) -> None:
    embedded.ensure_running()
    embedded.stop()
    (places_of(embedded.instance).data / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresProblem, match="made by PostgreSQL 17.*make a dump"):
        embedded.ensure_running()


def test_a_big_log_is_put_aside(embedded: Embedded) -> None:
    embedded.ensure_running()
    embedded.stop()
    log = embedded.instance / "postgres" / "postgres.log"
    log.write_bytes(b"." * 5_000_001)
    embedded.ensure_running()
    assert log.stat().st_size < 5_000_000
    assert Path(f"{log}.old").stat().st_size == 5_000_001


def log_of(server: Embedded) -> str:
    return (server.instance / "postgres" / "postgres.log").read_text()
