"""Leads of a period, counted in few cells. Everything on the pages is added up from these; no row of a lead is read:
all columns stand in the index of the newest leads."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)

from leadcrm.auth.models.people import User
from leadcrm.figures.queries.conditions import Returning, Speed, boundaries, came_in, contacted, returnable
from leadcrm.figures.services.chances import Outlook
from leadcrm.figures.services.periods import Days
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.models.terms import Stage

OF = (Lead.owner_id, Lead.source_id, Lead.label_id, Lead.supplier_id, Lead.stage, Lead.reached, Lead.return_reason)
# Minutes until the first contact are kept as fine as they are shown: up to two hours, two days, a month, and beyond.
STEPS = ((120, 1), (2_880, 15), (43_200, 60))
DAY_MINUTES = 1_440


def _kept(statement: Select[Any], owner: UUID | None) -> Select[Any]:
    narrowed = statement.where(Lead.deleted_at.is_(None))
    return narrowed if owner is None else narrowed.where(Lead.owner_id == owner)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _sum(column: Any) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def cells(days: Days, owner: UUID | None, at: datetime) -> Select[Any]:
    """How many leads of each owner, source, label, supplier, stage, furthest stage and reason of return."""
    measures = (
        func.count().label("leads"), _sum(Lead.lead_cost).label("cost"), func.count(Lead.lead_cost).label("priced"),
        func.count(Lead.first_contact_at).label("contacted"),
        *(_number(contacted(speed)).label(f"within_{speed}") for speed in (Speed.FIVE, Speed.HALF_HOUR, Speed.DAY)),
        *(_number(returnable(each, at)).label(f"return_{each}") for each in Returning),
    )  # fmt: skip
    return _kept(select(*OF, *measures).where(came_in(days)).group_by(*OF), owner)


def minutes_to_contact() -> ColumnElement[int]:
    """Whole minutes, rounded down as they are shown; somebody who was spoken to before counts as at once."""
    seconds = func.greatest(0, func.date_part("epoch", Lead.first_contact_at - Lead.created_at))
    minutes = cast(func.floor(seconds / 60), Integer)
    shown = [(minutes < most, minutes - func.mod(minutes, step)) for most, step in STEPS]
    return case(*shown, else_=minutes - func.mod(minutes, DAY_MINUTES))


def waits(days: Days, owner: UUID | None) -> Select[Any]:
    """How many leads of each owner waited so many minutes."""
    minutes = minutes_to_contact().label("minutes")
    counted = select(Lead.owner_id, minutes, func.count().label("leads"))
    reached = and_(came_in(days), Lead.first_contact_at.is_not(None))
    return _kept(counted.where(reached).group_by(Lead.owner_id, minutes), owner)


def outlook(outlooks: Mapping[Stage, Outlook], owner: UUID | None, on: date) -> Select[Any]:
    """What runs, by owner, stage and the month in which it may end well: number, with an amount, and amount."""
    edges = boundaries(on)
    month = case(
        {stage: _month(edges, timedelta(days=each.days)) for stage, each in outlooks.items()}, value=Lead.stage
    )
    by = (Lead.owner_id, Lead.stage, month.label("month"))
    counted = select(
        *by, func.count().label("leads"), func.count(Lead.mortgage_amount).label("priced"),
        _sum(Lead.mortgage_amount).label("amount"),
    )  # fmt: skip
    return _kept(counted.where(Lead.stage.in_(outlooks)).group_by(*by), owner)


def _month(edges: list[datetime], lasts: timedelta) -> ColumnElement[int]:
    """0 before the first edge, as many as there are edges after the last."""
    return func.width_bucket(Lead.stage_since, bindparam(None, [edge - lasts for edge in edges], ARRAY(DateTime(True))))


def names() -> Select[Any]:
    """What everything is called that leads are counted by, also what is no longer in use."""
    kinds: tuple[tuple[str, Any], ...] = (("owner", User), ("source", Source), ("label", Label), ("supplier", Supplier))
    parts = [select(literal(kind).label("kind"), model.id, model.name) for kind, model in kinds]
    return select(union_all(*parts).subquery())
