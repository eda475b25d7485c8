"""Leads of a period and of the one before it, counted in few cells. Everything on the pages is added up from these; no
row of a lead is read: all columns stand in the index of the newest leads."""

from collections.abc import Iterable, Mapping
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
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from leadcrm.auth.models.people import User
from leadcrm.figures.queries.conditions import Returning, Speed, boundaries, came_in, contacted, returnable
from leadcrm.figures.services.chances import Outlook
from leadcrm.figures.services.periods import Days, Period
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.models.terms import UNDER_WAY, Stage, rank_of

OF = (Lead.owner_id, Lead.source_id, Lead.label_id, Lead.supplier_id, Lead.stage, Lead.reached, Lead.return_reason)
DIMENSIONS = ("owner", "source", "label", "supplier")
TOTAL, STAGE, REACHED, RETURNS = "total", "stage", "reached", "returns"
# What leads are counted together by, and the columns that make it so.
SETS: Mapping[tuple[str, ...], str] = {
    (): TOTAL, **{(f"{name}_id",): name for name in DIMENSIONS}, ("stage",): STAGE, ("reached",): REACHED,
    ("supplier_id", "stage", "return_reason"): RETURNS,
}  # fmt: skip
# A bit for each column that a row does not have, the first column in the highest, as GROUPING() has it.
MASKS = {sum(1 << place for place, column in enumerate(reversed(OF)) if column.key not in names): name
         for names, name in SETS.items()}  # fmt: skip
MEASURES = (
    "leads", "cost", "priced", "contacted", "within_5", "within_30", "within_24", "return_open", "return_urgent",
)  # fmt: skip
MILESTONES = (
    Stage.CONTACT_SOUGHT, Stage.APPOINTMENT_PLANNED, Stage.APPOINTMENT_HELD, Stage.ENGAGED, Stage.SUBMITTED,
    Stage.PAID_OUT,
)  # fmt: skip
RANKS = tuple(map(rank_of, MILESTONES))
LOST = (Stage.RETURNED, Stage.UNREACHABLE, Stage.DUPLICATE)
# Minutes until the first contact are kept as fine as they are shown: up to two hours, two days, a month, and beyond.
STEPS = ((120, 1), (2_880, 15), (43_200, 60))
DAY_MINUTES = 1_440
NOW, BEFORE = "now", "before"
# The stages stand in the text of the statement: only so does a kept plan know that the index of what runs will do.
UNDER_WAY_NOW = Lead.stage.in_(bindparam("under_way", UNDER_WAY, expanding=True, literal_execute=True))


def _kept(statement: Any, owner: UUID | None) -> Select[Any]:
    narrowed: Select[Any] = statement.where(Lead.deleted_at.is_(None))
    return narrowed if owner is None else narrowed.where(Lead.owner_id == owner)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _sum(column: Any) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def _came_in(period: Period) -> ColumnElement[bool]:
    """One stretch of the index with both in it; a condition with OR would read the rows themselves."""
    return came_in(Days(period.before.first, period.days.last))


def part_of(period: Period, moment: Any) -> ColumnElement[str]:
    """Which of the two it belongs to; null for what lies between."""
    within = (moment >= period.days.since, literal(NOW)), (moment < period.before.until, literal(BEFORE))
    return case(*within, else_=null()).label("part")


def _cells(period: Period, owner: UUID | None, at: datetime) -> Any:
    """How many leads of each owner, source, label, supplier, stage, furthest stage and reason of return: some
    thousands of cells, however many leads."""
    measures = (
        func.count().label("leads"), _sum(Lead.lead_cost).label("cost"), func.count(Lead.lead_cost).label("priced"),
        func.count(Lead.first_contact_at).label("contacted"),
        *(_number(contacted(speed)).label(f"within_{speed}") for speed in (Speed.FIVE, Speed.HALF_HOUR, Speed.DAY)),
        *(_number(returnable(each, at)).label(f"return_{each}") for each in Returning),
    )  # fmt: skip
    # Apart: grouped by an expression of a moment, the planner expects a cell for every lead and sorts them all.
    parts = (
        _kept(select(literal(part).label("part"), *OF, *measures).where(came_in(days)).group_by(*OF), owner)
        for part, days in ((NOW, period.days), (BEFORE, period.before))
    )
    return union_all(*parts).subquery("cells")


def tallies(period: Period, owner: UUID | None, at: datetime) -> Select[Any]:
    """The cells added up in several ways at once. `together` says what each row has in common: see SETS."""
    c = _cells(period, owner, at).c
    reached = (func.coalesce(func.sum(c.leads).filter(c.reached >= rank), 0) for rank in RANKS)
    lost = (func.coalesce(func.sum(c.leads).filter(c.stage == stage), 0) for stage in LOST)
    sums = [*(func.sum(c[name]) for name in MEASURES), *reached, *lost]
    by = [c[column.key] for column in OF]
    sets = [tuple_(c.part, *(c[name] for name in names)) for names in SETS]
    counted = [cast(each, BigInteger).label(f"sum_{number}") for number, each in enumerate(sums)]
    together = func.grouping(*by).label("together")
    return select(c.part, together, *by, *counted).where(c.part.is_not(None)).group_by(func.grouping_sets(*sets))


def minutes_to_contact() -> ColumnElement[int]:
    """Whole minutes, rounded down as they are shown; somebody who was spoken to before counts as at once."""
    seconds = func.greatest(0, func.date_part("epoch", Lead.first_contact_at - Lead.created_at))
    minutes = cast(func.floor(seconds / 60), Integer)
    shown = [(minutes < most, minutes - func.mod(minutes, step)) for most, step in STEPS]
    return case(*shown, else_=minutes - func.mod(minutes, DAY_MINUTES))


def waits(period: Period, owner: UUID | None) -> Select[Any]:
    """How many leads of everybody (`together`) and of each owner were contacted, and how long half of them and nine
    of ten waited at most."""
    part = part_of(period, Lead.created_at)
    waited = _kept(
        select(part, Lead.owner_id, minutes_to_contact().label("minutes")).where(
            _came_in(period), Lead.first_contact_at.is_not(None)
        ), owner,
    ).subquery("waited").c  # fmt: skip
    at = (func.percentile_disc(each).within_group(waited.minutes) for each in (0.5, 0.9))
    sets = tuple_(waited.part), tuple_(waited.part, waited.owner_id)
    together = func.grouping(waited.owner_id).label("together")
    counted = select(waited.part, together, waited.owner_id, func.count().label("leads"), *_named(at))
    return counted.where(waited.part.is_not(None)).group_by(func.grouping_sets(*sets))


def _named(at: Iterable[Any]) -> list[Any]:
    return [each.label(name) for each, name in zip(at, ("median", "ninth"), strict=True)]


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
    return _kept(counted.where(UNDER_WAY_NOW).group_by(*by), owner)


def _month(edges: list[datetime], lasts: timedelta) -> ColumnElement[int]:
    """0 before the first edge, as many as there are edges after the last."""
    return func.width_bucket(Lead.stage_since, bindparam(None, [edge - lasts for edge in edges], ARRAY(DateTime(True))))


def names() -> Select[Any]:
    """What everything is called that leads are counted by, also what is no longer in use."""
    kinds: tuple[tuple[str, Any], ...] = (("owner", User), ("source", Source), ("label", Label), ("supplier", Supplier))
    parts = [select(literal(kind).label("kind"), model.id, model.name) for kind, model in kinds]
    return select(union_all(*parts).subquery())
