"""The reviewed functions of migrations/0006_factors.py, one Python name each. As services/doors.py."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    cast,
    func,
)

from leadcrm.auth.services.doors import Types, _rows, _value
from leadcrm.core.db import CrmSession

PASSKEY: Types = {
    "id": Uuid(), "credential_id": LargeBinary(), "public_key": LargeBinary(), "sign_count": BigInteger(),
    "transports": Text(), "label": Text(), "synced": Boolean(), "created_at": DateTime(timezone=True),
    "last_used_at": DateTime(timezone=True),
}
UNFINISHED: Types = {
    "company_id": Uuid(), "user_id": Uuid(), "email": Text(), "name": Text(), "language": Text(), "address": Text(),
    "user_agent": Text(), "began_at": DateTime(timezone=True),
}


def step_up(on: CrmSession, id_hash: bytes) -> bool:
    return bool(_value(on, func.auth_step_up(id_hash)))


def remove_totp(on: CrmSession, id_hash: bytes) -> bool:
    return bool(_value(on, func.auth_remove_totp(id_hash)))


def make_challenge(on: CrmSession, id_hash: bytes, purpose: str, challenge: bytes) -> bool:
    return bool(_value(on, func.auth_make_challenge(id_hash, purpose, challenge)))


def take_challenge(on: CrmSession, id_hash: bytes, purpose: str) -> bytes | None:
    """For the first who asks; None when there is none, or it is too old."""
    taken: bytes | None = _value(on, func.auth_take_challenge(id_hash, purpose, type_=LargeBinary()))
    return taken


def passkeys(on: CrmSession, id_hash: bytes) -> list[Any]:
    """Of whose session this is; last used first."""
    return list(_rows(on, func.auth_passkeys(id_hash), PASSKEY))


def add_passkey(
    on: CrmSession, id_hash: bytes, credential: bytes, key: bytes, count: int, transports: str, label: str, synced: bool
) -> UUID | None:
    """None when it is known already, when there are too many, or when the session may not."""
    added = func.auth_add_passkey(
        id_hash, credential, key, cast(count, BigInteger), transports, label, synced, type_=Uuid()
    )
    made: UUID | None = _value(on, added)
    return made


def use_passkey(on: CrmSession, id_hash: bytes, ident: UUID, count: int) -> bool:
    """False when the counter did not go up."""
    return bool(_value(on, func.auth_use_passkey(id_hash, ident, cast(count, BigInteger))))


def rename_passkey(on: CrmSession, id_hash: bytes, ident: UUID, label: str) -> bool:
    return bool(_value(on, func.auth_rename_passkey(id_hash, ident, label)))


def remove_passkey(on: CrmSession, id_hash: bytes, ident: UUID) -> bool:
    return bool(_value(on, func.auth_remove_passkey(id_hash, ident)))


def make_codes(on: CrmSession, id_hash: bytes, hashes: Sequence[bytes]) -> bool:
    return bool(_value(on, func.auth_make_codes(id_hash, cast(list(hashes), ARRAY(LargeBinary())))))


def burn_code(on: CrmSession, id_hash: bytes, code_hash: bytes) -> int | None:
    """How many are left, for exactly one of any number of uses of a code."""
    left: int | None = _value(on, func.auth_burn_code(id_hash, code_hash))
    return left


def expect_factor(on: CrmSession, id_hash: bytes, address: str, user_agent: str) -> None:
    _value(on, func.auth_expect_factor(id_hash, address, user_agent))


def factor_came(on: CrmSession, id_hash: bytes) -> None:
    _value(on, func.auth_factor_came(id_hash))


def take_unfinished(on: CrmSession) -> list[Any]:
    return list(_rows(on, func.auth_take_unfinished(), UNFINISHED))
