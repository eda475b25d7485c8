"""Tries what no reader may do, so that doctor and tests can say whether the cage holds. Says what succeeded."""

import os
import socket
import sys
import tempfile
from collections.abc import Callable

from leadcrm.inspection.parsing.serving import Task


def _write() -> None:
    handle, name = tempfile.mkstemp()
    os.close(handle)
    os.unlink(name)


def _connect() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _start() -> None:
    os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


TRIED: dict[str, Callable[[], object]] = {
    "read a file": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
    "write a file": _write,
    "reach the network": _connect,
    "start a program": _start,
    "make a process": _fork,
    "look around": lambda: os.listdir("/"),
}


def read(task: Task) -> None:
    for what, attempt in TRIED.items():
        try:
            attempt()
        except OSError:
            continue
        task.say(f"{what}\n")
