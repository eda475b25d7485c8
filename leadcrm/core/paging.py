"""Pages of a list by key: from where the last one ended, never by counting rows over (OFFSET).

A cursor is opaque to people and stands in the address bar. It only says where to begin, so it needs no signature; one
that was tampered with, is of another order or makes no sense gives the first page.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from leadcrm.core.db import CrmSession

LONGEST_CURSOR = 600
MOST_COUNTED = 1_000
MOST_STRETCHES = 50  # kept of one list
MOST = 2**63 - 1


@dataclass(frozen=True)
class Sort:
    """An order that an index can walk in both directions. Rows without a value come last, whichever the direction."""

    name: str
    column: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[UUID]
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True)
class Place:
    """Just after this row, or just before it when walking back. A row without a value has only its id."""

    key: Any
    id: UUID
    back: bool = False


@dataclass(frozen=True)
class Page:
    """The rows, and the cursors of the pages around them; None where there is none. `count`: of all pages."""

    rows: Sequence[Any]
    newer: str | None = None
    older: str | None = None
    count: int | None = None


def paginate(
    session: CrmSession, statement: Select[Any], sort: Sort, cursor: str | None, size: int,
    counting: Select[Any] | None = None,
) -> Page:  # fmt: skip
    """One page of a statement without an order. Each row gets `_key`, and `_id` if it has no `id`; usually one
    statement is run.

    `counting` selects the same rows without what is only shown beside them; they are counted on the way, up to one
    more than MOST_COUNTED.
    """
    place = place_of(cursor, sort)
    rows = _walk(session, List(statement, sort, counting), place, size + 1)
    if place and not rows:
        return paginate(session, statement, sort, None, size, counting)  # everything there was removed
    more, rows = len(rows) > size, rows[:size]
    if place and place.back:
        rows.reverse()
        return _page(rows, sort, newer=more, older=True)
    return _page(rows, sort, newer=place is not None, older=more)


def _page(rows: list[Any], sort: Sort, newer: bool, older: bool) -> Page:
    if not rows:
        return Page(rows)
    first, last = rows[0], rows[-1]
    return Page(
        rows,
        cursor_of(Place(first._key, _id_of(first), back=True), sort) if newer else None,
        cursor_of(Place(last._key, _id_of(last)), sort) if older else None,
        getattr(first, "_count", None),
    )


def _id_of(row: Any) -> UUID:
    return cast(UUID, row._id if "_id" in row._fields else row.id)


@dataclass(frozen=True)
class List:
    """What is walked through, in which order, and what is counted."""

    statement: Select[Any]
    sort: Sort
    counting: Select[Any] | None


def _walk(session: CrmSession, listed: List, place: Place | None, wanted: int) -> list[Any]:
    """Rows with a value and those without are two stretches of one index; the second is read when the first ends."""
    back = place is not None and place.back
    rows: list[Any] = []
    for with_value in (False, True) if back else (True, False):
        if len(rows) < wanted and (with_value or listed.sort.nullable):
            rows += _read(session, listed, place, with_value, wanted)
    return rows[:wanted]


def _read(session: CrmSession, listed: List, place: Place | None, with_value: bool, wanted: int) -> Sequence[Any]:
    """Rows of the part of the list with values, or without; none when the place lies beyond it."""
    back, sort = place is not None and place.back, listed.sort
    if place is not None and (place.key is None) == with_value:
        if with_value != back:
            return ()
        place = None  # the whole stretch lies on our way
    stretch = _stretch(listed, with_value, back, wanted)
    if place is not None:
        keys = _keys(sort, with_value)
        stretch = stretch.where(_beyond(keys, [place.key, place.id][-len(keys) :], sort.descending != back))
    return session.execute(stretch).all()


_stretches: WeakKeyDictionary[Select[Any], dict[Any, Select[Any]]] = WeakKeyDictionary()


def _stretch(listed: List, with_value: bool, back: bool, wanted: int) -> Select[Any]:
    """In order and limited. Kept as long as the statement is: a list that everybody opens is put together once."""
    kept = _stretches.setdefault(listed.statement, {})
    counting = True if listed.counting is listed.statement else listed.counting  # else it would keep itself alive
    key = (listed.sort.name, listed.sort.descending, counting, with_value, back, wanted)
    if len(kept) > MOST_STRETCHES:
        kept.clear()
    if key not in kept:
        kept[key] = _ordered(listed, with_value, back).limit(as_number(wanted))
    return kept[key]


def as_number(limit: int) -> ColumnElement[int]:
    """In the text of a statement. Behind a parameter PostgreSQL expects a tenth of all rows: it finds the plan that it
    keeps for a prepared statement too dear, and makes a new one each time, which takes longer than the reading."""
    return literal_column(str(limit), Integer)


def _ordered(listed: List, with_value: bool, back: bool) -> Select[Any]:
    sort = listed.sort
    statement = listed.statement.add_columns(sort.column.label("_key"))
    if not any(each["name"] == "id" and each["expr"] is sort.id for each in statement.column_descriptions):
        statement = statement.add_columns(sort.id.label("_id"))  # twice would be read twice, row by row
    if listed.counting is not None:
        most = counted_up_to(listed.counting, MOST_COUNTED)
        statement = statement.add_columns(most.scalar_subquery().label("_count"))
    if sort.nullable:
        statement = statement.where(sort.column.is_not(None) if with_value else sort.column.is_(None))
    keys = _keys(sort, with_value)
    return statement.order_by(*(key.desc() if sort.descending != back else key.asc() for key in keys))


def _keys(sort: Sort, with_value: bool) -> list[Any]:
    return [sort.column, sort.id] if with_value else [sort.id]


def _beyond(keys: list[Any], values: list[Any], descending: bool) -> ColumnElement[bool]:
    here = tuple_(*keys)
    return here < tuple_(*values) if descending else here > tuple_(*values)


def cursor_of(place: Place, sort: Sort) -> str:
    key = place.key.isoformat() if isinstance(place.key, date) else place.key
    said = [sort.name, int(sort.descending), int(place.back), str(key) if isinstance(key, UUID) else key, str(place.id)]
    return base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).rstrip(b"=").decode()


def place_of(cursor: str | None, sort: Sort) -> Place | None:
    """Where the cursor points in this order; None when it makes no sense."""
    if not cursor or len(cursor) > LONGEST_CURSOR or not cursor.isascii():
        return None
    try:
        name, descending, back, key, ident = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if (name, descending) != (sort.name, int(sort.descending)) or (key is None and not sort.nullable):
            return None
        return Place(_loaded(key, sort), UUID(ident), back == 1)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _loaded(key: Any, sort: Sort) -> Any:
    """The key as its column has it; raises ValueError for what the database would refuse."""
    if key is None:
        return None
    wanted = sort.column.type.python_type
    if wanted is datetime:
        moment = datetime.fromisoformat(key)
        return moment if moment.tzinfo and 1900 <= moment.year <= 9000 else _refuse()
    if wanted is int:
        return key if type(key) is int and abs(key) <= MOST else _refuse()
    if wanted is date or wanted is UUID:
        return date.fromisoformat(key) if wanted is date else UUID(key)
    key.encode()  # half a surrogate pair raises
    return key if "\x00" not in key else _refuse()


def _refuse() -> Any:
    raise ValueError("not a place in this list")


def capped_count(session: CrmSession, statement: Select[Any], cap: int = MOST_COUNTED) -> int:
    """How many rows, counting no further than one more than `cap`."""
    return session.scalar(counted_up_to(statement, cap)) or 0


def counted_up_to(statement: Select[Any], cap: int = MOST_COUNTED) -> Select[Any]:
    """The same as a statement: several counts can go in one."""
    ones: Select[Any] = statement.with_only_columns(literal_column("1")).order_by(None)
    counted = ones.limit(as_number(cap + 1))
    return select(func.count()).select_from(counted.subquery())
