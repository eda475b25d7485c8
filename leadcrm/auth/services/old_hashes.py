"""Hashes of older schemes, and onions of them: argon2id over what an older scheme answers.

So every account reaches today's policy without signing in. An onion keeps the older hash without its digest (its salt
and costs): `pw$1$<older, without digest>|<argon2id of the older hash>`; there may be several layers.
"""

from typing import Any

from argon2.low_level import Type, hash_secret
from passlib.context import CryptContext
from passlib.hash import argon2, bcrypt, pbkdf2_sha256, pbkdf2_sha512, scrypt

from leadcrm.core.fields.kinds import Invalid

LAYER = "|"
BCRYPT_DIGEST = 31  # characters, right after the salt
BCRYPT_BYTES = 72  # bcrypt reads no further; today's library refuses what older ones cut off
SCHEMES: dict[str, Any] = {
    "argon2": argon2, "bcrypt": bcrypt, "pbkdf2_sha256": pbkdf2_sha256, "pbkdf2_sha512": pbkdf2_sha512,
    "scrypt": scrypt,
}
# What another system asks of us at a sign-in; more would be an attack on our own processor.
MOST_ROUNDS = {"bcrypt": 14, "pbkdf2_sha256": 2_000_000, "pbkdf2_sha512": 2_000_000, "scrypt": 17, "argon2": 12}
MOST_KIBIBYTES = 256 * 1024
KNOWN = CryptContext(schemes=list(SCHEMES))


class UnknownScheme(ValueError):
    """A stored hash is of no scheme that we read."""


def scheme_of(known: str) -> str:
    """The name of a hash's scheme. Raises UnknownScheme."""
    name = KNOWN.identify(known)
    if name is None:
        raise UnknownScheme(known[:12])
    return str(name)


def _parsed(known: str) -> tuple[str, Any]:
    name = scheme_of(known)
    try:
        return name, SCHEMES[name].from_string(known)
    except (TypeError, ValueError) as error:
        raise UnknownScheme(name) from error


def answer(password: str, known: str) -> str:
    """What a hash's scheme makes of a password, with that hash's salt and costs; its digest is not looked at."""
    name, parsed = _parsed(known)
    secret = password.encode()
    if name == "argon2":
        return _argon2(secret, parsed)
    parsed.checksum = parsed._calc_checksum(secret[:BCRYPT_BYTES] if name == "bcrypt" else secret)
    return str(parsed.to_string())


def _argon2(secret: bytes, parsed: Any) -> str:
    """The library hashes and writes at once."""
    return hash_secret(
        secret, parsed.salt, parsed.rounds, parsed.memory_cost, parsed.parallelism, len(parsed.checksum),
        Type[parsed.type.upper()], parsed.version,
    ).decode()


def whole(known: str) -> str:
    """A hash as we would write it ourselves: `$2y$` and padding differ between systems."""
    return str(_parsed(known)[1].to_string())


def without_digest(known: str) -> str:
    """Scheme, costs and salt; of argon2 the length of its digest too, which differs between systems."""
    text, name = whole(known), scheme_of(known)
    if name == "bcrypt":
        return text[:-BCRYPT_DIGEST]
    head, _dollar, digest = text.rpartition("$")
    return f"{head}${'A' * len(digest)}" if name == "argon2" else head


def refuse_unusable(known: str) -> None:
    """Raises Invalid, in words for who brings accounts over from another system."""
    try:
        name, parsed = _parsed(known)
    except UnknownScheme:
        raise Invalid(f"Not a hash that is read here: {', '.join(SCHEMES)} are.") from None
    if parsed.checksum is None:
        raise Invalid("This hash has no digest: it would fit no password.")
    if parsed.rounds > MOST_ROUNDS[name] or getattr(parsed, "memory_cost", 0) > MOST_KIBIBYTES:
        raise Invalid(f"This {name} hash costs too much to check: {parsed.rounds} rounds.")
