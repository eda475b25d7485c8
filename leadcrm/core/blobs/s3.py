"""A bucket of any S3-compatible store. What lies there is as encrypted as it is on a disk of ours.

Reading, listing and removing goes through obstore. Writing is one PUT of our own, to an address that obstore signs:
streamed from the file in blocks, so that memory stays flat, and only if nothing of that name is there yet. A store that
does not know that condition is written to without it: the names are random, and a row is written before each.
"""

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from leadcrm.core.blobs.backends import Found, Reader, ident_of
from leadcrm.core.blobs.problems import StorageAway, StorageFull, Tampered
from leadcrm.core.blobs.sealing import BLOCK

SECONDS = 30
SIGNED_FOR = timedelta(minutes=15)
NO_ROOM = ("QuotaExceeded", "StorageFull", "InsufficientStorage", "EntityTooLarge")
NEVER_OVERWRITE = {"If-None-Match": "*"}
NOT_KNOWN, THERE_ALREADY = 501, 412
Said = TypeVar("Said")


@dataclass(frozen=True)
class Bucket:
    """Where it is, and with which key."""

    endpoint: str
    name: str
    region: str
    key_id: str
    secret_file: Path
    prefix: str = ""
    ca_file: Path | None = None

    @property
    def secret(self) -> str:
        return self.secret_file.read_text(encoding="ascii").strip()


class S3:
    def __init__(self, bucket: Bucket, retries: int = 3):
        self._bucket = bucket
        options: Any = {"timeout": f"{SECONDS * 20}s", "connect_timeout": "10s"}
        if bucket.ca_file:
            options["root_certificate"] = bucket.ca_file.read_bytes()
        self._store = S3Store(
            bucket.name, endpoint=bucket.endpoint, region=bucket.region, access_key_id=bucket.key_id,
            secret_access_key=bucket.secret, virtual_hosted_style_request=False, client_options=options,
            retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=SECONDS)},
        )  # fmt: skip
        self._tls = ssl.create_default_context(cafile=bucket.ca_file)
        self._conditional = True

    def place(self, ident: UUID) -> str:
        return f"{self._bucket.prefix}{ident.hex[:2]}/{ident}"

    def take(self, ident: UUID, file: Path) -> None:
        status, said = self._put(ident, file, NEVER_OVERWRITE if self._conditional else {})
        if status == NOT_KNOWN and self._conditional:
            self._conditional = False
            status, said = self._put(ident, file, {})
        if status == THERE_ALREADY and self._size(ident) == file.stat().st_size:
            status = 200  # an attempt whose answer got lost
        if status not in (200, 201):
            full = status == 507 or any(word.encode() in said for word in NO_ROOM)
            raise StorageFull("the bucket is full") if full else StorageAway(f"the bucket answers {status}")
        file.unlink()

    def _put(self, ident: UUID, file: Path, headers: dict[str, str]) -> tuple[int, bytes]:
        to = urlsplit(_asked(lambda: obstore.sign(self._store, "PUT", self.place(ident), SIGNED_FOR)))
        connection = HTTPSConnection(
            to.hostname or "", to.port, timeout=SECONDS, context=self._tls, blocksize=BLOCK
        )
        sent = {"Content-Length": str(file.stat().st_size), "Content-Type": "application/octet-stream", **headers}
        try:
            with file.open("rb") as body:
                with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it had all
                    connection.request("PUT", f"{to.path}?{to.query}", body, sent)
                answer = connection.getresponse()
                return answer.status, answer.read(BLOCK)
        except (OSError, HTTPException) as problem:
            raise StorageAway(f"the bucket does not answer: {type(problem).__name__}") from problem
        finally:
            connection.close()

    def open(self, ident: UUID, begin: int, end: int) -> Reader:
        try:
            found = obstore.get(self._store, self.place(ident), options={"range": (begin, end)})
        except FileNotFoundError as problem:
            raise Tampered(f"{ident} is gone") from problem
        except BaseError as problem:
            size = self._size(ident)  # raises when it is away
            if size is None or size < end:
                raise Tampered(f"{ident} has {size} bytes, and {end} were wanted") from problem
            raise StorageAway(type(problem).__name__) from problem
        return Streamed(found.meta["size"], iter(found.stream(min_chunk_size=BLOCK)))

    def has(self, ident: UUID) -> bool:
        return self._size(ident) is not None

    def _size(self, ident: UUID) -> int | None:
        try:
            return _asked(lambda: obstore.head(self._store, self.place(ident))["size"])
        except FileNotFoundError:
            return None

    def remove(self, ident: UUID) -> None:
        with suppress(FileNotFoundError):
            _asked(lambda: obstore.delete(self._store, self.place(ident)))

    def listed(self, beginning: str = "") -> Iterator[Found]:
        pages = iter(obstore.list(self._store, prefix=f"{self._bucket.prefix}{beginning}".rstrip("/") or None))
        while (page := _asked(lambda: next(pages, None))) is not None:
            for each in page:
                ident = ident_of(os.path.basename(each["path"]))
                if ident is not None and each["path"] == self.place(ident):
                    yield Found(ident, each["size"])

    def open_to_strangers(self) -> bool:
        """Whether anybody may list what is in it."""
        to = urlsplit(self._bucket.endpoint)
        connection = HTTPSConnection(to.hostname or "", to.port, timeout=SECONDS, context=self._tls)
        try:
            connection.request("GET", f"{to.path}/{self._bucket.name}?list-type=2&max-keys=1")
            return connection.getresponse().status == 200
        except (OSError, HTTPException) as problem:
            raise StorageAway(f"the bucket does not answer: {type(problem).__name__}") from problem
        finally:
            connection.close()


class Streamed:
    """A part of an object, as it comes in."""

    def __init__(self, size: int, pieces: Iterator[Any]):
        self.size = size
        self._pieces = pieces
        self._held = memoryview(b"")

    def fill(self, into: memoryview) -> int:
        done = 0
        while done < len(into):
            if not self._held:
                piece = _asked(lambda: next(self._pieces, None))
                if piece is None:
                    break
                self._held = memoryview(piece)
            taken = min(len(into) - done, len(self._held))
            into[done : done + taken] = self._held[:taken]
            done, self._held = done + taken, self._held[taken:]
        return done

    def close(self) -> None:
        self._pieces = iter(())  # lets the connection go


def _asked(question: Callable[[], Said]) -> Said:
    """Raises FileNotFoundError as it is, and StorageAway for the rest. What a store says may hold our key's name."""
    try:
        return question()
    except BaseError as problem:
        raise StorageAway(f"the bucket refuses or does not answer: {type(problem).__name__}") from problem
