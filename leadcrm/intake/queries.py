"""What arrived, for lists and charts. Narrowed to the company by the scope."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, func, select

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.paging import Sort
from leadcrm.core.scope import signed_in_viewer
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.models.terms import State
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Source

NEWEST_FIRST = Sort("arrived", Arrival.arrived_at, Arrival.id, descending=True)
CHART_DAYS = 30
AT_OPENING = "intake quarantined"


def quarantined_at_opening(opened: Any) -> ColumnElement[Any]:
    """See doors.also_ask(): the count in the navigation of every page costs no round trip."""
    found: ColumnElement[Any] = func.intake_quarantined(opened.company_id, opened.role, type_=Integer())
    return found


def quarantined() -> int:
    """How many wait for a person; known since the session was opened."""
    return int(getattr(signed_in_viewer(), "asked", {}).get(AT_OPENING) or 0)


@dataclass(frozen=True)
class Wanted:
    """What of all that arrived; a day is one of the office."""

    state: State | None = None
    inlet_id: UUID | None = None
    day: date | None = None


def arrivals(wanted: Wanted) -> Select[Any]:
    """With the source's name and the reference of the lead that it became."""
    asked: Any = (
        select(Arrival, Source.name.label("source"), Lead.reference.label("reference"))
        .join(Inlet, and_(Inlet.company_id == Arrival.company_id, Inlet.id == Arrival.inlet_id))
        .join(Source, and_(Source.company_id == Inlet.company_id, Source.id == Inlet.source_id))
        .outerjoin(Lead, and_(Lead.company_id == Arrival.company_id, Lead.id == Arrival.lead_id))
    )
    if wanted.state is not None:
        asked = asked.where(Arrival.state == wanted.state)
    if wanted.inlet_id is not None:
        asked = asked.where(Arrival.inlet_id == wanted.inlet_id)
    if wanted.day is not None:
        begin = datetime(wanted.day.year, wanted.day.month, wanted.day.day, tzinfo=OFFICE)
        asked = asked.where(Arrival.arrived_at >= begin, Arrival.arrived_at < begin + timedelta(days=1))
    narrowed: Select[Any] = asked
    return narrowed


def per_day() -> dict[date, dict[State, int]]:
    """How many came in a day, by the state they are in now."""
    day = func.date_trunc("day", Arrival.arrived_at, str(OFFICE)).label("day")
    since = now() - timedelta(days=CHART_DAYS)
    asked = select(day, Arrival.state, func.count()).where(Arrival.arrived_at >= since).group_by(day, Arrival.state)
    found: dict[date, dict[State, int]] = defaultdict(dict)
    for begins, state, count in session.execute(asked):
        found[begins.astimezone(OFFICE).date()][State(state)] = count
    return found


def sources() -> list[tuple[str, str]]:
    """(inlet's id, name of the source) of whatever takes leads or did."""
    asked = select(Inlet.id, Source.name).join(
        Source, and_(Source.company_id == Inlet.company_id, Source.id == Inlet.source_id)
    )
    return [(str(ident), name) for ident, name in session.execute(asked.order_by(Source.name))]
