"""The reviewed functions of the database (migrations/0029_intake.py), one Python name each.

All that a supplier's program or a visitor of a web site reaches: there is no viewer, so every table is closed but
through these. Each asks for the hash of a key or of a link, or for the address of a form.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Integer,
    Interval,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.types import TypeEngine

from leadcrm.core.db import CrmSession

Types = dict[str, TypeEngine[Any]]
KEY: Types = {"company_id": Uuid(), "inlet_id": Uuid()}
ACCEPTED: Types = {"receipt": Uuid(), "outcome": Text()}
RECEIPT: Types = {"state": Text(), "arrived_at": DateTime(timezone=True), "alike": Text(), "set_aside": Text()}
FORM: Types = {
    "company_id": Uuid(), "company_name": Text(), "inlet_id": Uuid(), "form_id": Uuid(), "title": Text(),
    "intro": Text(), "thanks": Text(), "language": Text(), "fields": JSON(), "sites": JSON(), "consent_text": Text(),
    "marketing_text": Text(), "version": Integer(),
}
OPT_IN: Types = {"company_name": Text(), "language": Text(), "marketing_text": Text(), "confirmed": Boolean()}


@dataclass(frozen=True)
class Parcel:
    """One arrival as it is stored: sealed, with the fingerprints that tell it apart."""

    id: UUID
    box: bytes
    mark: bytes | None
    digest: bytes


def _statement(function: Any, types: Types) -> Any:
    table = function.table_valued(*(column(name, type_) for name, type_ in types.items()))
    return select(*table.c)


def _rows(on: CrmSession, function: Any, types: Types) -> Any:
    return on.execute(_statement(function, types))


def _given(name: str, type_: TypeEngine[Any]) -> Any:
    return cast(bindparam(name, type_=type_), type_)


# Made once: these run for every post.
KEY_OF = _statement(func.intake_key_of(_given("hash", LargeBinary()), _given("source", Text())), KEY)
ACCEPT = _statement(
    func.intake_accept(
        _given("hash", LargeBinary()), _given("source", Text()), _given("ident", Uuid()), _given("way", Text()),
        _given("box", LargeBinary()), _given("mark", LargeBinary()), _given("digest", LargeBinary()),
    ), ACCEPTED,
)  # fmt: skip


def _bytes(value: bytes | None) -> Any:
    return cast(value, LargeBinary)


def key_of(on: CrmSession, key_hash: bytes, source: str) -> Any:
    """Whose key it is; None when it does not live, or is of another source."""
    return on.execute(KEY_OF, {"hash": key_hash, "source": source}).one_or_none()


def accept(on: CrmSession, key_hash: bytes, source: str, way: str, parcel: Parcel) -> Any:
    """`taken`, `again` (with the receipt of before), `differs`, `busy` or `dead`."""
    put = {"ident": parcel.id, "way": way, "box": parcel.box, "mark": parcel.mark, "digest": parcel.digest}
    return on.execute(ACCEPT, {"hash": key_hash, "source": source} | put).one()


def receipt(on: CrmSession, key_hash: bytes, source: str, ident: UUID) -> Any:
    return _rows(on, func.intake_receipt(_bytes(key_hash), source, ident), RECEIPT).one_or_none()


def form_of(on: CrmSession, token: str) -> Any:
    return _rows(on, func.intake_form_of(token), FORM).one_or_none()


def send(
    on: CrmSession, token: str, parcel: Parcel, *, suspect: bool, version: str, link: bytes | None, lasts: timedelta
) -> Any:
    """What a visitor filled in; with the hash of a link it asks for a confirmation too."""
    put = (parcel.id, _bytes(parcel.box), _bytes(parcel.mark), _bytes(parcel.digest), suspect, version)
    return _rows(on, func.intake_send(token, *put, _bytes(link), cast(lasts, Interval)), ACCEPTED).one()


def opt_in_of(on: CrmSession, link_hash: bytes) -> Any:
    return _rows(on, func.intake_opt_in_of(_bytes(link_hash)), OPT_IN).one_or_none()


def confirm(on: CrmSession, link_hash: bytes, prefix: str) -> bool:
    return bool(on.execute(select(func.intake_confirm(_bytes(link_hash), prefix))).scalar_one())


def forget_windows(on: CrmSession) -> None:
    on.execute(select(func.intake_forget_windows()))
