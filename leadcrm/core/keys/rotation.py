"""A new key for every company, and every sealed value sealed anew with it.

Works as the owner of the tables, in short transactions of one batch: killed at any moment it has either done a batch or
not, and the next run goes on with what is left. Values stay readable throughout: each says in its first bytes which
key it needs. The old key is refused from its deadline on, which is set when the rotation begins.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Engine, LargeBinary, NullPool, Uuid, bindparam, create_engine, text

from leadcrm.core.crypto import HEADER, LEGACY, OF_COMPANY, Keyring, box_number
from leadcrm.core.db import now
from leadcrm.core.keys.columns import SealedTable, sealed_tables
from leadcrm.core.keys.files import KEY_BYTES, KeyProblem
from leadcrm.core.keys.wrapping import Wrappers, context_of

BATCH = 500
ONE_AT_A_TIME = 7_391_047
BEFORE_ALL = UUID(int=0)
DEADLINE = timedelta(days=30)
Progress = Callable[[str, int], None]  # a table, and how many rows of it are done


@dataclass
class Rotation:
    """One run. `settle_seconds`: how long other processes may go on sealing with the key they know."""

    migrator_url: str
    ring: Keyring
    wrappers: Wrappers
    deadline: timedelta = DEADLINE
    batch: int = BATCH
    settle_seconds: float = Keyring.fresh_seconds + 5
    patience_seconds: float = 120.0
    said: Progress = lambda _table, _rows: None
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = create_engine(self.migrator_url, poolclass=NullPool, hide_parameters=True)

    def run(self, company_id: UUID | None = None) -> int:
        """Rotate one company, or every one that has sealed values. Returns how many values were sealed anew."""
        chosen = [company_id] if company_id else self.companies()
        self.ring.reads_refused = True  # what is past its deadline is still brought over
        try:
            with self._alone():
                return self._all(chosen)
        finally:
            self.ring.reads_refused = False

    def _all(self, companies: list[UUID]) -> int:
        newest = {each: key for each in companies if (key := self._begun(each)) is not None}
        if not newest:
            return 0
        self.ring.forget()
        done = sum(self._pass(each, key.number) for each, key in newest.items())
        self._settle(max(key.created_at for key in newest.values()))
        done += sum(self._pass(each, key.number) for each, key in newest.items())  # sealed meanwhile with the old one
        for each, key in newest.items():
            self._end(each, key.number)
        return done

    def companies(self) -> list[UUID]:
        parts = [f"SELECT company_id FROM {table.name}" for table in sealed_tables()]  # noqa: S608  names of models
        with self._owner() as owner:
            found = owner.execute(text(" UNION ".join(["SELECT company_id FROM core_company_key", *parts])))
            return sorted(found.scalars())

    def _begun(self, company_id: UUID) -> Any:
        """The key to bring everything over to: a new one, or that of a run that was cut off. None: destroyed."""
        with self._owner() as owner:
            keys = owner.execute(KEYS_OF, {"company": company_id}).all()
            if any(key.destroyed_at for key in keys):
                return None
            unfinished = [key for key in keys if key.refused_at and not key.emptied_at]
            if not unfinished:
                self._add(owner, company_id, max((key.number for key in keys), default=LEGACY) + 1)
                keys = owner.execute(KEYS_OF, {"company": company_id}).all()
            return keys[-1]

    def _add(self, owner: Connection, company_id: UUID, number: int) -> None:
        wrapper = self.wrappers.current
        wrapped = wrapper.wrap(secrets.token_bytes(KEY_BYTES), context_of(company_id, number))
        until = now() + self.deadline
        owner.execute(NOTE_LEGACY, {"company": company_id})
        owner.execute(REFUSE_FROM, {"company": company_id, "until": until})
        owner.execute(ADD, {"company": company_id, "number": number, "key": wrapped, "by_what": wrapper.name})

    def _pass(self, company_id: UUID, number: int) -> int:
        return sum(self._table(company_id, number, table) for table in sealed_tables())

    def _table(self, company_id: UUID, number: int, table: SealedTable) -> int:
        done, after = 0, BEFORE_ALL
        while True:
            with self._owner() as owner:
                rows = owner.execute(select_old(table), self._wanted(company_id, number, after)).all()
                if not rows:
                    return done
                self._write(owner, company_id, table, rows, number)
            done, after = done + len(rows), rows[-1].id
            self.said(table.name, done)

    def _wanted(self, company_id: UUID, number: int, after: UUID) -> dict[str, Any]:
        head = HEADER.pack(OF_COMPANY, number, b"")[:5]
        return {"company": company_id, "after": after, "head": head, "most": self.batch}

    def _write(self, owner: Connection, company_id: UUID, table: SealedTable, rows: Any, number: int) -> None:
        """The rows are locked: nobody changes them between reading and writing."""
        anew = {
            f"c{place}": [self._anew(column, company_id, row, number) for row in rows]
            for place, column in enumerate(table.columns)
        }
        owner.execute(update_old(table), {"company": company_id, "ids": [row.id for row in rows]} | anew)

    def _anew(self, column: Any, company_id: UUID, row: Any, number: int) -> bytes | None:
        box = getattr(row, column.column)
        if box is None or box_number(bytes(box)) == (OF_COMPANY, number):
            return None  # keeps what it has
        place = column.place(company_id, getattr(row, column.bound.row))
        return self.ring.seal(self.ring.open(bytes(box), place), place)

    def _settle(self, created_at: datetime) -> None:
        """Until every process has asked for the keys again, and what was being written with the old one is written."""
        left = self.settle_seconds - (now() - created_at).total_seconds()
        time.sleep(max(0.0, left))
        with self._owner() as owner:
            moment = owner.execute(text("SELECT pg_current_xact_id()::text::numeric")).scalar_one()
        limit = time.monotonic() + self.patience_seconds
        while True:
            with self._owner() as owner:
                if owner.execute(OLDEST).scalar_one() > moment:
                    return
            if time.monotonic() > limit:
                raise KeyProblem("A long transaction is still writing: run `leadcrm keys rotate` again to finish.")
            time.sleep(0.5)

    def _end(self, company_id: UUID, number: int) -> None:
        with self._owner() as owner:
            owner.execute(EMPTIED, {"company": company_id, "number": number})

    @contextmanager
    def _owner(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE leadcrm_owner"))
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A second run would only do the same work."""
        with self.engine.connect() as connection:
            if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": ONE_AT_A_TIME}).scalar_one():
                raise KeyProblem("Another `leadcrm keys` command is at work. Wait until it is done.")
            connection.commit()  # the lock belongs to the connection, and ends with it
            yield


