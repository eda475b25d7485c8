"""File locks: the kernel drops them when their process dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """One advisory lock on one file; readers and writers as `flock(2)` has them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._handle: int | None = None

    def share(self) -> None:
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def hold(self) -> None:
        fcntl.flock(self._open(), fcntl.LOCK_EX)

    def try_share(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    def try_hold(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def drop(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def free_within(self, seconds: float) -> bool:
        """Wait until nobody holds the lock."""
        limit = time.monotonic() + seconds
        while not self.try_hold():
            if time.monotonic() > limit:
                return False
            time.sleep(0.02)
        self.drop()
        return True

    def is_held(self) -> bool:
        """By somebody else."""
        if self.try_share():
            self.drop()
            return False
        return True

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._open(), kind | fcntl.LOCK_NB)
        except BlockingIOError:
            self.drop()
            return False
        return True

    def _open(self) -> int:
        if self._handle is None:
            self._handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._handle


@contextmanager
def locked(file: Path) -> Iterator[None]:
    lock = FileLock(file)
    lock.hold()
    try:
        yield
    finally:
        lock.drop()
