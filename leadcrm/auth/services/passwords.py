"""Password hashes: argon2id at or above the OWASP floor; older schemes are still read, and replaced at sign-in."""

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore

from flask_babel import lazy_gettext as _
from passlib.context import CryptContext

from leadcrm.auth.services.guessable import is_guessable
from leadcrm.core.fields.kinds import Invalid

SHORTEST, LONGEST = 12, 128  # characters
MOST_BYTES = 1024  # of what is hashed at all
PATIENCE_SECONDS = 10

CONTEXT = CryptContext(
    schemes=["argon2", "bcrypt", "pbkdf2_sha256", "scrypt"], deprecated="auto",
    argon2__type="ID", argon2__memory_cost=19_456, argon2__time_cost=2, argon2__parallelism=1,
)

# Each hash takes 19 MiB and a core: a flood of sign-ins must not take them all.
_room = BoundedSemaphore(max(2, os.cpu_count() or 2))

# One known hash per scheme: a library that was replaced by a broken one is noticed at the start, not at a sign-in.
KNOWN_ANSWERS = {
    "argon2": "$argon2id$v=19$m=1024,t=1,p=1$B8B4b02JsZbS+t8bA4DQ2g$Gf8N2B0nRxifStlEfwvmiFJi4KXlTZxShIJ8ATb5NoY",
    "bcrypt": "$2b$05$227Kzcw/4xDpNoFOm868pOm/7XVdUJGlzV4y1z7L.j/4ZJdOsHu5O",
    "pbkdf2_sha256": "$pbkdf2-sha256$1000$d47xHoOQ0poTQqi1lhKCEA$KA5cZCvnnLLjecwAuHnxO0EoR7dPXWL6Hd5D01DmlUg",
    "scrypt": "$scrypt$ln=4,r=8,p=1$i1FKCQGAcK61NsaYc671Hg$GUjxWD1umMAQlWX5AM5ZNHDyEXrtSFCENE+OSnEeRd8",
}
KNOWN_TEXT = "hallo wereld een"


class Busy(RuntimeError):
    """Too many passwords are being checked at this moment."""


class BrokenHashing(RuntimeError):
    """A password scheme no longer gives the answer it always gave; the start is refused."""


@dataclass(frozen=True)
class Verdict:
    right: bool
    better: str | None = None  # the same password under today's policy, when its hash is older


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _room.acquire(timeout=PATIENCE_SECONDS):
        raise Busy
    try:
        yield
    finally:
        _room.release()


def _prepared(password: str) -> str:
    """The same letters in the same bytes on every keyboard."""
    return unicodedata.normalize("NFC", password)


def _can_be_hashed(password: str) -> bool:
    as_bytes = password.encode(errors="replace")
    return len(as_bytes) <= MOST_BYTES and b"\0" not in as_bytes and as_bytes.decode() == password


def hashed(password: str) -> str:
    with _one_of_few():
        return str(CONTEXT.hash(_prepared(password)))


@cache
def nobodys_hash() -> str:
    """What an unknown account is checked against, so that it takes as long as a known one."""
    return str(CONTEXT.hash("nobody has this password"))


def verify(password: str, known: str | None) -> Verdict:
    """Always hashes once, also when there is nothing to compare with."""
    prepared = _prepared(password)
    if not _can_be_hashed(prepared):
        prepared, known = "", None
    with _one_of_few():
        right, better = CONTEXT.verify_and_update(prepared, known or nobodys_hash())
    return Verdict(bool(right), better) if known else Verdict(False)


def refuse_weak(password: str, *context: str) -> None:
    """Raises Invalid. Long enough, no rules of composition; not what an attacker tries first (NIST SP 800-63B)."""
    if len(password) < SHORTEST:
        raise Invalid(_("Use at least %(count)s characters, such as a sentence of a few words.", count=SHORTEST))
    if len(password) > LONGEST or not _can_be_hashed(password):
        raise Invalid(_("Use at most %(count)s characters.", count=LONGEST))
    if is_guessable(password, context):
        raise Invalid(_("This password is easy to guess. Do not use your name, your company or a known password."))


def refuse_broken() -> None:
    """The known-answer test of every scheme, once at the start."""
    nobodys_hash()
    for scheme, known in KNOWN_ANSWERS.items():
        if not CONTEXT.verify(KNOWN_TEXT, known) or CONTEXT.verify(f"{KNOWN_TEXT}!", known):
            raise BrokenHashing(f"{scheme} fails its known-answer test: reinstall libpass, argon2-cffi and bcrypt")
