"""Keys of suppliers, links in mails, and fingerprints that tell one arrival from another."""

import secrets
from hashlib import blake2b, sha256
from uuid import UUID

from leadcrm.core.crypto import keyring

TOKEN_BYTES = 32
LONGEST = 128
PREFIX = "lead_"  # so that a key is recognised as one, also by who searches for leaked secrets
MARK_BYTES = 16


def new_key() -> str:
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_address() -> str:
    """Of a web form: no secret, but nobody's to guess either."""
    return secrets.token_urlsafe(16)


def hash_of(secret: str) -> bytes:
    """Nobody guesses 256 random bits, so a plain hash keeps them."""
    return sha256(secret[:LONGEST].encode(errors="replace")).digest()


def fingerprint(company_id: UUID, *parts: bytes) -> bytes:
    """Keyed: who has the table alone cannot try out references or contents. Each part has its length before it."""
    key = keyring().derived("intake mark", company_id)
    whole = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return blake2b(whole, key=key, digest_size=MARK_BYTES).digest()
