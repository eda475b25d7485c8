"""Who runs the embedded server, where it lives, and who may reach it."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from leadcrm.core.postgres import Embedded, PostgresProblem, Urls, binaries
from leadcrm.core.postgres.places import Places, places_of
from tests.core.postgres.processes import ask, keep_a_row, processes, row_is_there

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_above(path: Path) -> list[tuple[Path, int]]:
    return [(parent, mode(parent)) for parent in path.parents]


@pytest.fixture
def closed() -> Iterator[Path]:
    """A checkout in a home of mode 0700."""
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-home-"))
    yield folder / "leadcrm"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def running() -> Iterator[Embedded]:
    """One for tests that only look."""
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-looked-at-"))
    folder.chmod(0o755)
    server = Embedded(folder / "instance", durable=False)
    server.ensure_running()
    yield server
    server.destroy()
    shutil.rmtree(folder)


def open_ports(pid: int) -> list[Any]:
    """None of a process that has ended meanwhile: PostgreSQL starts and ends workers as it likes."""
    try:
        return list(psutil.Process(pid).net_connections("inet"))
    except psutil.NoSuchProcess:
        return []


@pytest.mark.asvs("V12.3.1")
def test_nothing_listens_but_a_socket(running: Embedded) -> None:
    assert ask(running.admin_url(), "SHOW listen_addresses") == [("",)]
    assert processes(running)
    assert [open_ports(pid) for pid in processes(running) if open_ports(pid)] == []


@pytest.mark.asvs("V13.2.1")
def test_every_way_in_asks_for_a_password(running: Embedded) -> None:
    urls = running.ensure_running()
    methods = ask(running.admin_url(), "SELECT type, auth_method FROM pg_hba_file_rules")
    assert set(methods) <= {("local", "scram-sha-256"), ("host", "reject")}
    assert ask(running.admin_url(), "SELECT count(*) FROM pg_authid WHERE rolpassword !~ '^SCRAM'") == [(0,)]
    right = urls.app.split(":")[2].split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(urls.app.replace(right, "wrong"), "SELECT 1")


def test_secrets_are_for_their_owner_only(running: Embedded) -> None:
    secret = ["database.json", "database-maintenance.json", "postgres/superuser", "postgres/postgres.log"]
    assert {name: mode(running.instance / name) for name in secret} == dict.fromkeys(secret, 0o600)
    places = places_of(running.instance)
    assert mode(places.data) == mode(places.sockets) == 0o700


@pytest.mark.attack
@pytest.mark.asvs("V16.2.5")
def test_neither_statements_nor_values_reach_the_log(embedded: Embedded) -> None:
    url = embedded.ensure_running().app
    statements = (
        "SELECT 'secret-1'::integer",
        "CREATE TEMPORARY TABLE t (mail text UNIQUE); INSERT INTO t VALUES ('secret-2'), ('secret-2')",
        "SELECT pg_sleep(0) /* secret-3 */; SELECT * FROM nowhere",
    )
    for statement in statements:
        with pytest.raises(psycopg.Error):
            ask(url, statement)
    assert "secret" not in (embedded.instance / "postgres" / "postgres.log").read_text()


@pytest.mark.attack
def test_a_port_in_the_environment_changes_nothing(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "6000", "PGHOST": "localhost", "PGUSER": "x", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    assert ask(embedded.ensure_running().app, "SELECT session_user") == [("leadcrm_app",)]


@pytest.mark.attack
def test_a_path_too_long_for_a_socket(checkout: Path) -> None:
    server = Embedded(checkout / ("long" * 30) / "instance", durable=False)
    urls = server.ensure_running()
    places = places_of(server.instance)
    assert not places.sockets.is_relative_to(checkout)
    assert mode(places.sockets) == 0o700
    assert ask(urls.app, "SELECT 1") == [(1,)]
    server.destroy()
    assert not places.sockets.exists()


def test_a_short_folder_that_somebody_else_made_is_refused(checkout: Path) -> None:
    server = Embedded(checkout / ("long" * 30) / "instance", durable=False)
    server.instance.mkdir(parents=True)
    sockets = places_of(server.instance).sockets
    sockets.mkdir(mode=0o777)
    with pytest.raises(PostgresProblem, match="is not a private folder"):
        server.ensure_running()
    sockets.rmdir()


@pytest.mark.attack
def test_a_checkout_may_move(checkout: Path) -> None:
    server = Embedded(checkout / "here" / "instance", durable=False)
    server.ensure_running()
    keep_a_row(server)
    server.stop()
    (checkout / "here").rename(checkout / "there")
    moved = Embedded(checkout / "there" / "instance", durable=False)
    assert ask(moved.ensure_running().app, "SELECT 1") == [(1,)]
    assert row_is_there(moved)
    moved.destroy()


def test_urls_that_are_missing_or_damaged_are_explained(embedded: Embedded) -> None:
    with pytest.raises(PostgresProblem, match=r"database.json is missing: run `leadcrm init`"):
        Urls.load(embedded.instance)
    urls = embedded.ensure_running()
    assert Urls.load(embedded.instance) == urls
    assert "leadcrm_worker" not in (embedded.instance / "database.json").read_text()
    (embedded.instance / "database.json").write_text("{")
    with pytest.raises(PostgresProblem, match="is damaged"):
        embedded.ensure_running()


def test_passwords_do_not_appear_in_messages(running: Embedded) -> None:
    urls = running.ensure_running()
    assert urls.app.split(":")[2].split("@")[0] not in repr(urls)


# ── root ──


@needs_root
def test_root_drops_to_an_unprivileged_user(embedded: Embedded) -> None:
    above = modes_above(embedded.instance)
    embedded.ensure_running()
    places = places_of(embedded.instance)
    assert places.data.is_relative_to(embedded.instance)  # that user can reach it here
    assert owners(embedded) == {places.account.uid} != {0}
    assert modes_above(embedded.instance) == above


@needs_root
def test_root_with_a_checkout_that_the_user_cannot_reach(closed: Path) -> None:
    server = Embedded(closed / "instance", durable=False)
    closed.mkdir()
    above, ours = modes_above(server.instance), mode(closed)
    urls = server.ensure_running()
    places = places_of(server.instance)
    assert places.home.is_relative_to("/var/lib/leadcrm")
    assert owners(server) == {places.account.uid} != {0}
    assert ask(urls.app, "SELECT 1") == [(1,)]
    assert (modes_above(server.instance), mode(closed)) == (above, ours)
    server.destroy()
    assert not places.home.exists()


@needs_root
def test_binaries_that_the_user_cannot_reach_are_copied(
    embedded: Embedded, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = binaries._site_packages()
    for part in (binaries.PROGRAMS, binaries.LIBRARIES):
        shutil.copytree(source / part, closed / part, copy_function=os.link, ignore=shutil.ignore_patterns("include"))
    monkeypatch.setattr(binaries, "_site_packages", lambda: closed)
    monkeypatch.setattr(binaries, "STATE", embedded.instance.parent / "state")
    (binaries.state_folder() / ".copy-killed").mkdir()
    embedded.ensure_running()
    (copied,) = binaries.STATE.glob("postgresql-18-*")
    assert mode(copied) == 0o755
    assert os.readlink(f"/proc/{processes(embedded)[0]}/exe").startswith(str(copied))
    assert not [*binaries.STATE.glob(".copy-*")]


@pytest.mark.attack
@needs_root
def test_a_changed_mode_never_leads_to_an_empty_database(embedded: Embedded) -> None:
    embedded.ensure_running()
    embedded.stop()
    embedded.instance.chmod(0o700)
    with pytest.raises(PostgresProblem, match="can no longer reach"):
        embedded.ensure_running()
    embedded.instance.chmod(0o755)
    embedded.ensure_running()


@pytest.mark.attack
@needs_root
def test_a_copied_checkout_does_not_share_the_database(closed: Path) -> None:
    server = Embedded(closed / "instance", durable=False)
    server.ensure_running()
    shutil.copytree(closed, closed.with_name("copy"))
    with pytest.raises(PostgresProblem, match=r"is a copy of .*, whose database it would use: remove"):
        Embedded(closed.with_name("copy") / "instance", durable=False).ensure_running()
    server.destroy()


@needs_root
def test_root_runs_it_as_the_owner_of_the_instance(checkout: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    instance = checkout / "instance"
    instance.mkdir()
    os.chown(instance, nobody.pw_uid, nobody.pw_gid)
    server = Embedded(instance, durable=False)
    server.ensure_running()
    assert owners(server) == {nobody.pw_uid}
    server.destroy()


@pytest.mark.attack
@needs_root
def test_an_ordinary_user_runs_it_as_himself(checkout: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(checkout, nobody.pw_uid, nobody.pw_gid)
    shutil.copy(Path(binaries.__file__).with_name("keeper.py"), checkout)
    copied = binaries._copy(binaries._site_packages())  # this test's own files may be closed to nobody
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(checkout), str(copied), str(nobody.pw_uid), str(nobody.pw_gid)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == f"1 {{{nobody.pw_uid}}} True\n", done.stderr


AS_NOBODY = """
import os, sys
from pathlib import Path
from typing import Any
from unittest import mock
import psycopg
from leadcrm.core.postgres import Embedded, binaries, conninfo, embedded
from leadcrm.core.postgres.places import places_of
from leadcrm.core.postgres.leftovers import _processes

