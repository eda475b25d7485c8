"""All figures of one scope and period, worked out or taken from what was kept."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from leadcrm.core.db import now, session
from leadcrm.figures.queries import appointments, counting
from leadcrm.figures.queries.conditions import MONTHS
from leadcrm.figures.queries.counting import BEFORE, NOW
from leadcrm.figures.services.chances import Outlook, outlooks
from leadcrm.figures.services.periods import Period
from leadcrm.figures.services.tallies import Added, add_waits, added, divided, key_of
from leadcrm.leads.models.terms import Stage

CERTAIN = 10_000


@dataclass
class Month:
    """What may end in a mortgage in one month: so many leads, what they ask, and what of that is expected."""

    leads: int = 0
    priced: int = 0
    amount: int = 0
    expected: int = 0


@dataclass
class Shows:
    """Appointments that were held or missed, and how many leads missed any."""

    held: int = 0
    missed: int = 0
    leads: int = 0

    def take(self, row: Any) -> None:
        self.held, self.missed, self.leads = self.held + row.held, self.missed + row.missed, self.leads + row.leads

    @property
    def due(self) -> int:
        return self.held + self.missed


@dataclass
class Figures:
    """Of a period, beside the one before it. `months` look ahead from `made_at`, whatever the period."""

    made_at: datetime
    on: date  # the day from which months are counted
    now: Added
    before: Added
    months: list[Month]
    expected_of: dict[str, int]  # by owner
    shows: Shows
    shows_of: dict[str, Shows]
    shows_before: Shows

    def as_json(self) -> dict[str, Any]:
        kept = asdict(self)
        return kept | {"made_at": self.made_at.isoformat(), "on": self.on.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Figures":
        return cls(
            datetime.fromisoformat(kept["made_at"]), date.fromisoformat(kept["on"]), Added.from_json(kept["now"]),
            Added.from_json(kept["before"]), [Month(**each) for each in kept["months"]], kept["expected_of"],
            Shows(**kept["shows"]), {key: Shows(**each) for key, each in kept["shows_of"].items()},
            Shows(**kept["shows_before"]),
        )  # fmt: skip


def worked_out(period: Period, owner: UUID | None, on: date) -> Figures:
    """A bounded number of statements, whatever the number of leads."""
    at, chances = now(), outlooks()
    months, expected_of = looked_ahead(session.execute(counting.outlook(chances, owner, on)), chances)
    rows = _by_part(session.execute(counting.tallies(period, owner, at)))
    waits = _by_part(session.execute(counting.waits(period, owner)))
    shows = {part: _shows(rows) for part, rows in _by_part(session.execute(appointments.shows(period, owner))).items()}
    sums = {part: added(rows[part]) for part in (NOW, BEFORE)}
    for part, each in sums.items():
        add_waits(each, waits[part])
    return Figures(
        at, on, sums[NOW], sums[BEFORE], months, expected_of, together(shows[NOW].values()), shows[NOW],
        together(shows[BEFORE].values()),
    )  # fmt: skip


def _by_part(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """What is of the period and what of the one before; the rest is of neither."""
    parts: dict[str, list[Any]] = {NOW: [], BEFORE: []}
    for row in rows:
        if row.part is not None:
            parts[row.part].append(row)
    return parts


def looked_ahead(rows: Iterable[Any], chances: Mapping[Stage, Outlook]) -> tuple[list[Month], dict[str, int]]:
    """Per month, and what is expected of the leads of each owner. Shares of cents are kept until the end."""
    months = [Month() for _number in range(MONTHS + 1)]
    owners: dict[str, int] = {}
    for row in rows:
        month, weighed = months[row.month], row.amount * chances[row.stage].chance
        month.leads, month.priced = month.leads + row.leads, month.priced + row.priced
        month.amount, month.expected = month.amount + row.amount, month.expected + weighed
        owners[key_of(row.owner_id)] = owners.get(key_of(row.owner_id), 0) + weighed
    for month in months:
        month.expected = divided(month.expected, CERTAIN) or 0
    return months, {key: divided(weighed, CERTAIN) or 0 for key, weighed in owners.items()}


def _shows(rows: Iterable[Any]) -> dict[str, Shows]:
    return {key_of(row.owner_id): Shows(row.held, row.missed, row.leads) for row in rows}


def together(parts: Iterable[Shows]) -> Shows:
    sums = Shows()
    for part in parts:
        sums.take(part)
    return sums


def names() -> dict[str, dict[str, str]]:
    """By kind and id."""
    found: dict[str, dict[str, str]] = {}
    for kind, ident, name in session.execute(counting.names()):
        found.setdefault(kind, {})[str(ident)] = name
    return found
