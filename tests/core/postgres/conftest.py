"""Real servers for the tests of the launcher: embedded ones of their own, and Debian's where it is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from leadcrm.core.postgres import Embedded
from leadcrm.core.postgres.account import account_for
from leadcrm.core.postgres.urls import conninfo
from tests.ports import free_port

ROOT = os.geteuid() == 0


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder that everybody may enter, as /opt/leadcrm would be."""
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-checkout-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def embedded(checkout: Path) -> Iterator[Embedded]:
    server = Embedded(checkout / "instance", durable=False)
    yield server
    server.destroy()


@pytest.fixture(scope="session")
def debian() -> Iterator[str]:
    """The address of the superuser of a PostgreSQL 15 or newer that is not ours, over TCP."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not programs:
        pytest.skip("no PostgreSQL of the system under /usr/lib/postgresql: install postgresql to test an external one")
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-debian-"))
    account = account_for(folder)
    account.give(folder)
    options = {"cwd": "/", "check": True, "stdout": subprocess.DEVNULL, **account.popen_options()}
    port = free_port()
    control, data = programs[0] / "pg_ctl", folder / "data"
    subprocess.run([control, "initdb", "-s", "-D", data, "-o", "-U postgres -A trust -E UTF8 --no-locale"], **options)
    settings = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    subprocess.run([control, "start", "-s", "-w", "-D", data, "-o", settings, "-l", folder / "log"], **options)
    yield f"postgresql+psycopg://postgres:trusted@127.0.0.1:{port}/postgres"
    subprocess.run([control, "stop", "-s", "-m", "immediate", "-D", data], **options)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def shared_embedded() -> Iterator[Embedded]:
    """For tests that only need some embedded server."""
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-shared-"))
    server = Embedded(folder, durable=False)
    server.ensure_running()
    yield server
    server.destroy()
    shutil.rmtree(folder)


@pytest.fixture(params=["embedded", "debian"])
def cluster(request: pytest.FixtureRequest) -> Iterator[str]:
    """A superuser on a server with none of our roles and databases; both kinds in turn."""
    if request.param == "debian":
        url = request.getfixturevalue("debian")
    else:
        url = request.getfixturevalue("shared_embedded").admin_url()
    empty(url)
    yield url
    empty(url)


def empty(url: str) -> None:
    with psycopg.connect(conninfo(url), autocommit=True) as admin:
        for (name,) in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'leadcrm%'").fetchall():
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        for (name,) in admin.execute(
            "SELECT rolname FROM pg_roles WHERE rolname ~ '^(leadcrm|test)_' ORDER BY 1"
        ).fetchall():
            admin.execute(f'DROP ROLE "{name}"')