checkout, copied, uid, gid = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
psycopg.connect
os.setgroups([]); os.setgid(gid); os.setuid(uid); os.umask(0o022)
sys.executable = "/usr/bin/python3"  # ours may be closed to this user
embedded.KEEPER = checkout / "keeper.py"
binaries._site_packages = lambda: copied
server = Embedded(checkout / "instance", durable=False)
with psycopg.connect(conninfo(server.ensure_running().app)) as connection:
    answer = connection.execute("SELECT 1").fetchone()[0]
places = places_of(server.instance)
owners = {Path(f"/proc/{pid}").stat().st_uid for pid in _processes(places)}
print(answer, owners, places.data.is_relative_to(checkout))
server.destroy()
"""


@pytest.mark.attack
@needs_root
def test_the_instance_of_another_user_is_explained(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.ensure_running()
    embedded.stop()
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 4711)
        with pytest.raises(PostgresProblem, match="belongs to user .*: run as that user, or as root"):
            embedded.ensure_running()


def owners(server: Embedded) -> set[int]:
    return {Path(f"/proc/{pid}").stat().st_uid for pid in processes(server)}


def test_the_limit_of_a_socket_path_counts_bytes() -> None:
    account = places_of.__globals__["account_for"](Path("/"))
    fits = Path("/" + "x" * (107 - 1 - len("/run/.s.PGSQL.5432")))
    assert Places(fits, fits, account).sockets == fits / "run"
    longer = fits.with_name(fits.name[:-1] + "é")
    assert Places(longer, longer, account).sockets != longer / "run"
