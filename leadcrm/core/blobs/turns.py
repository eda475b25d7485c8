"""Whose turn it is to write the file of an upload.

Connections break without a word: the request that still waits for a vanished client must not keep that same client from
going on. So whoever begins to write puts a number of their own into the header of the file, and writes, each time under
a lock of a moment, only while it stands there. A writer that has been silent for a while is overtaken, and finds out;
one that was heard of just now is not, and who came later is told so. A killed process leaves its number behind, and is
overtaken in the same way.
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path

from leadcrm.core.blobs.backends import sync_folder, told_when_full
from leadcrm.core.blobs.problems import Busy, StorageFull, Tampered
from leadcrm.core.blobs.sealing import HEADER, MAGIC, TURN

IDLE = bytes(TURN)
PATIENCE = 3.0  # seconds of silence after which a writer is overtaken


class Turn:
    """The file of an upload, open for whoever has the turn."""

    def __init__(self, path: Path):
        with told_when_full():
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._mine = secrets.token_bytes(TURN)
        self._path = path

    def take(self) -> None:
        """Raises Busy while somebody else is writing, Tampered when this is no file of ours."""
        with self._locked():
            header = os.pread(self._handle, HEADER, 0)
            if header and not header.startswith(MAGIC) and len(header) == HEADER:
                raise Tampered(f"{self._path.name} is no upload")
            if len(header) == HEADER and header[len(MAGIC) :] != IDLE and self._silent_for() < PATIENCE:
                raise Busy("somebody is writing")
            with told_when_full():
                written = os.pwrite(self._handle, MAGIC + self._mine, 0)
            if written < HEADER:
                os.ftruncate(self._handle, 0)  # it was new
                raise StorageFull("no room for the header of an upload")
            if not header:
                sync_folder(self._path.parent)

    def _silent_for(self) -> float:
        return time.time() - os.fstat(self._handle).st_mtime

    @contextmanager
    def mine(self) -> Iterator[int]:
        """The file, for a moment in which nobody else touches it. Raises Busy when somebody has overtaken us."""
        with self._locked():
            if os.pread(self._handle, TURN, len(MAGIC)) != self._mine:
                raise Busy("somebody else has gone on with it")
            yield self._handle

    def leave(self) -> None:
        """Whoever comes next need not wait."""
        try:
            with self.mine() as handle:
                os.pwrite(handle, IDLE, len(MAGIC))
        except Busy:
            pass
        finally:
            os.close(self._handle)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        flock(self._handle, LOCK_EX)
        try:
            yield
        finally:
            flock(self._handle, LOCK_UN)


@contextmanager
def taken(path: Path) -> Iterator[Turn]:
    turn = Turn(path)
    try:
        turn.take()
    except BaseException:
        turn.leave()
        raise
    try:
        yield turn
    finally:
        turn.leave()


def left_behind(path: Path) -> bool:
    """Whether somebody began to write this file, did not end, and has been silent since."""
    try:
        with path.open("rb") as file:
            header = file.read(HEADER)
            silent = time.time() - os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return False
    return header[len(MAGIC) :] != IDLE and silent >= PATIENCE