OLDEST = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric")  # transaction that still writes
KEYS_OF = text("SELECT * FROM core_company_key WHERE company_id = :company ORDER BY number FOR UPDATE")
NOTE_LEGACY = text(
    "INSERT INTO core_company_key (company_id, number, wrapped_by, created_at) VALUES (:company, 0, 'master', now()) "
    "ON CONFLICT DO NOTHING"
)
REFUSE_FROM = text(
    "UPDATE core_company_key SET refused_at = least(refused_at, :until) WHERE company_id = :company"
)
ADD = text(
    "INSERT INTO core_company_key (company_id, number, wrapped, wrapped_by, created_at) "
    "VALUES (:company, :number, :key, :by_what, clock_timestamp())"
)
EMPTIED = text(
    "UPDATE core_company_key SET emptied_at = now() WHERE company_id = :company AND number < :number "
    "AND emptied_at IS NULL"
)


def select_old(table: SealedTable) -> Any:
    """Rows with a value that another key than the newest sealed, locked. Names are those of models."""
    columns = ", ".join(sorted({"id", *table.ids, *(each.column for each in table.columns)}))
    old = " OR ".join(f"substring({each.column} FROM 1 FOR 5) <> :head" for each in table.columns)
    return text(
        f"SELECT {columns} FROM {table.name} WHERE company_id = :company AND id > :after AND ({old}) "  # noqa: S608
        "ORDER BY id LIMIT :most FOR UPDATE"
    )


def update_old(table: SealedTable) -> Any:
    """What is not given stays. Time stamps of rows stay too: nobody changed anything."""
    given = [f"c{place}" for place in range(len(table.columns))]
    assigned = ", ".join(
        f"{column.column} = coalesce(anew.{name}, t.{column.column})"
        for name, column in zip(given, table.columns, strict=True)
    )
    lists = ", ".join(f":{name}" for name in given)
    statement = text(
        f"UPDATE {table.name} AS t SET {assigned} FROM unnest(:ids, {lists}) AS anew(id, {', '.join(given)}) "  # noqa: S608
        "WHERE t.company_id = :company AND t.id = anew.id"
    )
    return statement.bindparams(
        bindparam("ids", type_=ARRAY(Uuid())), *(bindparam(name, type_=ARRAY(LargeBinary())) for name in given)
    )
