"""Every column that holds sealed values, found from the facts of the models: none can be forgotten by the rotation."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from leadcrm.core.crypto import Place
from leadcrm.core.db import Base
from leadcrm.core.fields.facts import Boxed, Facts, facts_of


@dataclass(frozen=True)
class SealedColumn:
    """Where its boxes stand (table, column), and the place that they are bound to."""

    table: str
    column: str
    bound: Boxed

    def place(self, company_id: UUID, row_id: UUID) -> Place:
        return Place(self.bound.table or self.table, self.bound.column or self.column, company_id, row_id)


@dataclass(frozen=True)
class SealedTable:
    name: str
    columns: tuple[SealedColumn, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The columns that hold the ids to which its boxes are bound."""
        return tuple(sorted({column.bound.row for column in self.columns}))


def sealed_tables() -> list[SealedTable]:
    """In order of their names."""
    found: dict[str, list[SealedColumn]] = defaultdict(list)
    for mapper in Base.registry.mappers:
        for column in _of(mapper.class_):
            found[column.table].append(column)
    return [SealedTable(name, tuple(columns)) for name, columns in sorted(found.items())]


def _of(model: Any) -> Iterator[SealedColumn]:
    known: dict[str, Facts] = facts_of(model)
    for attribute in inspect(model).column_attrs:
        facts = known.get(attribute.key)
        bound = facts and (Boxed() if facts.sensitive else facts.boxed)
        if bound:
            yield SealedColumn(model.__tablename__, attribute.columns[0].name, bound)
