"""Encryption of fields: AES-256-GCM bound to table, column, company and row.

A box is `version | key number (4) | nonce (12) | ciphertext and tag`. Version 2 is sealed with a key of its company
(core/keys); version 1, which is still opened, with a master key of the instance. Nonces are random, never counted, so
a restored backup cannot repeat one. Every purpose has a key of its own, derived with HKDF.
"""

import math
import os
import secrets
import struct
import time
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Protocol, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app

from leadcrm.core.keys.files import KEY_BYTES, masters_in, read_key, write_key, write_private
from leadcrm.core.keys.files import KeyProblem as KeyProblem

__all__ = ["CannotOpen", "CompanyKeys", "KeyProblem", "Keyring", "Place", "keyring", "use", "write_private"]

OF_MASTER, OF_COMPANY = 1, 2  # versions of a box
LEGACY = 0  # the number under which the masters' own boxes are kept account of, per company
HEADER = struct.Struct(">BI12s")
BOUND = 5  # the bytes of the header, before the nonce, that the tag covers too
ROOT = "root.key"


class CannotOpen(ValueError):
    """A box was changed, moved to another row, or sealed with a key that we do not have or no longer take."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives. It opens nowhere else."""

    table: str
    column: str
    company_id: UUID
    row_id: UUID

    def __bytes__(self) -> bytes:
        return b"|".join(
            (b"leadcrm", self.table.encode(), self.column.encode(), self.company_id.bytes, self.row_id.bytes)
        )


@dataclass(frozen=True)
class CompanyKey:
    """A key of a company; without `key` it was destroyed. Seconds since 1970 from which nothing is read with it."""

    number: int
    key: bytes | None
    refused_at: float = math.inf


class CompanyKeys(Protocol):
    """Where the keys of companies are kept (core/keys/companies.py)."""

    def of(self, company_id: UUID, *, make: bool) -> list[CompanyKey]:
        """Every key of a company by number; with `make` there is one at the end."""


@dataclass
class _Ready:
    """The ciphers of a company, for a while: other processes rotate, refuse and destroy keys."""

    until: float
    newest: int = LEGACY
    sealing: AESGCM | None = None
    head: bytes = b""
    opening: dict[int, tuple[AESGCM | None, float]] = field(default_factory=dict)


