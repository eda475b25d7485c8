"""Password hashes: argon2id at or above the OWASP floor, kept as `pw$<policy>$<hash>`.

What an older scheme or policy hashed is still read. It is wrapped at night (services/wrapping.py) and replaced at the
next sign-in.
"""

import hmac
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from flask_babel import lazy_gettext as _

from leadcrm.auth.services import old_hashes
from leadcrm.auth.services.guessable import Guess, guessed
from leadcrm.core.fields.kinds import Invalid

SHORTEST, LONGEST = 12, 128  # characters
MOST_BYTES = 1024  # of what is hashed at all
PATIENCE_SECONDS = 10

POLICY = "pw$1$"  # raise the number with the costs: everything below is then wrapped again by itself
MEMORY_KIBIBYTES, PASSES = 19_456, 2
HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIBIBYTES, parallelism=1, type=Type.ID)
# An unknown account is checked against this, to take as long as a known one: a password that was thrown away.
NOBODYS = f"{POLICY}$argon2id$v=19$m=19456,t=2,p=1$QVjRufOfFR9t3CmSyRcGtQ$xnXq3fRSoKFSCT0QsXnY/aBu8Kr8YEMduMrGjfqjzMc"
_STORED = re.compile(r"pw\$\d+\$")

# Each hash takes 19 MiB and a core: a flood of sign-ins must not take them all.
_room = BoundedSemaphore(max(2, os.cpu_count() or 2))

# One known hash per scheme: a library that was replaced by a broken one is noticed at the start, not at a sign-in.
KNOWN_ANSWERS = {
    "argon2": "$argon2id$v=19$m=1024,t=1,p=1$B8B4b02JsZbS+t8bA4DQ2g$Gf8N2B0nRxifStlEfwvmiFJi4KXlTZxShIJ8ATb5NoY",
    "bcrypt": "$2b$05$227Kzcw/4xDpNoFOm868pOm/7XVdUJGlzV4y1z7L.j/4ZJdOsHu5O",
    "pbkdf2_sha256": "$pbkdf2-sha256$1000$d47xHoOQ0poTQqi1lhKCEA$KA5cZCvnnLLjecwAuHnxO0EoR7dPXWL6Hd5D01DmlUg",
    "pbkdf2_sha512": "$pbkdf2-sha512$1000$bGVhZGNybSBrbm93biBzYQ$d6hkfRG8Bq6UTvZ3pcInoUwrTfnlUPcBANUIh"
    "38DzsCBe.bFLJwxZq80yU4FJupl/QpKdYSv4DVNvC.oDHtAlw",
    "scrypt": "$scrypt$ln=4,r=8,p=1$i1FKCQGAcK61NsaYc671Hg$GUjxWD1umMAQlWX5AM5ZNHDyEXrtSFCENE+OSnEeRd8",
}
KNOWN_TEXT = "hallo wereld een"


_BETTER = _("Take four words that have nothing to do with each other, or let your password manager make one.")
ADVICE = {
    Guess.SIMPLE: _("This is a row of keys or a repetition, which is tried first. %(advice)s", advice=_BETTER),
    Guess.COMMON: _("This password is on the list of the most used ones. %(advice)s", advice=_BETTER),
    Guess.WORD: _("This is one well-known word with something around it. %(advice)s", advice=_BETTER),
    Guess.OWN: _("Your own name, address or company is in this password and little else. %(advice)s", advice=_BETTER),
}


class Busy(RuntimeError):
    """Too many passwords are being checked at this moment."""


class BrokenHashing(RuntimeError):
    """A password scheme no longer gives the answer it always gave; the start is refused."""


@dataclass(frozen=True)
class Verdict:
    right: bool
    outdated: bool = False  # its hash is older than today's policy: to be made anew, but only for who is let in


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
        return _hashed(_prepared(password))


def _hashed(prepared: str) -> str:
    return POLICY + HASHER.hash(prepared)


def verify(password: str, known: str | None) -> Verdict:
    """Always hashes once, whatever comes of it, also when there is nothing to compare with."""
    prepared = _prepared(password)
    if not _can_be_hashed(prepared):
        prepared, known = "", None
    with _one_of_few():
        right = _fits(prepared, known or NOBODYS)
    return Verdict(right, outdated=right and not is_plain(known)) if known else Verdict(False)


def layers(stored: str) -> list[str]:
    """The hashes of an onion, the oldest scheme first; of anything else the one that there is."""
    return _STORED.sub("", stored).split(old_hashes.LAYER)


def _fits(secret: str, stored: str) -> bool:
    """Through the layers of an onion, from the oldest scheme outwards."""
    *inner, outer = layers(stored)
    for layer in inner:
        secret = old_hashes.answer(secret, layer)
    return hmac.compare_digest(old_hashes.answer(secret, outer), old_hashes.whole(outer))


def is_plain(stored: str) -> bool:
    """One argon2id hash under today's policy, with nothing older inside."""
    return stored.startswith(POLICY) and old_hashes.LAYER not in stored


def wrapped(stored: str) -> str:
    """The same password under today's policy, without knowing it. Raises UnknownScheme."""
    *inner, outer = layers(stored)
    if outer.startswith("$argon2id$") and not HASHER.check_needs_rehash(outer):
        return POLICY + old_hashes.LAYER.join([*inner, outer])  # from before the policy had a number
    with _one_of_few():
        around = HASHER.hash(old_hashes.whole(outer))
    return POLICY + old_hashes.LAYER.join([*inner, old_hashes.without_digest(outer), around])


def refuse_weak(password: str, *context: str) -> None:
    """Raises Invalid. Long enough, no rules of composition; not what an attacker tries first (NIST SP 800-63B)."""
    if len(password) < SHORTEST:
        raise Invalid(_("Use at least %(count)s characters, such as a sentence of a few words.", count=SHORTEST))
    if len(password) > LONGEST or not _can_be_hashed(password):
        raise Invalid(_("Use at most %(count)s characters.", count=LONGEST))
    guess = guessed(password, context)
    if guess is not None:
        raise Invalid(ADVICE[guess])


def refuse_broken() -> None:
    """The known-answer test of every scheme, once at the start."""
    for scheme, known in KNOWN_ANSWERS.items():
        if not _fits(KNOWN_TEXT, known) or _fits(f"{KNOWN_TEXT}!", known):
            raise BrokenHashing(f"{scheme} fails its known-answer test: reinstall libpass, argon2-cffi and bcrypt")
