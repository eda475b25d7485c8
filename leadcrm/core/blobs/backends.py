"""Where the bytes of blobs lie: in a folder of the instance, or in a bucket of any S3-compatible store.

A backend knows ids and bytes that mean nothing to it. It takes a finished file over whole or not at all.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from leadcrm.core.blobs.problems import StorageFull, Tampered

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Found:
    """What lies in a backend."""

    id: UUID
    size: int


class Reader(Protocol):
    """A part of a stored file. `size` is that of the whole."""

    size: int

    def fill(self, into: memoryview) -> int:
        """What comes next; fewer bytes only at the end."""

    def close(self) -> None: ...


class Backend(Protocol):
    def take(self, ident: UUID, file: Path) -> None:
        """This file becomes the blob; it is gone from where it was. Its bytes are on the disk already."""

    def open(self, ident: UUID, begin: int, end: int) -> Reader:
        """Raises Tampered when there is none."""

    def has(self, ident: UUID) -> bool: ...

    def remove(self, ident: UUID) -> None:
        """Also when it is gone already."""

    def listed(self, beginning: str = "") -> Iterator[Found]:
        """Of all, or of ids that begin with these two digits."""


@contextmanager
def told_when_full() -> Iterator[None]:
    """The disk, a quota or a limit on the size of files says that there is no room: StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull("no room for files") from error
        raise


def private_folder(folder: Path) -> Path:
    """For its owner only, from its first moment, whatever the umask; each folder of it that is not there yet too."""
    if not folder.is_dir():
        private_folder(folder.parent) if not folder.parent.is_dir() else None
        with told_when_full():
            folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
    return folder


def sync_folder(folder: Path) -> None:
    """A name made, moved or removed in it survives that the power fails."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class LocalFile:
    def __init__(self, path: Path, begin: int):
        self._handle = -1
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise Tampered(f"{path.name} cannot be opened: {error.strerror}") from error
        self.size, self._at = os.fstat(self._handle).st_size, begin

    def fill(self, into: memoryview) -> int:
        done = 0
        while done < len(into) and (read := os.preadv(self._handle, [into[done:]], self._at)):
            done, self._at = done + read, self._at + read
        return done

    def close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def __del__(self) -> None:
        self.close()  # an answer that nobody began to read


class Local:
    """Files of mode 0600 in folders of mode 0700, spread over 256 of them."""

    def __init__(self, folder: Path):
        self.folder = folder

    def place(self, ident: UUID) -> Path:
        return self.folder / ident.hex[:2] / str(ident)

    def take(self, ident: UUID, file: Path) -> None:
        place = self.place(ident)
        private_folder(place.parent)
        with told_when_full():
            file.rename(place)
        sync_folder(place.parent)

    def open(self, ident: UUID, begin: int, end: int) -> LocalFile:
        return LocalFile(self.place(ident), begin)

    def has(self, ident: UUID) -> bool:
        return self.place(ident).is_file()

    def remove(self, ident: UUID) -> None:
        self.place(ident).unlink(missing_ok=True)

    def listed(self, beginning: str = "") -> Iterator[Found]:
        for place in self.folder.glob(f"{beginning or '[0-9a-f][0-9a-f]'}/*"):
            ident = ident_of(place.name)
            if ident is not None and self.place(ident) == place:
                yield Found(ident, place.stat().st_size)


def ident_of(name: str) -> UUID | None:
    """None: no file of ours."""
    try:
        return UUID(name)
    except ValueError:
        return None
