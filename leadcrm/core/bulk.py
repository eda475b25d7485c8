"""Many rows at once: COPY into a temporary table, then INSERT … SELECT under the policies (COPY itself refuses those).

Imports, demo data and mass assignment come here instead of row by row through the session. The same sealing, defaults
and scope check as elsewhere; for new rows the caller writes one audit line a batch, changed ones have a line each.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnDefault,
    ColumnElement,
    Table,
    Uuid,
    any_,
    func,
    inspect,
    literal,
    select,
    true,
    update,
)

from leadcrm.core import audit
from leadcrm.core.db import CrmSession
from leadcrm.core.fields.facts import Facts, facts_of
from leadcrm.core.reveal import seal_value
from leadcrm.core.scope import Everything, OutOfScope, Scoped, current_viewer, refuse_changes

Reader = Callable[[dict[str, Any]], Any]


def write(session: CrmSession, model: type, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows given as attribute → plain value; ids must be in them. Returns their number."""
    if not rows:
        return 0
    refuse_changes(current_viewer(), [model])
    table = cast(Table, inspect(model).local_table)
    columns, readers = _plan(model, set().union(*rows))
    names = ", ".join(column.name for column in columns)
    staged = f"staged_{table.name}"
    cursor = session.connection().connection.cursor()
    cursor.execute(f"CREATE TEMP TABLE {staged} ON COMMIT DROP AS SELECT {names} FROM {table.name} WITH NO DATA")  # noqa: S608  names of models
    with cursor.copy(f"COPY {staged} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([reader(row) for reader in readers])
    cursor.execute(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {staged}")  # noqa: S608  names of models
    cursor.execute(f"DROP TABLE {staged}")
    cursor.close()
    _refuse_unseen(session, model, rows)
    return len(rows)


def change(session: CrmSession, model: Any, ids: Sequence[UUID], values: dict[str, Any]) -> int:
    """Give all of these rows the same values, in one statement. Raises OutOfScope when one of them is not there for
    this viewer, may not be changed by them, or would be beyond their reach afterwards. Returns their number.

    Audited columns leave a line for each row, as at a flush. Rows of the session forget what they held.
    """
    if not ids:
        return 0
    refuse_changes(current_viewer(), [model])
    facts = facts_of(model)
    if any(facts[name].sensitive for name in values):
        raise TypeError(f"{model.__name__}: sealed values are bound to their row and cannot be the same in many")
    session.flush()
    among = _among(model, ids)
    followed = [getattr(model, name) for name in values if facts[name].audited]
    standing = select(model.company_id, model.id, *followed).where(among, _changeable(model))
    before = session.execute(standing.order_by(model.id).with_for_update()).all()
    if len(before) != len(set(ids)):
        raise OutOfScope(f"{model.__name__}: {len(set(ids)) - len(before)} of {len(set(ids))} rows")
    session.execute(update(model).where(among).values(values).execution_options(synchronize_session=False))
    _refuse_unseen(session, model, [{"id": row.id} for row in before])
    audit.follow_many(model, before, values)
    session.expire_all()
    return len(before)


def _among(model: Any, ids: Sequence[UUID]) -> ColumnElement[bool]:
    """One text that the database reads as an array: hundreds of parameters, or a list of ids, take longer to write."""
    written = f"{{{','.join(ident.hex for ident in ids)}}}"
    condition: ColumnElement[bool] = model.id == any_(literal(written).cast(ARRAY(Uuid())))
    return condition


def _changeable(model: Any) -> ColumnElement[bool]:
    viewer = current_viewer()
    everything = isinstance(viewer, Everything) or not issubclass(model, Scoped)
    return true() if everything else cast(Any, model).changeable_by(viewer)


def _plan(model: type, given: set[str]) -> tuple[list[Column[Any]], list[Reader]]:
    """Which columns are written, and how each value is taken from a row; worked out once a batch."""
    facts = facts_of(model)
    columns: list[Column[Any]] = []
    readers: list[Reader] = []
    attribute: Any
    for attribute in inspect(model).column_attrs:
        column: Any = attribute.columns[0]
        reader = _reader(column, attribute.key, attribute.key in given, facts.get(attribute.key))
        if reader is not None:
            columns.append(column)
            readers.append(reader)
    return columns, readers


def _reader(column: Column[Any], key: str, given: bool, facts: Facts | None) -> Reader | None:
    if facts is not None and facts.sensitive:
        return _sealing(column.table.name, key, facts) if given else None
    default = _default(column)
    if given and isinstance(column.type, JSON):
        return lambda row: None if row.get(key) is None else Jsonb(row[key])
    if given:
        return lambda row: row[key] if key in row else (default() if default else None)
    return (lambda row: default()) if default else None


def _default(column: Column[Any]) -> Callable[[], Any] | None:
    default = column.default
    if not isinstance(default, ColumnDefault):
        return None
    if default.is_callable:
        return lambda: default.arg(None)
    return lambda: default.arg


def _sealing(table: str, key: str, facts: Facts) -> Reader:
    def sealed(row: dict[str, Any]) -> bytes | None:
        value = row.get(key)
        return None if value is None else seal_value(table, facts, row["company_id"], row["id"], value)

    return sealed


def _refuse_unseen(session: CrmSession, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Wall 1 for what the policies (wall 2) have let through."""
    viewer = current_viewer()
    if isinstance(viewer, Everything) or not issubclass(model, Scoped):
        return
    ids = [row["id"] for row in rows]
    rule = model.changeable_by(viewer)
    seen = session.scalar(select(func.count()).select_from(model).where(_among(model, ids), rule))
    if seen != len(ids):
        raise OutOfScope(f"{model.__name__}: {len(ids) - (seen or 0)} of {len(ids)} rows")


def in_batches(rows: Iterable[dict[str, Any]], size: int) -> Iterable[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def analyze(session: CrmSession, *models: Any) -> None:
    """Fresh statistics after the first batch: without them the foreign-key checks of a new table do not end."""
    for model in models:
        session.execute(select(func.core_analyze(model.__tablename__)))
