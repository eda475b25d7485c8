"""A figure as a table: what is on the screen, with its bars and links, and what goes into a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.language import in_dutch
from leadcrm.core.fields.money import Money
from leadcrm.figures.services.periods import Days
from leadcrm.figures.services.tallies import share
from leadcrm.leads.views.list_state import NONE, address

money = Money().show
EMPTY = "–"


@dataclass(frozen=True)
class Cell:
    """`raw` goes into files; `bar` is how long it is drawn, of a hundred."""

    text: str
    raw: str = ""
    url: str = ""
    bar: float | None = None


@dataclass(frozen=True)
class Row:
    name: str
    cells: tuple[Cell, ...]
    url: str = ""


@dataclass(frozen=True)
class Table:
    """`name` stands in addresses; `first` heads the names of the rows, `headings` the cells."""

    name: str
    title: str
    about: str
    first: str
    headings: tuple[str, ...]
    rows: Sequence[Row] = ()
    total: Row | None = None
    empty: str = ""
    roomy: tuple[int, ...] = ()  # cells that are left out on a phone


@dataclass(frozen=True)
class Behind:
    """Addresses of lists of leads: those of a period, of one agent when one was chosen."""

    days: Days | None
    agent: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    def leads(self, **filters: str) -> str:
        edit = Date().edit
        days = {"created_from": edit(self.days.first), "created_to": edit(self.days.last)} if self.days else {}
        agent = {"owner": self.agent} if self.agent else {}
        pairs = {**agent, **filters, **self.more, **days}
        return address(url_for("leads.list_leads"), tuple(pairs.items()), view="all")

    def of(self, dimension: str, key: str) -> dict[str, str]:
        """The filter of one agent, source, label or supplier, or of none."""
        if dimension == "owner":
            return {"owner": key or NONE}
        if key and dimension != "supplier":
            return {dimension: key}
        return {f"figures_{dimension}": key or NONE}


def number(value: int, url: str = "", most: int | None = None) -> Cell:
    """A count. With `most` it has a bar; a link only where there is something behind it."""
    shown = f"{value:,}".replace(",", ".") if in_dutch() else f"{value:,}"
    return Cell(shown, str(value), url if value else "", None if most is None else _bar(value, most))


def _bar(value: int, most: int) -> float:
    return round(100 * value / most, 1) if most else 0


def percent(points: int | None) -> Cell:
    """Of basis points, in whole percents; below ten with one decimal."""
    if points is None:
        return Cell(EMPTY)
    tenths = (points + 5) // 10
    whole = tenths >= 100 or tenths % 10 == 0
    shown = str((points + 50) // 100) if whole else f"{tenths // 10}{_sign()}{tenths % 10}"
    return Cell(f"{shown}%", f"{points // 100}{_sign()}{points % 100:02d}")


def _sign() -> str:
    return "," if in_dutch() else "."


def part(some: int, whole: int) -> Cell:
    return percent(share(some, whole))


def euros(cents: int | None, url: str = "", most: int | None = None) -> Cell:
    """Whole euros on the screen, cents in the file."""
    if cents is None:
        return Cell(EMPTY)
    whole = (cents + 50) // 100 * 100 if cents >= 100_00 else cents
    raw = f"{cents // 100}{_sign()}{cents % 100:02d}"
    return Cell(money(whole), raw, url, None if most is None else _bar(cents, most))


def brief_euros(cents: int) -> str:
    """For above a column: thousands or millions."""
    thousands = (cents + 50_000) // 100_000
    if thousands < 1_000:
        return f"€ {thousands}k" if in_dutch() else f"€{thousands}k"
    tenths = (thousands + 50) // 100
    return f"€ {tenths // 10},{tenths % 10} mln" if in_dutch() else f"€{tenths // 10}.{tenths % 10}m"


def lasting(minutes: int | None) -> Cell:
    """How long something took, in the two largest units."""
    if minutes is None:
        return Cell(EMPTY)
    days, rest = divmod(minutes, 1_440)
    hours, left = divmod(rest, 60)
    if days:
        text = _("%(days)s d %(hours)s h", days=days, hours=hours) if hours else _("%(days)s d", days=days)
    elif hours:
        text = _("%(hours)s h %(minutes)s min", hours=hours, minutes=left) if left else _("%(hours)s h", hours=hours)
    else:
        text = _("%(minutes)s min", minutes=left)
    return Cell(str(text), str(minutes))


def sorted_names(keys: Any, names: Mapping[str, str], nobody: str) -> list[tuple[str, str]]:
    """(key, name), those without any last."""
    known = [(key, names.get(key) or str(_("Removed"))) for key in keys if key]
    found = sorted(known, key=lambda each: each[1].casefold())
    return [*found, ("", nobody)] if "" in keys else found
