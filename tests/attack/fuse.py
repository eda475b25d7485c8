"""A process that is killed at a named point of its own work, as `kill -9` and a power switch would: nothing runs after.

The child is a fork, so that a run costs a moment. In it the calls that touch disk and database are wrapped; each has a
name and is passed `before` it is made, `within` it (half of the bytes are written) and `after`.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, g

from leadcrm.core.blobs import backends, spool, store, writing
from leadcrm.core.blobs.backends import Local
from leadcrm.core.blobs.sealing import HEADER, TURN
from leadcrm.core.crypto import Keyring
from leadcrm.core.db import CrmSession

Story = Callable[[Callable[[str], None]], None]
Call = Callable[..., Any]


class Fuse:
    """Burns at the `nth` passing of a point; without one it only counts them."""

    def __init__(self, point: str = "", nth: int = 0):
        self.point, self.nth, self.passed = point, nth, Counter[str]()

    def passes(self, point: str) -> bool:
        self.passed[point] += 1
        return point == self.point and self.passed[point] == self.nth

    def burn(self, point: str) -> None:
        if self.passes(point):
            os.kill(os.getpid(), signal.SIGKILL)

    def wrap(self, owner: Any, name: str, label: Callable[..., str]) -> None:
        original: Call = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            what = label(*arguments)
            self.burn(f"before {what}")
            result = original(*arguments, **named)
            self.burn(f"after {what}")
            return result

        setattr(owner, name, wrapped)

    def wrap_writing(self, name: str, label: Callable[..., str]) -> None:
        """The same for os.write and os.pwrite, with half of it written in between."""
        original: Call = getattr(os, name)

        def wrapped(handle: int, data: Any, *place: int) -> Any:
            what = label(data)
            self.burn(f"before {what}")
            if len(data) > HEADER and self.passes(f"within {what}"):
                original(handle, data[: len(data) // 2], *place)
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(handle, data, *place)
            self.burn(f"after {what}")
            return result

        setattr(os, name, wrapped)

    def install(self) -> None:
        """In the child only."""
        self.wrap_writing("write", lambda _data: "a block of a file that is kept")
        self.wrap_writing("pwrite", _of_an_upload)
        self.wrap(os, "fsync", lambda _handle: "a sync of a file or folder")
        self.wrap(os, "fdatasync", lambda _handle: "a sync of an upload")
        self.wrap(backends, "private_folder", lambda _folder: "a folder")
        self.wrap(Path, "rename", lambda *_paths: "the move of a file")
        self.wrap(Path, "unlink", lambda *_paths: "the removal of a file that came in")
        self.wrap(Local, "remove", lambda *_arguments: "the removal of a file")
        self.wrap(Local, "take", lambda *_arguments: "the taking over of a file")
        self.wrap(writing, "save", lambda *_arguments: "what a row says of an upload")
        self.wrap(spool, "_move", lambda _blob: "the end of an upload")
        self.wrap(store, "new_key", lambda: "a key")
        self.wrap(Keyring, "seal", lambda *_arguments: "the sealing of a key or tail")
        self.wrap(CrmSession, "flush", lambda *_arguments: "rows")
        self.wrap(CrmSession, "commit", _commit)


def _of_an_upload(data: Any) -> str:
    return {HEADER: "the header of an upload", TURN: "the end of a turn"}.get(len(data), "a block of an upload")


def _commit(session: CrmSession) -> str:
    return "a commit" if session is g.get("session") else "a commit of an upload"


def run(app: Flask, story: Story, fuse: Fuse) -> tuple[list[str], int, Counter[str]]:
    """What the child said before its end, the signal that ended it (0: none), and the points it passed."""
    reading, saying = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(app, story, fuse, saying)
    os.close(saying)
    with os.fdopen(reading) as pipe:
        said = pipe.read().splitlines()
    _pid, status = os.waitpid(child, 0)
    counted = Counter[str]({line[8:].rpartition("=")[0]: int(line.rpartition("=")[2])
                            for line in said if line.startswith("counted ")})  # fmt: skip
    lines = [line for line in said if not line.startswith("counted ")]
    return lines, os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status), counted


def _be_the_child(app: Flask, story: Story, fuse: Fuse, saying: int) -> None:
    code = 1
    try:
        app.extensions["database"].forked()
        fuse.install()
        story(lambda line: _say(saying, line))
        for point, times in sorted(fuse.passed.items()):
            _say(saying, f"counted {point}={times}")
        code = 0
    except BaseException as problem:  # noqa: BLE001  to the parent, as all that is said
        _say(saying, f"broke {type(problem).__name__}: {problem}".replace("\n", " "))
    finally:
        sys.stdout.flush()
        os._exit(code)


def _say(pipe: int, line: str) -> None:
    os.writev(pipe, [f"{line}\n".encode()])