class Keyring:
    """The keys of this process. Without a store of companies' keys (tools, tests) the newest master seals."""

    fresh_seconds = 60.0

    def __init__(self, masters: dict[int, bytes], root: bytes | None = None, companies: CompanyKeys | None = None):
        if not masters and root is None:
            raise KeyProblem(
                "No encryption key was found. Run `leadcrm init`, or restore instance/keys from its backup."
            )
        self._masters, self._companies = masters, companies
        self._root = root or masters[min(masters)]
        self.newest = max(masters, default=LEGACY)
        self._ready: dict[UUID, _Ready] = {}
        self._derived = lru_cache(maxsize=4096)(self._derive)
        self._ciphers = lru_cache(maxsize=4096)(self._cipher)
        self.reads_refused = False  # only the rotation, which takes such boxes away

    @classmethod
    def create(cls, folder: Path) -> "Keyring":
        """A new ring with one key, in files that only their owner may read."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key(folder / "master-1.key", secrets.token_bytes(KEY_BYTES))
        write_key(folder / ROOT, secrets.token_bytes(KEY_BYTES))
        return cls.load(folder)

    @classmethod
    def load(cls, folder: Path, companies: CompanyKeys | None = None) -> "Keyring":
        """Refuses a key file that others may read, or that holds no key."""
        root = folder / ROOT
        return cls(masters_in(folder), read_key(root) if root.exists() else None, companies)

    def _derive(self, secret: bytes, label: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(secret)

    def _cipher(self, number: int, company_id: UUID) -> AESGCM:
        return AESGCM(self._derived(self._masters[number], b"leadcrm field " + company_id.bytes))

    def derived(self, label: str, company_id: UUID | None = None) -> bytes:
        """A key of 32 bytes for one purpose, from the root key, which no rotation of the others changes."""
        return self._derived(self._root, b"leadcrm " + label.encode() + (company_id.bytes if company_id else b""))

    def seal(self, plain: bytes, place: Place) -> bytes:
        nonce = os.urandom(12)
        if self._companies is None:
            header = HEADER.pack(OF_MASTER, self.newest, nonce)
            return header + self._ciphers(self.newest, place.company_id).encrypt(nonce, plain, bytes(place))
        ready = self._ready.get(place.company_id)
        if ready is None or ready.sealing is None or time.monotonic() > ready.until:
            ready = self._read_again(place.company_id, make=True)
        if ready.sealing is None:
            raise KeyProblem(f"The key of company {place.company_id} was destroyed: nothing is sealed for it any more.")
        return ready.head + nonce + ready.sealing.encrypt(nonce, plain, ready.head + bytes(place))

    def open(self, box: bytes, place: Place) -> bytes:
        """Raises CannotOpen when the box is not exactly what was sealed for this place."""
        try:
            version, number, nonce = HEADER.unpack_from(box)
            if version == OF_COMPANY and self._companies is not None and number != LEGACY:
                bound = box[:BOUND] + bytes(place)
                return self._of_company(place.company_id, number).decrypt(nonce, box[HEADER.size :], bound)
            if version != OF_MASTER or number not in self._masters:
                raise CannotOpen(f"version {version}, key {number}")
            self._refuse_old_scheme(place.company_id)
            return self._ciphers(number, place.company_id).decrypt(nonce, box[HEADER.size :], bytes(place))
        except (InvalidTag, struct.error) as error:
            raise CannotOpen(f"{place.table}.{place.column}") from error

    def _of_company(self, company_id: UUID, number: int) -> AESGCM:
        ready = self._ready.get(company_id)
        if ready is None or time.monotonic() > ready.until or number not in ready.opening:
            ready = self._read_again(company_id)
        cipher, refused_at = ready.opening.get(number, (None, math.inf))
        if cipher is None:
            raise CannotOpen(f"key {number} of company {company_id} is not there")
        self._refuse_after(refused_at, number, company_id)
        return cipher

    def _refuse_old_scheme(self, company_id: UUID) -> None:
        if self._companies is None:
            return
        ready = self._ready.get(company_id)
        if ready is None or time.monotonic() > ready.until:
            ready = self._read_again(company_id)
        if LEGACY in ready.opening:
            self._refuse_after(ready.opening[LEGACY][1], LEGACY, company_id)

    def _refuse_after(self, refused_at: float, number: int, company_id: UUID) -> None:
        if refused_at != math.inf and time.time() >= refused_at and not self.reads_refused:
            raise CannotOpen(f"key {number} of company {company_id} is past its deadline: run `leadcrm keys rotate`")

    def _read_again(self, company_id: UUID, make: bool = False) -> _Ready:
        """What the store says now. A key read before need not be unwrapped again: the store remembers."""
        if self._companies is None:
            raise KeyProblem("no store of companies' keys")
        ready = _Ready(time.monotonic() + self.fresh_seconds)
        for each in self._companies.of(company_id, make=make):
            cipher = None if each.key is None else AESGCM(self._derived(each.key, b"leadcrm field " + company_id.bytes))
            ready.opening[each.number] = (cipher, each.refused_at)
            if each.number > ready.newest:
                ready.newest, ready.sealing = each.number, cipher
                ready.head = HEADER.pack(OF_COMPANY, each.number, b"")[:BOUND]
        self._ready[company_id] = ready
        return ready

    def forget(self) -> None:
        """Ask the store anew for every key."""
        self._ready.clear()
        self._derived.cache_clear()

    def blind_index(self, company_id: UUID, column: str, value: str) -> int:
        """A keyed fingerprint (64 bits, signed) to find equal values of one company without opening them."""
        digest = blake2b(value.encode(), key=self.derived(f"blind {column}", company_id), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def box_number(box: bytes) -> tuple[int, int]:
    """Version and key number of a box; (0, 0) when it is none."""
    return HEADER.unpack_from(box)[:2] if len(box) > HEADER.size else (0, 0)


EXTENSION = "keyring"
_ring: list[Keyring] = []


def start(app: Flask, ring: Keyring) -> None:
    app.extensions[EXTENSION] = ring
    use(ring)


def use(ring: Keyring) -> None:
    """The ring of this process, from now on, for whoever works without an application."""
    _ring[:] = [ring]


def keyring() -> Keyring:
    """The ring of the application at work; without one at work that of the newest of this process."""
    try:
        ring = current_app.extensions.get(EXTENSION)
    except RuntimeError:  # no application at work; asked for every value that is sealed, so without asking that first
        ring = None
    if ring is not None:
        return cast(Keyring, ring)
    if not _ring:
        raise KeyProblem("The encryption keys are not loaded: create the application first.")
    return _ring[0]
