"""Days, weeks and months on the clock of the office. Weeks begin on Monday and have the number of ISO 8601."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from leadcrm.core.db import now
from leadcrm.core.fields.dates import OFFICE

QUARTER = 15
DAY_STARTS, DAY_ENDS = 8, 19
MOST_LANES = 4


def today() -> date:
    return now().astimezone(OFFICE).date()


def start_of(day: date) -> datetime:
    """Midnight there; a day is 23, 24 or 25 hours long."""
    return datetime.combine(day, time(0), OFFICE)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Period:
    """What a calendar shows: whole weeks."""

    first: date
    weeks: int
    month: date | None = None  # its first day, when it is a month

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(7 * self.weeks)]

    @property
    def since(self) -> datetime:
        return start_of(self.first)

    @property
    def until(self) -> datetime:
        return start_of(self.first + timedelta(weeks=self.weeks))


def week_of(day: date) -> Period:
    return Period(monday_of(day), 1)


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    monday = monday_of(first)
    return Period(monday, ((after - timedelta(days=1)) - monday).days // 7 + 1, first)


def step(period: Period, by: int) -> date:
    """A day of the period before or after."""
    if period.month is None:
        return period.first + timedelta(weeks=by)
    months = period.month.year * 12 + period.month.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


@dataclass
class Block:
    """An appointment in the column of its day: from which quarter of an hour, how many, and beside how many others."""

    shown: Any
    row: int
    rows: int
    lane: int = 1
    lanes: int = 1


@dataclass
class DayColumn:
    day: date
    blocks: list[Block] = field(default_factory=list)


def hours_shown(moments: Sequence[tuple[datetime, datetime]]) -> range:
    """Office hours, and further when something is planned earlier or later."""
    local = [(start.astimezone(OFFICE), end.astimezone(OFFICE)) for start, end in moments]
    first = min([DAY_STARTS, *(start.hour for start, _end in local)])
    last = max([DAY_ENDS, *(_last_hour(start, end) for start, end in local)])
    return range(first, last)


def _last_hour(start: datetime, end: datetime) -> int:
    return 24 if end.date() > start.date() else end.hour + bool(end.minute)


def block_of(shown: Any, start: datetime, end: datetime, first_hour: int) -> Block:
    """By the clock on the wall, so that an appointment at ten stands at ten in a week with 25 hours in its Sunday."""
    local, until = start.astimezone(OFFICE), end.astimezone(OFFICE)
    began = local.hour * 60 + local.minute
    ended = 24 * 60 if until.date() > local.date() else until.hour * 60 + until.minute
    row = (began - first_hour * 60) // QUARTER + 1
    rows = -(-(max(ended, began + QUARTER) - began) // QUARTER)
    return Block(shown, row, min(rows, 96 - row + 1))


def side_by_side(blocks: list[Block]) -> None:
    """Those that overlap stand beside each other, in as few lanes as they need."""
    together: list[Block] = []
    end = 0
    for block in sorted(blocks, key=lambda each: (each.row, -each.rows)):
        if together and block.row >= end:
            _spread(together)
            together = []
        together.append(block)
        end = max(end, block.row + block.rows) if len(together) > 1 else block.row + block.rows
    _spread(together)


def _spread(together: list[Block]) -> None:
    ends: list[int] = []
    for block in together:
        lane = next((number for number, free in enumerate(ends) if free <= block.row), len(ends))
        ends[lane : lane + 1] = [block.row + block.rows]
        block.lane = min(lane, MOST_LANES - 1) + 1
    for block in together:
        block.lanes = min(len(ends), MOST_LANES)
