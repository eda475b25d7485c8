"""Opening sealed values: to show them (logged), to calculate with them, or masked."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, QueryableAttribute

from leadcrm.core import audit
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import Base
from leadcrm.core.fields.facts import Facts, facts_of
from leadcrm.core.fields.sealed import Sealed


def place_of(row: Any, column: str) -> Place:
    return Place(row.__tablename__, column, row.company_id, row.id)


def peek(row: Any, name: str) -> Any:
    """The plain value, for calculations and masks only: what a person gets to see goes through reveal()."""
    sealed = getattr(row, name)
    if sealed is None:
        return None
    if sealed.plain is None:
        kind = facts_of(type(row))[name].fillable
        sealed.plain = kind.load(keyring().open(sealed.box, place_of(row, name)).decode())
    return sealed.plain


def opener_of(model: Any, name: str) -> Callable[[UUID, UUID, Sealed | None], Any]:
    """peek() for a column of very many rows that were not loaded as a whole: by company, id and box."""
    ring, load, table = keyring(), facts_of(model)[name].fillable.load, model.__tablename__

    def opened(company_id: UUID, row_id: UUID, sealed: Sealed | None) -> Any:
        if sealed is None:
            return None
        return load(ring.open(sealed.box or b"", Place(table, name, company_id, row_id)).decode())

    return opened


def reveal(row: Any, *names: str) -> dict[str, Any]:
    """The plain values, for somebody who asked to see them: writes one audit line."""
    audit.note("revealed", row, fields=sorted(names))
    return {name: peek(row, name) for name in names}


def masked(row: Any, name: str) -> str:
    value = peek(row, name)
    kind = facts_of(type(row))[name].kind
    return "" if value is None or kind is None else kind.mask(value)


def plain(row: Any, name: str) -> Any:
    """The value whether the column is sealed or not; like peek(), for calculations."""
    value = getattr(row, name)
    return peek(row, name) if isinstance(value, Sealed) else value


def seal_value(table: str, facts: Facts, company_id: Any, row_id: Any, value: Any) -> bytes:
    """The box of one plain value, for the bulk writer; the flush does the same by itself."""
    return keyring().seal(facts.fillable.dump(value).encode(), Place(table, facts.name, company_id, row_id))


@event.listens_for(Base, "attribute_instrument", propagate=True)
def wrap_on_assignment(_class: type, _key: str, attribute: QueryableAttribute[Any]) -> None:
    columns = getattr(attribute.property, "columns", None)
    facts = columns[0].info.get("facts") if columns else None
    if facts is not None and facts.sensitive:
        event.listen(attribute, "set", _wrapped, retval=True)


def _wrapped(_row: object, value: Any, _old: object, _initiator: object) -> Sealed | None:
    return value if value is None or isinstance(value, Sealed) else Sealed(plain=value)


@event.listens_for(Base, "before_insert", propagate=True)
@event.listens_for(Base, "before_update", propagate=True)
def seal_before_writing(mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    for name, facts in facts_of(mapper.class_).items():
        if facts.sensitive and name in inspect(row).dict:
            sealed = getattr(row, name)
            if sealed is not None and sealed.box is None:
                sealed.box = seal_value(row.__tablename__, facts, row.company_id, row.id, sealed.plain)
