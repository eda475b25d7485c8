"""What a killed server leaves behind: processes without a master, and a pid file that may name a stranger."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from leadcrm.core.postgres.places import SOCKET_NAME, Places
from leadcrm.core.postgres.problems import PostgresProblem

PATIENCE = ((0, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))  # 0 sends nothing


def clear_leftovers(places: Places) -> None:
    """Only while no keeper runs and the start is locked: then every process of this data folder is an orphan."""
    lock_files = (places.data / "postmaster.pid", places.sockets / f"{SOCKET_NAME}.lock")
    if not any(file.exists() for file in lock_files):
        return
    for send, seconds in PATIENCE:  # an orphan notices by itself, most of the time
        for pid in _processes(places):
            with suppress(ProcessLookupError):
                os.kill(pid, send)
        if _gone_within(places, seconds):
            break
    else:
        raise PostgresProblem(
            f"processes of an older server hold {places.data} and cannot be ended: {[*_processes(places)]}"
        )
    # The number in them may by now be a stranger's, or a zombie's in a container whose first process reaps nobody;
    # PostgreSQL would refuse to start beside either.
    for file in lock_files:
        file.unlink(missing_ok=True)


def _gone_within(places: Places, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while any(_processes(places)):
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def _processes(places: Places) -> Iterator[int]:
    """By command line, which a container's root may read where it may not read `cwd` of others."""
    master = os.fsencode(places.data)
    child = f"postgres: {places.label}: ".encode()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if line.startswith(child) or _is_master(line.split(b"\0"), master):
            yield int(process.name)


def _is_master(words: list[bytes], data: bytes) -> bool:
    return words[0].endswith(b"/postgres") and words[1:3] == [b"-D", data]
