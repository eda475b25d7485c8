"""The companies' keys: made when a company seals for the first time, kept wrapped in the database.

Read over a connection of its own, so that a key exists before the row that was sealed with it, whatever becomes of the
transaction that asked for it.
"""

import math
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, LargeBinary, NullPool, Text, Uuid, create_engine, text
from sqlalchemy.orm import Mapped

from leadcrm.core.crypto import CompanyKey
from leadcrm.core.db import Base
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.keys.files import KEY_BYTES
from leadcrm.core.keys.wrapping import Wrappers, context_of

FIRST = 1
READ = text("SELECT number, wrapped, wrapped_by, refused_at, destroyed_at FROM core_company_keys(:company)")
ADD = text("SELECT core_first_company_key(:company, :key, :by_what)")


class StoredKey(Base):
    """A key of a company, wrapped. Closed. Number 0 has none: it says until when boxes of a master are still read."""

    __tablename__ = "core_company_key"

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    number: Mapped[int] = technical(Integer(), primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes | None] = technical(LargeBinary(), category=Category.SECURITY)
    wrapped_by: Mapped[str] = technical(Text(), category=Category.SECURITY)
    created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    refused_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)
    emptied_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)
    destroyed_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)


class StoredKeys:
    """The store behind a process's ring. What was unwrapped once is remembered as long as it is stored unchanged."""

    def __init__(self, url: str, wrappers: Wrappers):
        self._engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
        self._wrappers = wrappers
        self._unwrapped: dict[tuple[UUID, int], tuple[bytes, bytes]] = {}  # (wrapped, plain)

    def of(self, company_id: UUID, *, make: bool) -> list[CompanyKey]:
        with self._engine.begin() as connection:
            rows = connection.execute(READ, {"company": company_id}).all()
        if make and not any(row.number >= FIRST for row in rows):
            rows = self._made(company_id)
        return [self._read(company_id, row) for row in rows]

    def _made(self, company_id: UUID) -> Any:
        wrapper, key = self._wrappers.current, secrets.token_bytes(KEY_BYTES)
        wrapped = wrapper.wrap(key, context_of(company_id, FIRST))
        with self._engine.begin() as connection:
            connection.execute(ADD, {"company": company_id, "key": wrapped, "by_what": wrapper.name})
        with self._engine.begin() as connection:  # whoever was first: theirs
            return connection.execute(READ, {"company": company_id}).all()

    def _read(self, company_id: UUID, row: Any) -> CompanyKey:
        refused_at = row.refused_at.timestamp() if row.refused_at else math.inf
        if row.wrapped is None or row.destroyed_at is not None:
            self._unwrapped.pop((company_id, row.number), None)
            return CompanyKey(row.number, None, refused_at)
        return CompanyKey(row.number, self._plain(company_id, row), refused_at)

    def _plain(self, company_id: UUID, row: Any) -> bytes:
        wrapped, place = bytes(row.wrapped), (company_id, row.number)
        if self._unwrapped.get(place, (b"", b""))[0] != wrapped:
            plain = self._wrappers.unwrap(wrapped, row.wrapped_by, context_of(company_id, row.number))
            self._unwrapped[place] = (wrapped, plain)
        return self._unwrapped[place][1]
