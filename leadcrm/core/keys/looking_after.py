"""What there is of keys; another key-encryption key; and a company's key destroyed for good."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, NullPool, create_engine, text

from leadcrm.core.crypto import LEGACY, OF_COMPANY, OF_MASTER, ROOT
from leadcrm.core.keys.columns import sealed_tables
from leadcrm.core.keys.files import KEY_BYTES, KeyProblem, masters_in, write_key
from leadcrm.core.keys.opening import WRAPPED_ROOT
from leadcrm.core.keys.wrapping import Wrapper, Wrappers, context_of

ALL_KEYS = text("SELECT * FROM core_company_key ORDER BY company_id, number")
WRAPPED = text(
    "SELECT company_id, number, wrapped, wrapped_by FROM core_company_key "
    "WHERE wrapped IS NOT NULL AND wrapped_by <> :newest ORDER BY company_id, number LIMIT 100 FOR UPDATE"
)
WRAP_AGAIN = text(
    "UPDATE core_company_key SET wrapped = :key, wrapped_by = :by_what WHERE company_id = :company AND number = :number"
)
DESTROY = text(
    "UPDATE core_company_key SET wrapped = NULL, destroyed_at = now() "
    "WHERE company_id = :company AND destroyed_at IS NULL"
)


@dataclass(frozen=True)
class KeyState:
    """One key of one company. `values`: how many were counted that need it; None when nobody counted."""

    company_id: UUID
    number: int
    wrapped_by: str
    created_at: datetime
    refused_at: datetime | None
    emptied_at: datetime | None
    destroyed_at: datetime | None
    values: int | None = None


@contextmanager
def as_owner(migrator_url: str) -> Iterator[Connection]:
    engine = create_engine(migrator_url, poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE leadcrm_owner"))
        yield connection


def key_states(migrator_url: str, count: bool = False) -> list[KeyState]:
    """Every key; counting reads every sealed value's first bytes, which takes a while on a large database."""
    with as_owner(migrator_url) as owner:
        rows = owner.execute(ALL_KEYS).all()
        counted = _counted(owner) if count else {}
    return [_state(row, counted.get((row.company_id, row.number), 0) if count else None) for row in rows]


def _state(row: Any, values: int | None) -> KeyState:
    return KeyState(
        row.company_id, row.number, row.wrapped_by, row.created_at, row.refused_at, row.emptied_at, row.destroyed_at,
        values,
    )


def _counted(owner: Connection) -> dict[tuple[UUID, int], int]:
    found: dict[tuple[UUID, int], int] = {}
    for company, version, number, values in _boxes(owner):
        key = (company, number if version == OF_COMPANY else LEGACY)
        found[key] = found.get(key, 0) + values
    return found


def _boxes(owner: Connection, company_id: UUID | None = None) -> Iterator[tuple[UUID, int, int, int]]:
    """(company, version, key number, how many) for every sealed column. Names are those of models."""
    only = "AND company_id = :company" if company_id else ""
    for table in sealed_tables():
        for each in table.columns:
            statement = text(
                f"SELECT company_id, get_byte({each.column}, 0), substring({each.column} FROM 2 FOR 4), count(*) "  # noqa: S608
                f"FROM {table.name} WHERE length({each.column}) > 5 {only} GROUP BY 1, 2, 3"
            )
            for company, version, number, values in owner.execute(statement, {"company": company_id}):
                yield company, version, int.from_bytes(bytes(number), "big"), values


def unaccounted(migrator_url: str) -> int:
    """Values of the old scheme: sealed with a master key, not yet with their company's."""
    with as_owner(migrator_url) as owner:
        return sum(values for _company, version, _number, values in _boxes(owner) if version == OF_MASTER)


def add_master(folder: Path) -> int:
    """The next master key file. The root key becomes a file of its own first, so that old masters can go some day."""
    masters = masters_in(folder)
    if not (folder / ROOT).exists() and not (folder / WRAPPED_ROOT).exists():
        write_key(folder / ROOT, masters[min(masters)])
    number = max(masters, default=0) + 1
    write_key(folder / f"master-{number}.key", secrets.token_bytes(KEY_BYTES))
    return number


def rewrap(migrator_url: str, wrappers: Wrappers) -> int:
    """Wrap every company's key with the current key-encryption key. May be killed and run again."""
    wrapper, done = wrappers.current, 0
    while True:
        with as_owner(migrator_url) as owner:
            rows = owner.execute(WRAPPED, {"newest": wrapper.name}).all()
            for row in rows:
                _wrap_again(owner, wrappers, wrapper, row)
        done += len(rows)
        if not rows:
            return done


def _wrap_again(owner: Connection, wrappers: Wrappers, wrapper: Wrapper, row: Any) -> None:
    context = context_of(row.company_id, row.number)
    key = wrappers.unwrap(bytes(row.wrapped), row.wrapped_by, context)
    again = wrapper.wrap(key, context)
    if wrapper.unwrap(again, context) != key:
        raise KeyProblem(f"{wrapper.name} does not give back what it wrapped: nothing was changed.")
    named = {"company": row.company_id, "number": row.number, "key": again, "by_what": wrapper.name}
    owner.execute(WRAP_AGAIN, named)


def destroy(migrator_url: str, company_id: UUID) -> int:
    """Crypto-shredding: every sealed value of the company is unreadable from now on, in this database, for good.

    Other processes forget the key within a minute. Backups made before hold it, wrapped: it is gone from them when they
    are, or when the key-encryption key of their time is destroyed. Returns how many keys there were.
    """
    with as_owner(migrator_url) as owner:
        old = sum(values for _company, version, _number, values in _boxes(owner, company_id) if version == OF_MASTER)
        if old:
            raise KeyProblem(f"{old} values are still sealed with a master key. Run `leadcrm keys rotate` first.")
        return int(owner.execute(DESTROY, {"company": company_id}).rowcount)
