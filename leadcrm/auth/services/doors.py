"""The reviewed functions of the database (migrations/0002_auth.py and later), one Python name each.

They are the only way to passwords, one-time secrets and sessions, and all that works before there is a viewer. What
answers a row answers None when there is none; its attributes are the names of the types at the top.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Interval,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from leadcrm.auth.permissions import READ_ONLY, SCOPES
from leadcrm.core.db import CrmSession
from leadcrm.core.scope import Scope

Types = dict[str, TypeEngine[Any]]
Question = Callable[[Any], ColumnElement[Any]]

DESCRIBED: Types = {
    "company_id": Uuid(), "user_id": Uuid(), "role": Text(), "name": Text(), "email": Text(), "company_name": Text(),
    "language": Text(), "theme": Text(), "permissions": ARRAY(Text()),
}
OPENED: Types = {
    "session_id": Uuid(), "auth_level": SmallInteger(), "due": Boolean(), "spent": Boolean(),
    "stepped_up_at": DateTime(timezone=True), **DESCRIBED,
}
FOUND: Types = {
    "company_id": Uuid(), "user_id": Uuid(), "email": Text(), "name": Text(), "active": Boolean(),
    "password_hash": Text(),
}
FACTOR: Types = {
    "company_id": Uuid(), "user_id": Uuid(), "email": Text(), "name": Text(), "auth_level": SmallInteger(),
    "required": Boolean(), "confirmed": Boolean(), "totp": LargeBinary(), "offered": LargeBinary(), "role": Text(),
    "has_totp": Boolean(), "passkeys": Integer(), "last_factor": Text(), "codes_left": Integer(),
    "codes_made": Boolean(),
}
SESSION: Types = {
    "id": Uuid(), "created_at": DateTime(timezone=True), "last_seen_at": DateTime(timezone=True),
    "address_prefix": Text(), "user_agent": Text(), "device_id": Uuid(),
}
SPENT: Types = {
    "company_id": Uuid(), "user_id": Uuid(), "email": Text(), "name": Text(), "language": Text(), "session_id": Uuid(),
    "user_agent": Text(), "address_prefix": Text(),
}
LINK: Types = {
    "company_id": Uuid(), "user_id": Uuid(), "email": Text(), "name": Text(), "company_name": Text(),
    "first": Boolean(),
}
GLASS: Types = {
    "glass_id": Uuid(), "glass_company": Uuid(), "glass_company_name": Text(), "glass_ends_at": DateTime(timezone=True),
    "glass_reveals": Boolean(),
}
_READ: dict[str, Callable[[str], Any]] = {  # from JSON
    name: UUID if isinstance(kind, Uuid) else datetime.fromisoformat
    for name, kind in (OPENED | GLASS).items()
    if isinstance(kind, Uuid | DateTime)
}
TIMES = ("idle", "longest", "admin_idle", "admin_longest", "turn", "grace")  # what a session's opening is measured by


def _table(function: FunctionElement[Any], types: Types) -> Any:
    return function.table_valued(*(column(name, type_) for name, type_ in types.items()))


def _rows(on: CrmSession, function: FunctionElement[Any], types: Types) -> Any:
    table = _table(function, types)
    return on.execute(select(*table.c))


def _value(on: CrmSession, function: Any) -> Any:
    return on.execute(select(function)).scalar_one()


def also_ask(name: str, question: Question) -> None:
    """Something else that every request must know of whoever comes in, asked in the same round trip: the question is
    an expression of `company_id` and `user_id`, which are empty when nobody comes in. The answer is what JSON makes of
    its value; see SignedIn.asked."""
    _questions[name] = question
    _opening.cache_clear()


_questions: dict[str, Question] = {}


@cache
def _opening() -> Any:
    """Whose session it is, and the settings of the transaction from that. A half session is told as nobody.

    The role cannot be taken inside the function, hence here. Built once: that costs more than running it.
    """
    hash_ = bindparam("id_hash", type_=LargeBinary())
    opened = _table(func.auth_open_session(hash_, *(bindparam(each, type_=Interval()) for each in TIMES)), OPENED)
    full = opened.c.auth_level == _inline(2)
    glass = _table(func.auth_glass_of(opened.c.session_id), GLASS).lateral()
    broken = full & glass.c.glass_id.is_not(None)
    roles = [(full & (opened.c.role == _inline(role)), _inline(f"leadcrm_{scope}")) for role, scope in SCOPES.items()]
    company = func.coalesce(glass.c.glass_company, opened.c.company_id)
    looks = broken | (full & opened.c.role.in_([_inline(role) for role in sorted(READ_ONLY)]))
    settings = {
        "role": case((broken, _inline(f"leadcrm_{Scope.COMPANY}")), *roles, else_=_inline(f"leadcrm_{Scope.NONE}")),
        "app.company": case((full, cast(company, Text)), else_=_inline("")),
        "app.user": case((full, cast(opened.c.user_id, Text)), else_=_inline("")),
        "app.read_only": case((looks, _inline("on")), else_=_inline("")),
    }
    told = [func.set_config(_inline(name), value, true()) for name, value in settings.items()]
    asked = [question(opened.c) for question in _questions.values()]
    parts = (func.json_build_array(*part) for part in ((*opened.c, *glass.c), told, asked))  # in this order
    return select(func.json_build_array(*parts, type_=JSON())).select_from(opened.outerjoin(glass, true()))


def _inline(value: Any) -> ColumnElement[Any]:
    """A constant of our own in the text of the statement: two dozen parameters less to send with every request."""
    text = str(value)
    if not re.fullmatch(r"[\w.]*", text):
        raise ValueError(f"{text!r} is no name or number")
    return literal_column(text if isinstance(value, int) else f"'{text}'", Integer if isinstance(value, int) else Text)


def open_session(connection: Connection, id_hash: bytes, times: dict[str, timedelta]) -> Any:
    """The first statement of a request's transaction: who is looking, told to the database in the same round trip.

    What OPENED and GLASS name, and `asked`, the answers to also_ask(); `session_id` is None when there is no such
    session. `times` are those named in TIMES. One value of JSON instead of thirty columns: describing those took
    SQLAlchemy and psycopg as long as all else of the opening.
    """
    known, _told, asked = connection.execute(_opening(), {"id_hash": id_hash, **times}).scalar_one()
    row = dict(zip((*OPENED, *GLASS), known, strict=True))
    row |= {name: read(row[name]) for name, read in _READ.items() if row[name] is not None}
    return SimpleNamespace(**row, asked=dict(zip(_questions, asked, strict=True)))


def viewer(on: CrmSession, user_id: UUID) -> Any:
    return _rows(on, func.auth_viewer(user_id), DESCRIBED).one_or_none()


def find(on: CrmSession, email: str) -> Any:
    """Whom an address signs in, with the password's hash."""
    return _rows(on, func.auth_find(email), FOUND).one_or_none()


