"""The functions of the database for devices (migrations/0007_devices.py), one Python name each; see doors.py."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, LargeBinary, Text, Uuid, cast, func

from leadcrm.auth.services.doors import Types
from leadcrm.auth.services.doors import _rows as rows
from leadcrm.auth.services.doors import _value as value
from leadcrm.core.db import CrmSession

REMEMBERED: Types = {
    "fresh": Boolean(), "token_hash": LargeBinary(), "company_id": Uuid(), "user_id": Uuid(), "email": Text(),
    "name": Text(), "language": Text(),
}
DEVICE: Types = {
    "id": Uuid(), "name": Text(), "address_prefix": Text(), "first_seen_at": DateTime(timezone=True),
    "last_seen_at": DateTime(timezone=True),
}
NOTICE: Types = {
    "company_id": Uuid(), "user_id": Uuid(), "email": Text(), "name": Text(), "device": Text(),
    "address_prefix": Text(), "first_seen_at": DateTime(timezone=True),
}


def known(on: CrmSession, user_id: UUID, hashes: Sequence[bytes]) -> bytes | None:
    """The one of these tokens by which the browser is known to be this person's."""
    found: bytes | None = value(on, func.auth_device_known(user_id, cast(list(hashes), ARRAY(LargeBinary()))))
    return found


def remember(
    on: CrmSession, session_hash: bytes, held: Sequence[bytes], new_hash: bytes, words: str, prefix: str,
    notice_hash: bytes,
) -> Any:
    """Whose device it is, by which token, and whether they were never seen on it. None without a full session."""
    hashes = cast(list(held), ARRAY(LargeBinary()))
    remembered = func.auth_remember_device(session_hash, hashes, new_hash, words, prefix, notice_hash)
    return rows(on, remembered, REMEMBERED).one_or_none()


def devices_of(on: CrmSession, user_id: UUID) -> list[Any]:
    return list(rows(on, func.auth_devices_of(user_id), DEVICE))


def forget(on: CrmSession, user_id: UUID, only: UUID | None) -> int:
    return int(value(on, func.auth_forget_devices(user_id, cast(only, Uuid))))


def read_notice(on: CrmSession, notice_hash: bytes) -> Any:
    return rows(on, func.auth_read_notice(notice_hash), NOTICE).one_or_none()


def end_everything(on: CrmSession, notice_hash: bytes) -> int | None:
    """How many sessions ended; None when the link is dead."""
    ended: int | None = value(on, func.auth_end_everything(notice_hash))
    return ended
