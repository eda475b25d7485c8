"""Columns of a chart: numbers in, places on the page out. The template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass

from leadcrm.figures.services.figures import Month
from leadcrm.figures.views.tables import Table, brief_euros

WIDTH, HEIGHT, BASE, TOP = 720, 200, 170, 22
GAP = 0.28  # of the room of a column


@dataclass(frozen=True)
class Column:
    name: str
    short: str
    value: str
    said: str
    url: str
    x: float
    middle: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    columns: tuple[Column, ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE


def columns_of(table: Table, months: Sequence[Month]) -> Chart:
    """The first cell of each row as a column; the others are told beside it."""
    room = WIDTH / max(1, len(table.rows))
    drawn = []
    for place, (row, month) in enumerate(zip(table.rows, months, strict=True)):
        first = row.cells[0]
        height = round((BASE - TOP) * (first.bar or 0) / 100, 1)
        said = ", ".join(f"{heading}: {cell.text}" for heading, cell in zip(table.headings, row.cells, strict=True))
        x, width = round((place + GAP / 2) * room, 1), round(room * (1 - GAP), 1)
        middle = round((place + 0.5) * room, 1)
        value = brief_euros(month.expected) if month.expected else ""
        short, y = row.name.split()[0], round(BASE - height, 1)
        drawn.append(Column(row.name, short, value, said, first.url, x, middle, y, width, height))
    return Chart(tuple(drawn))