def start_session(
    on: CrmSession, user_id: UUID, id_hash: bytes, hours: int, prefix: str, agent: str, agent_hash: bytes
) -> int | None:
    """The level that the session has: 2 when no second factor is asked. None when the user may not enter."""
    level: int | None = _value(on, func.auth_start_session(user_id, id_hash, hours, prefix, agent, agent_hash))
    return level


def raise_session(on: CrmSession, old_hash: bytes, new_hash: bytes, hours: int) -> bool:
    return bool(_value(on, func.auth_raise_session(old_hash, new_hash, hours)))


def end_session(on: CrmSession, id_hash: bytes) -> None:
    _value(on, func.auth_end_session(id_hash))


def end_sessions(on: CrmSession, user_id: UUID, *, only: UUID | None = None, but: UUID | None = None) -> int:
    return int(_value(on, func.auth_end_sessions(user_id, cast(only, Uuid), cast(but, Uuid))))


def end_company_sessions(on: CrmSession, company_id: UUID, but: UUID | None) -> int:
    return int(_value(on, func.auth_end_company_sessions(company_id, cast(but, Uuid))))


def sessions_of(on: CrmSession, user_id: UUID, idle: timedelta, admin_idle: timedelta) -> list[Any]:
    return list(_rows(on, func.auth_sessions_of(user_id, idle, admin_idle), SESSION))


def turn_session(on: CrmSession, old_hash: bytes, new_hash: bytes, grace: timedelta) -> bool:
    """True for one of any number of requests that want to replace the same token."""
    return bool(_value(on, func.auth_turn_session(old_hash, new_hash, grace)))


def end_spent(on: CrmSession, id_hash: bytes) -> Any:
    """Whose session it was, told once."""
    return _rows(on, func.auth_end_spent(id_hash), SPENT).one_or_none()


def forget_sessions(on: CrmSession, most: int) -> int:
    """Of sessions that ended a month ago, and of devices not seen for a year, at most so many; the larger number."""
    return int(_value(on, func.auth_forget_sessions(most)))


def set_password(on: CrmSession, user_id: UUID, new_hash: str) -> bool:
    return bool(_value(on, func.auth_set_password(user_id, new_hash)))


def upgrade_password(on: CrmSession, user_id: UUID, old_hash: str, new_hash: str) -> bool:
    return bool(_value(on, func.auth_upgrade_password(user_id, old_hash, new_hash)))


def make_link(on: CrmSession, user_id: UUID, token_hash: bytes, hours: int) -> bool:
    return bool(_value(on, func.auth_make_link(user_id, token_hash, hours)))


def read_link(on: CrmSession, token_hash: bytes) -> Any:
    return _rows(on, func.auth_read_link(token_hash), LINK).one_or_none()


def use_link(on: CrmSession, token_hash: bytes, new_hash: str) -> UUID | None:
    person: UUID | None = _value(on, func.auth_use_link(token_hash, new_hash, type_=Uuid()))
    return person


def rename(on: CrmSession, name: str) -> None:
    _value(on, func.auth_rename(name))


def second_factor(on: CrmSession, id_hash: bytes) -> Any:
    return _rows(on, func.auth_second_factor(id_hash), FACTOR).one_or_none()


def offer_totp(on: CrmSession, id_hash: bytes, sealed: bytes) -> bool:
    return bool(_value(on, func.auth_offer_totp(id_hash, sealed)))


def confirm_totp(on: CrmSession, id_hash: bytes, step: int) -> bool:
    return bool(_value(on, func.auth_confirm_totp(id_hash, cast(step, BigInteger))))


def burn_totp_step(on: CrmSession, id_hash: bytes, step: int) -> bool:
    """True for exactly one of any number of uses of a step."""
    return bool(_value(on, func.auth_burn_totp_step(id_hash, cast(step, BigInteger))))


def set_totp(on: CrmSession, user_id: UUID, sealed: bytes) -> None:
    _value(on, func.auth_set_totp(user_id, sealed))


def reset_totp(on: CrmSession, user_id: UUID) -> bool:
    return bool(_value(on, func.auth_reset_totp(user_id)))
