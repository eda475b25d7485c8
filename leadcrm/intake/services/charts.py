"""Bars of a day each, stacked by state: numbers in, places on the page out. The template draws them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from leadcrm.intake.models.terms import State

WIDTH, HEIGHT, LEFT, BASE, TOP = 760, 160, 40, 136, 8
ORDER = (State.LEAD, State.WAITING, State.QUARANTINED, State.DISCARDED)
LABELS = 8


@dataclass(frozen=True)
class Part:
    state: State
    count: int
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    day: date
    total: int
    x: float
    width: float
    parts: tuple[Part, ...]
    labelled: bool


@dataclass(frozen=True)
class Chart:
    bars: tuple[Bar, ...]
    states: tuple[State, ...]
    top: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = BASE


def drawn(counts: Mapping[date, Mapping[State, int]], last: date, days: int) -> Chart:
    top = nice_top(max((sum(each.values()) for each in counts.values()), default=1))
    states = tuple(state for state in ORDER if any(state in each for each in counts.values()))
    return Chart(tuple(_bars(counts, last, days, top)), states, top)


def nice_top(most: int) -> int:
    """The end of the axis: 1, 2 or 5 times a power of ten."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if most <= factor * size:
                return factor * size
        size *= 10


def _bars(counts: Mapping[date, Mapping[State, int]], last: date, days: int, top: int) -> Iterator[Bar]:
    room, every = (WIDTH - LEFT) / days, max(1, -(-days // LABELS))
    for number in range(days):
        day = last - timedelta(days=days - 1 - number)
        parts = _stacked(counts.get(day, {}), top)
        x, width = round(LEFT + number * room, 1), round(room * 0.8, 1)
        yield Bar(day, sum(part.count for part in parts), x, width, parts, number % every == 0)


def _stacked(counts: Mapping[State, int], top: int) -> tuple[Part, ...]:
    scale, y, parts = (BASE - TOP) / top, float(BASE), []
    for state in ORDER:
        if counts.get(state):
            height = counts[state] * scale
            y -= height
            parts.append(Part(state, counts[state], round(y, 1), round(height, 1)))
    return tuple(parts)
