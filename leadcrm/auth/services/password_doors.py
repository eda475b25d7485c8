"""The functions of the database for old hashes and forgotten passwords (migrations/0009_keys.py); see doors.py."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Text, Uuid, func

from leadcrm.auth.services.doors import Types
from leadcrm.auth.services.doors import _rows as rows
from leadcrm.auth.services.doors import _value as value
from leadcrm.core.db import CrmSession

OUTLINE: Types = {"outline": Text(), "accounts": BigInteger()}
BELOW: Types = {"user_id": Uuid(), "password_hash": Text()}
ASKED: Types = {"sealed": LargeBinary(), "language": Text()}


def outlines(on: CrmSession) -> list[Any]:
    """How passwords are kept, without salt and digest, and how many accounts so."""
    return list(rows(on, func.auth_password_outlines(), OUTLINE))


def below(on: CrmSession, policy: str, after: UUID, most: int) -> list[Any]:
    """Accounts whose password is not kept under this policy, in order of their ids."""
    return list(rows(on, func.auth_passwords_below(policy, after, most), BELOW))


def ask_reset(on: CrmSession, ident: UUID, sealed: bytes, language: str) -> None:
    value(on, func.auth_ask_reset(ident, sealed, language))


def take_reset(on: CrmSession, ident: UUID) -> Any:
    """The sealed address; once, and within the hour."""
    return rows(on, func.auth_take_reset(ident), ASKED).one_or_none()


def make_reset_link(on: CrmSession, user_id: UUID, token_hash: bytes, minutes: int) -> bool:
    return bool(value(on, func.auth_make_reset_link(user_id, token_hash, minutes)))
