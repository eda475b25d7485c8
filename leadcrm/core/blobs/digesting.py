"""SHA-256 beside the work: hashing takes longer than encrypting and writing together, and needs no lock of theirs."""

from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from types import TracebackType
from typing import Self

from leadcrm.core.blobs.sealing import BLOCK


class Digest:
    """One large piece is hashed in a thread of its own while the next comes in; small ones are not worth it."""

    def __init__(self) -> None:
        self._sha = sha256()
        self._beside = ThreadPoolExecutor(1)  # has no thread before the first large piece
        self._busy: Future[None] | None = None

    def update(self, piece: bytes) -> None:
        """The piece must stay as it is."""
        self._wait()
        if len(piece) < BLOCK:
            self._sha.update(piece)
        else:
            self._busy = self._beside.submit(self._sha.update, piece)

    def digest(self) -> bytes:
        self._wait()
        return self._sha.digest()

    def _wait(self) -> None:
        busy, self._busy = self._busy, None
        if busy is not None:
            busy.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._beside.shutdown()
