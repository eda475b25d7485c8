"""The two secrets of a link: a token that nobody guesses, and a short code that goes another way."""

import secrets
from hashlib import blake2b, sha256
from uuid import UUID

from leadcrm.collecting.models.link import CODE_DIGITS
from leadcrm.core.crypto import keyring

TOKEN_BYTES = 32
LONGEST_TOKEN = 64


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> bytes:
    return sha256(token[:LONGEST_TOKEN].encode(errors="replace")).digest()


def new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def typed_code(typed: str) -> str:
    """What somebody typed, without the space in the middle that they heard or read."""
    return "".join(letter for letter in typed[:40] if letter.isascii() and letter.isdigit())


def mac_of(code: str, company_id: UUID, link_id: UUID) -> bytes:
    """Keyed, and of this link only: who has the database alone cannot try out a million codes."""
    key = keyring().derived("collecting code", company_id)
    return blake2b(link_id.bytes + code.encode(), key=key, digest_size=32).digest()


def spoken(code: str) -> str:
    """`482 913`, as it is read out."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"
