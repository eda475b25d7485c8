"""The published norms, as they held on a day."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.fields.language import in_dutch
from leadcrm.leads.models.norms import Norm, NormKey


@dataclass(frozen=True)
class NormValue:
    """Cents or basis points, with where it comes from."""

    key: NormKey
    value: int
    valid_from: date
    valid_until: date | None
    source_nl: str
    source_en: str

    @property
    def source(self) -> str:
        return self.source_nl if in_dutch() else self.source_en

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@cache
def published() -> tuple[NormValue, ...]:
    """All of them; read once a process, since only a migration adds any."""
    columns = (Norm.key, Norm.value, Norm.valid_from, Norm.valid_until, Norm.source_nl, Norm.source_en)
    return tuple(NormValue(*row) for row in session.execute(select(*columns).order_by(Norm.valid_from)))


def norms_on(day: date) -> dict[NormKey, NormValue]:
    """What held on a day; a key without a norm for that day is absent."""
    return {norm.key: norm for norm in published() if norm.holds_on(day)}
