"""How far an import is, summed over its chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select

from leadcrm.core.db import now, session
from leadcrm.imports.models import Chunk, Import, OnDuplicate, OnProblem


@dataclass(frozen=True)
class Progress:
    """Lines by what they are (clean, flawed, fatal or duplicate, once checked), and how many are done."""

    lines: int
    checked_lines: int
    done_lines: int
    clean: int
    flawed: int
    fatal: int
    duplicate: int
    imported: int

    def would_import(self, on_problem: OnProblem, on_duplicate: OnDuplicate) -> int:
        """At most: a duplicate may turn out to have a bad cell as well."""
        flawed = self.flawed if on_problem == OnProblem.LEAVE_OUT else 0
        return self.clean + flawed + (self.duplicate if on_duplicate == OnDuplicate.IMPORT else 0)

    @property
    def left_out(self) -> int:
        return self.done_lines - self.imported


def progress_of(taken: Import) -> Progress:
    lines = func.sum(Chunk.lines)
    sums = [
        func.sum(case((Chunk.checked, Chunk.lines), else_=0)), func.sum(case((Chunk.done, Chunk.lines), else_=0)),
        func.sum(Chunk.clean), func.sum(Chunk.flawed), func.sum(Chunk.fatal), func.sum(Chunk.duplicate),
        func.sum(Chunk.imported),
    ]  # fmt: skip
    of_import = Chunk.company_id == taken.company_id, Chunk.import_id == taken.id
    row = session.execute(select(lines, *sums).where(*of_import)).one()
    return Progress(*(int(value or 0) for value in row))


def pace(done: int, total: int, began_at: datetime | None, ended_at: datetime | None = None) -> tuple[float, float]:
    """Lines per second so far, and the seconds left at that pace (0 when nothing can be said)."""
    seconds = ((ended_at or now()) - began_at).total_seconds() if began_at else 0.0
    rate = done / seconds if seconds > 0 else 0.0
    return rate, (total - done) / rate if rate else 0.0


def imported_by_import(imports: Sequence[Import]) -> dict[UUID, int]:
    """Leads made, for a list of imports at once."""
    asked = select(Chunk.import_id, func.sum(Chunk.imported)).where(Chunk.import_id.in_([each.id for each in imports]))
    return {ident: int(count) for ident, count in session.execute(asked.group_by(Chunk.import_id))}
