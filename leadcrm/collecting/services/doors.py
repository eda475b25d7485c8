"""The reviewed functions of the database (migrations/0018_collecting.py), one Python name each.

All that a client's browser reaches: there is no viewer yet, so every table is closed but through these. Each asks for
the hash of the link or of the visit, and gives no more than the client's page shows.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, LargeBinary, Text, Uuid, cast, column, func, select
from sqlalchemy.types import TypeEngine

from leadcrm.core.db import CrmSession

Types = dict[str, TypeEngine[Any]]
OPENED: Types = {
    "company_id": Uuid(), "link_id": Uuid(), "company_name": Text(), "language": Text(), "code_way": Text(),
    "locked": Boolean(),
}
VISITED: Types = {
    "company_id": Uuid(), "link_id": Uuid(), "company_name": Text(), "adviser": Text(), "client": Text(),
    "language": Text(), "expires_at": DateTime(timezone=True),
}
UPLOAD: Types = {"name": Text(), "size": BigInteger(), "arrived": Boolean()}
ASKED: Types = {"id": Uuid(), "name": Text(), "explanation": Text(), "who": Text()}


def _rows(on: CrmSession, function: Any, types: Types) -> Any:
    table = function.table_valued(*(column(name, type_) for name, type_ in types.items()))
    return on.execute(select(*table.c))


def _value(on: CrmSession, function: Any) -> Any:
    return on.execute(select(function)).scalar_one()


def _hash(value: bytes) -> Any:
    return cast(value, LargeBinary)


def open_link(on: CrmSession, token_hash: bytes, most: int) -> Any:
    """Whose link it is; None when it does not live. Locked after so many wrong codes."""
    return _rows(on, func.collecting_open(_hash(token_hash), cast(most, Integer)), OPENED).one_or_none()


def enter(
    on: CrmSession, token_hash: bytes, code_mac: bytes, visit_hash: bytes, prefix: str, lasts: timedelta, most: int
) -> str:
    """`entered`, `wrong`, `locked` or `dead`. A wrong code is counted, so this needs a transaction that is kept."""
    return str(_value(on, func.collecting_enter(
        _hash(token_hash), _hash(code_mac), _hash(visit_hash), prefix, lasts, cast(most, Integer)
    )))  # fmt: skip


def visit(on: CrmSession, token_hash: bytes, visit_hash: bytes) -> Any:
    """Who has come in through this link with this browser; None when nobody, or no longer."""
    return _rows(on, func.collecting_visit_of(_hash(token_hash), _hash(visit_hash)), VISITED).one_or_none()


def asked(on: CrmSession, visit_hash: bytes) -> list[Any]:
    return list(_rows(on, func.collecting_asked(_hash(visit_hash)), ASKED))


def begin(
    on: CrmSession, visit_hash: bytes, blob_id: UUID, ask_id: UUID | None, name: str, size: int, most: tuple[int, int]
) -> bool:
    """An upload under this id. `most` are the files and bytes that one link takes; False beyond them."""
    return bool(_value(on, func.collecting_begin(
        _hash(visit_hash), blob_id, cast(ask_id, Uuid), name, cast(size, BigInteger), cast(most[0], Integer),
        cast(most[1], BigInteger),
    )))  # fmt: skip


def arrive(on: CrmSession, visit_hash: bytes, blob_id: UUID) -> UUID | None:
    """It is all there: once. None when it was not begun by this link, or has arrived already."""
    arrival: UUID | None = _value(on, func.collecting_arrive(_hash(visit_hash), blob_id, type_=Uuid()))
    return arrival


def upload_of(on: CrmSession, visit_hash: bytes, blob_id: UUID) -> Any:
    """`name`, `size` and whether it has `arrived`; None when it was not begun through this link."""
    return _rows(on, func.collecting_upload_of(_hash(visit_hash), blob_id), UPLOAD).one_or_none()


def leave(on: CrmSession, visit_hash: bytes) -> None:
    _value(on, func.collecting_leave(_hash(visit_hash)))


def forget(on: CrmSession, most: int) -> int:
    """Of visits that have ended, and of uploads that nobody went on with, at most so many; the larger number."""
    return int(_value(on, func.collecting_forget(most)))
