"""Look at the processes of an embedded server, and other processes that use one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from leadcrm.core.postgres import Embedded, conninfo
from leadcrm.core.postgres.leftovers import _processes
from leadcrm.core.postgres.places import places_of

ROOT = Path(__file__).parents[3]
USE = """
import sys, time
from pathlib import Path
from leadcrm.core.postgres import Embedded
Embedded(Path(sys.argv[1]), durable=False).ensure_running()
print("running", flush=True)
sys.stdin.read()
"""


class User:
    """Another process that starts or joins the server and goes on until told to end."""

    def __init__(self, server: Embedded) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE, str(server.instance)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def wait_until_running(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == b"running\n"

    def end(self, how: int | None = None) -> None:
        """By itself, or by this signal."""
        if how:
            self.process.send_signal(how)
        self.process.communicate()


def master(server: Embedded) -> int:
    places = places_of(server.instance)
    return int((places.data / "postmaster.pid").read_text().split()[0])


def keeper(server: Embedded) -> int:
    return int((places_of(server.instance).control / "keeper").read_text())


def processes(server: Embedded) -> list[int]:
    return [*_processes(places_of(server.instance))]


def kill_everything(server: Embedded) -> None:
    """As a power cut would: nobody gets the chance to say goodbye."""
    holder = keeper(server)
    os.kill(holder, signal.SIGSTOP)  # it would start the server again; and at its death the server would end in peace
    for pid in (*processes(server), holder):
        with suppress(ProcessLookupError):  # some follow their master at once
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes(server))


def eventually(holds: Callable[[], object], seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "did not become true"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    """Whoever was killed is there for a moment yet, and longer where nobody asks how they ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def keep_a_row(server: Embedded) -> None:
    ask(server.admin_url(), "CREATE TABLE kept AS SELECT 42 AS answer")


def row_is_there(server: Embedded) -> bool:
    return ask(server.admin_url(), "SELECT answer FROM kept") == [(42,)]
