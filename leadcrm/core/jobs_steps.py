"""Steps of upkeep (jobs.py): on through many rows, and removing what is old. Each says whether more is left.

Where a walk is, is kept with its work: a killed worker repeats nothing that was kept, and skips nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Index, String, Text, delete, select, tuple_
from sqlalchemy.orm import Mapped

from leadcrm.core.db import PLATFORM_ID, Base, CompanyRow, now, session
from leadcrm.core.fields.facts import technical
from leadcrm.core.scope import Scoped

Step = Callable[[str | None], str | None]


class Place(Scoped, CompanyRow, Base):
    """How far a walk that is under way has come; one of each. Nobody reads it but jobs."""

    __tablename__ = "core_job_place"
    __table_args__ = (Index(None, "company_id", "walk", unique=True),)

    walk: Mapped[str] = technical(String(100))
    reached: Mapped[str] = technical(Text())
    at: Mapped[datetime] = technical(DateTime(timezone=True), default=now, onupdate=now)


def walked(walk: str, step: Step) -> bool:
    """One step on. It is given where the last one ended, None at the beginning, and returns its own end, None at last.

    The lock of all upkeep is its own. It may call checkpoint() when doing what it did once more does no harm. Killed
    after its end, before the queue knows of it, all is walked once more, as at its next time.
    """
    place = _place(walk)
    reached = step(place.reached if place else None)
    place = _place(walk)
    if reached is None and place is not None:
        session.delete(place)
    elif reached is not None and place is not None:
        place.reached = reached
    elif reached is not None:
        session.add(Place(company_id=PLATFORM_ID, walk=walk, reached=reached))
    session.flush()
    return reached is not None


def _place(walk: str) -> Place | None:
    return session.scalars(select(Place).where(Place.company_id == PLATFORM_ID, Place.walk == walk)).one_or_none()


def removed_some(model: Any, old: ColumnElement[bool], at_once: int) -> bool:
    """So many rows of a tenant table, with what belongs to them."""
    key = tuple_(model.company_id, model.id)
    some = select(model.company_id, model.id).where(old).limit(at_once)
    gone: Any = session.execute(delete(model).where(key.in_(some)).execution_options(synchronize_session=False))
    return int(gone.rowcount) == at_once
