"""Encryption of fields: AES-256-GCM bound to table, column, company and row; keys under instance/keys.

A box is `0x01 | key number (4) | nonce (12) | ciphertext and tag`. Nonces are random, never counted, so a restored
backup cannot repeat one. Every purpose has a key of its own, derived from the master key with HKDF.
"""

import base64
import os
import secrets
import struct
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
HEADER = struct.Struct(">BI12s")
KEY_BYTES = 32


class KeyProblem(RuntimeError):
    """The key files cannot be used; says why and what to do."""


class CannotOpen(ValueError):
    """A box was changed, moved to another row, or sealed with a key we do not have."""


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


class Keyring:
    """The master keys by number; the highest number seals, all of them open."""

    def __init__(self, masters: dict[int, bytes]):
        if not masters:
            raise KeyProblem(
                "No encryption key was found. Run `leadcrm init`, or restore instance/keys from its backup."
            )
        self._masters = masters
        self.newest = max(masters)
        self._derived = lru_cache(maxsize=4096)(self._derive)
        self._ciphers = lru_cache(maxsize=4096)(self._cipher)

    @classmethod
    def create(cls, folder: Path) -> "Keyring":
        """A new ring with one key, in files that only their owner may read."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(folder / "master-1.key", base64.b64encode(secrets.token_bytes(KEY_BYTES)))
        return cls.load(folder)

    @classmethod
    def load(cls, folder: Path) -> "Keyring":
        """Refuses a key file that others may read, or that holds no key."""
        files = sorted(folder.glob("master-*.key")) if folder.is_dir() else []
        return cls({int(file.stem.removeprefix("master-")): _read_key(file) for file in files})

    def _derive(self, number: int, label: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(self._masters[number])

    def _cipher(self, number: int, company_id: UUID) -> AESGCM:
        return AESGCM(self._derived(number, b"leadcrm field " + company_id.bytes))

    def derived(self, label: str, company_id: UUID | None = None) -> bytes:
        """A key of 32 bytes for one purpose, from the oldest master so that it survives rotation."""
        return self._derived(
            min(self._masters), b"leadcrm " + label.encode() + (company_id.bytes if company_id else b"")
        )

    def seal(self, plain: bytes, place: Place) -> bytes:
        nonce = os.urandom(12)
        header = HEADER.pack(VERSION, self.newest, nonce)
        return header + self._ciphers(self.newest, place.company_id).encrypt(nonce, plain, bytes(place))

    def open(self, box: bytes, place: Place) -> bytes:
        """Raises CannotOpen when the box is not exactly what was sealed for this place."""
        try:
            version, number, nonce = HEADER.unpack_from(box)
            if version != VERSION or number not in self._masters:
                raise CannotOpen(f"version {version}, key {number}")
            return self._ciphers(number, place.company_id).decrypt(nonce, box[HEADER.size :], bytes(place))
        except (InvalidTag, struct.error) as error:
            raise CannotOpen(f"{place.table}.{place.column}") from error

    def blind_index(self, company_id: UUID, column: str, value: str) -> int:
        """A keyed fingerprint (64 bits, signed) to find equal values of one company without opening them."""
        digest = blake2b(value.encode(), key=self.derived(f"blind {column}", company_id), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def write_private(path: Path, content: bytes) -> None:
    """A new file of mode 0600 from its first moment; an existing one is never overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_key(file: Path) -> bytes:
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyProblem(
            f"Key file {file} can be read by others (mode {mode:o}). Run `chmod 600 {file}` and start again."
        )
    try:
        key = base64.b64decode(file.read_bytes(), validate=True)
    except (OSError, ValueError) as error:
        raise KeyProblem(f"Key file {file} cannot be read: {error}. Restore it from its backup.") from error
    if len(key) != KEY_BYTES:
        raise KeyProblem(f"Key file {file} does not hold a key of {KEY_BYTES} bytes. Restore it from its backup.")
    return key


_ring: list[Keyring] = []


def use(ring: Keyring) -> None:
    """The ring of this process, from now on."""
    _ring[:] = [ring]


def keyring() -> Keyring:
    if not _ring:
        raise KeyProblem("The encryption keys are not loaded: create the application first.")
    return _ring[0]
