"""Bars of failed logins, stacked by reason: numbers in, places on the page out. The template draws them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leadcrm.auth.models.failures import Reason
from leadcrm.core.fields.dates import OFFICE

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 180, 40, 24, 8
LABELS = 8


@dataclass(frozen=True)
class Part:
    reason: Reason
    count: int
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    begins: datetime
    ends: datetime
    total: int
    x: float
    width: float
    parts: tuple[Part, ...]
    labelled: bool


@dataclass(frozen=True)
class Chart:
    bars: tuple[Bar, ...]
    reasons: tuple[Reason, ...]  # those that occur, most frequent first
    top: int  # of the axis
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


Counted = Iterable[Any]  # rows of (bucket, reason, count)


def buckets(first: datetime, last: datetime, unit: str) -> list[datetime]:
    """Every hour or day of the office between two moments; a day has 23 or 25 hours twice a year."""
    here, step = _floor(first, unit), timedelta(hours=1) if unit == "hour" else timedelta(days=1)
    found = []
    while here <= last:
        found.append(here)
        here = _floor(here + step + (timedelta(hours=2) if unit == "day" else timedelta()), unit)
    return found


def _floor(moment: datetime, unit: str) -> datetime:
    if unit == "hour":  # on the absolute clock: the hour that the clock strikes twice is two hours
        whole = moment.timestamp() // 3600 * 3600
        return datetime.fromtimestamp(whole, tz=OFFICE)
    return moment.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def nice_top(most: int) -> int:
    """The end of the axis: 1, 2 or 5 times a power of ten."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if most <= factor * size:
                return factor * size
        size *= 10


def drawn(rows: Counted, first: datetime, last: datetime, unit: str) -> Chart:
    counts: dict[datetime, dict[Reason, int]] = defaultdict(dict)
    totals: dict[Reason, int] = defaultdict(int)
    for bucket, reason, count in rows:
        counts[_floor(bucket, unit)][reason] = count
        totals[reason] += count
    begins = buckets(first, last, unit)
    reasons = tuple(sorted(totals, key=lambda reason: (-totals[reason], reason)))
    top = nice_top(max((sum(each.values()) for each in counts.values()), default=1))
    return Chart(tuple(_bars(begins, counts, reasons, top, unit)), reasons, top)


def _bars(
    begins: Sequence[datetime],
    counts: dict[datetime, dict[Reason, int]],
    reasons: Sequence[Reason],
    top: int,
    unit: str,
) -> Iterable[Bar]:
    room = (WIDTH - LEFT) / max(1, len(begins))
    every = max(1, -(-len(begins) // LABELS))
    for number, begin in enumerate(begins):
        ends = begins[number + 1] if number + 1 < len(begins) else begin + timedelta(hours=1 if unit == "hour" else 24)
        parts = _stacked(counts.get(begin, {}), reasons, top)
        x, width = round(LEFT + number * room, 1), round(room * 0.8, 1)
        yield Bar(begin, ends, sum(part.count for part in parts), x, width, parts, number % every == 0)


def _stacked(counts: dict[Reason, int], reasons: Sequence[Reason], top: int) -> tuple[Part, ...]:
    scale, y, parts = (HEIGHT - BOTTOM - TOP) / top, float(HEIGHT - BOTTOM), []
    for reason in reasons:
        if counts.get(reason):
            height = counts[reason] * scale
            y -= height
            parts.append(Part(reason, counts[reason], round(y, 1), round(height, 1)))
    return tuple(parts)
