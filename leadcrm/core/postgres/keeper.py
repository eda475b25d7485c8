"""A process of its own that runs PostgreSQL for as long as anybody uses it.

    python keeper.py CONTROL_FOLDER UID GID COMMAND...     (UID and GID may be "-": stay who we are)

Whoever uses the server holds the file `in-use` shared. The kernel drops such a lock when its process dies, however
it dies; so as soon as the keeper gets the same file for itself alone, nobody is left, and it stops the server.
It imports nothing of leadcrm and is started with `-I -S`: up in 20 ms.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

PR_SET_PDEATHSIG = 1
HEALTHY_SECONDS = 5.0
MOST_FAILURES = 3
LIBC = ctypes.CDLL(None)


class Keeper:
    def __init__(self, control: Path, identity: dict[str, Any], command: list[str]) -> None:
        self.control = control
        self.identity = identity
        self.command = command
        self.stopping = False  # no Event: a signal would wait for its lock for ever when it came while that is held
        self.server: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self.stop)
        threading.Thread(target=self.stop_when_unused, daemon=True).start()
        failures = 0
        while not self.stopping and failures < MOST_FAILURES:
            started = time.monotonic()
            code = self.serve_once()
            failures = failures + 1 if time.monotonic() - started < HEALTHY_SECONDS else 1
            if not self.stopping:
                print(f"keeper: PostgreSQL ended with {code}", file=sys.stderr, flush=True)
                time.sleep(failures / 5)
        return 0 if self.stopping else 1

    def serve_once(self) -> int:
        self.server = subprocess.Popen(self.command, cwd="/", preexec_fn=die_with_parent, **self.identity)
        if self.stopping:  # the wish came while the server was born
            self.interrupt()
        return self.server.wait()

    def stop_when_unused(self) -> None:
        handle = os.open(self.control / "in-use", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        self.stop()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping = True
        self.interrupt()

    def interrupt(self) -> None:
        if self.server and self.server.returncode is None:
            self.server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown


def die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def main(control: str, uid: str, gid: str, *command: str) -> int:
    handle = os.open(Path(control, "keeper"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    if os.fork():  # the starter goes on; the lock is held by the child already
        return 0
    os.setsid()  # the terminal's Ctrl-C is for the starter
    os.set_inheritable(handle, False)
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    identity = {} if uid == "-" else {"user": int(uid), "group": int(gid), "extra_groups": []}
    return Keeper(Path(control), identity, list(command)).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
