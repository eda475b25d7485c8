"""Anchors: where every chain of the trail ends, signed, hourly, in a file beside the database and wherever configured.

The file only grows: opened for appending, flushed to the disk, each anchor naming the digest of the one before. Each
anchor is itself a line of the platform's chain, so neither file nor table can be cut off without the other telling.
"""

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import BigInteger, LargeBinary, Uuid, column, func, select

from leadcrm.core import audit
from leadcrm.core.config import current_config
from leadcrm.core.crypto import KeyProblem, write_private
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.trail.verify import digest, signed_text

KEY, PUBLIC, FILE = "anchor.key", "anchor.pub", "anchors.jsonl"
KEY_BYTES = 32


@dataclass(frozen=True)
class Anchor:
    number: int
    text: str
    chains: int


def folder() -> Path:
    return current_config().instance / "anchors"


def heads() -> dict[str, tuple[int, str]]:
    """Where each chain ends now."""
    columns: dict[str, Any] = {"company_id": Uuid(), "seq": BigInteger(), "mac": LargeBinary()}
    found: Any = func.trail_heads().table_valued(*(column(name, type_) for name, type_ in columns.items()))
    return {str(row.company_id): (row.seq, bytes(row.mac).hex()) for row in session.execute(select(*found.c))}


def signing_key(known_before: bool) -> Ed25519PrivateKey:
    """Made once. When anchors exist and the key does not, somebody removed it: a new one would hide that."""
    place = current_config().instance / "keys" / KEY
    if not place.exists():
        if known_before:
            raise KeyProblem(f"{place} is gone, and anchors were signed with it. Restore it from its backup.")
        write_private(place, base64.b64encode(os.urandom(KEY_BYTES)))
    if place.stat().st_mode & 0o077:
        raise KeyProblem(f"{place} can be read by others. Run `chmod 600 {place}`.")
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(place.read_bytes(), validate=True))


@contextmanager
def opened() -> Iterator[IO[bytes]]:
    """The anchor file, for us alone; only ever appended to."""
    folder().mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder() / FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def write_anchor() -> Anchor:
    """Anchor every chain that moved since the last one; the platform's always does."""
    with opened() as file:
        before = file.read().decode().splitlines()
        key = signing_key(known_before=bool(before))
        anchor = _signed(key, before)
        file.write(f"{anchor.text}\n".encode())
        os.fsync(file.fileno())
    _publish(key)
    audit.note(
        "anchored", company_id=PLATFORM_ID, subject="core_audit_head", number=anchor.number, chains=anchor.chains,
        digest=digest(anchor.text),
    )
    return anchor


def _signed(key: Ed25519PrivateKey, before: list[str]) -> Anchor:
    known: dict[str, list[Any]] = {}
    for line in before:
        known |= json.loads(line)["heads"]
    moved = {company: list(end) for company, end in heads().items() if known.get(company) != list(end)}
    content: dict[str, Any] = {
        "number": len(before) + 1, "at": now().isoformat(), "previous": digest(before[-1]) if before else "",
        "heads": moved,
    }
    content["signature"] = base64.b64encode(key.sign(signed_text(content))).decode()
    return Anchor(content["number"], json.dumps(content, sort_keys=True, separators=(",", ":")), len(moved))


def _publish(key: Ed25519PrivateKey) -> None:
    place = folder() / PUBLIC
    if not place.exists():
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        place.write_bytes(base64.b64encode(raw) + b"\n")
