"""Cells added up: figures of all leads, and of those of each agent, source, label and supplier."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from leadcrm.figures.queries.counting import DAY_MINUTES, STEPS
from leadcrm.leads.models.terms import FUNNEL, ReturnReason, Stage, rank_of

DIMENSIONS = ("owner", "source", "label", "supplier")
NOBODY = ""  # the key of leads without an owner, source, label or supplier
MEASURES = (
    "leads", "cost", "priced", "contacted", "within_5", "within_30", "within_24", "return_open", "return_urgent",
)  # fmt: skip
MILESTONES = {
    "reached": Stage.CONTACT_SOUGHT, "planned": Stage.APPOINTMENT_PLANNED, "held": Stage.APPOINTMENT_HELD,
    "engaged": Stage.ENGAGED, "submitted": Stage.SUBMITTED, "paid": Stage.PAID_OUT,
}  # fmt: skip
RANKS = {name: rank_of(stage) for name, stage in MILESTONES.items()}


@dataclass
class Tally:
    """Leads that have something in common. `cost` in cents, over the `priced` ones."""

    leads: int = 0
    cost: int = 0
    priced: int = 0
    contacted: int = 0
    within_5: int = 0
    within_30: int = 0
    within_24: int = 0
    return_open: int = 0
    return_urgent: int = 0
    reached: int = 0
    planned: int = 0
    held: int = 0
    engaged: int = 0
    submitted: int = 0
    paid: int = 0
    returned: int = 0
    unreachable: int = 0
    duplicate: int = 0

    def take(self, cell: Any) -> None:
        for name in MEASURES:
            setattr(self, name, getattr(self, name) + getattr(cell, name))
        for name, rank in RANKS.items():
            if cell.reached >= rank:
                setattr(self, name, getattr(self, name) + cell.leads)
        if cell.stage in (Stage.RETURNED, Stage.UNREACHABLE, Stage.DUPLICATE):
            setattr(self, str(cell.stage), getattr(self, str(cell.stage)) + cell.leads)

    @property
    def per_engagement(self) -> int | None:
        """What one engagement cost in leads, in whole cents; None while there is none."""
        return divided(self.cost, self.engaged)

    @property
    def conversion(self) -> int | None:
        return share(self.engaged, self.leads)


@dataclass
class Wait:
    """How long it took until the first contact, in minutes, over `leads` that had any."""

    leads: int = 0
    median: int | None = None
    ninth: int | None = None  # nine of ten were not later


@dataclass
class Added:
    """Everything that is known of the leads of a period."""

    total: Tally = field(default_factory=Tally)
    reached: dict[str, int] = field(default_factory=dict)  # by stage: came so far or further
    now: dict[str, int] = field(default_factory=dict)  # by stage: stand there
    by: dict[str, dict[str, Tally]] = field(default_factory=dict)
    reasons: dict[str, dict[str, int]] = field(default_factory=dict)  # of returns, by supplier
    wait: Wait = field(default_factory=Wait)
    waits: dict[str, Wait] = field(default_factory=dict)  # by owner

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Added":
        by = {name: {key: Tally(**each) for key, each in keys.items()} for name, keys in kept["by"].items()}
        waits = {key: Wait(**each) for key, each in kept["waits"].items()}
        made = {"total": Tally(**kept["total"]), "wait": Wait(**kept["wait"]), "by": by, "waits": waits}
        return cls(**{each.name: made.get(each.name, kept[each.name]) for each in fields(cls)})


def divided(amount: int, number: int) -> int | None:
    """Rounded half up."""
    return (2 * amount + number) // (2 * number) if number else None


def share(part: int, whole: int) -> int | None:
    """In basis points."""
    return divided(part * 10_000, whole)


def key_of(ident: Any) -> str:
    return NOBODY if ident is None else str(ident)


def added(cells: Iterable[Any]) -> Added:
    """The cells of queries.counting.cells, each added to everything that it is part of."""
    sums = Added(by={name: {} for name in DIMENSIONS})
    reached, now = [0] * len(FUNNEL), defaultdict[str, int](int)
    for cell in cells:
        sums.total.take(cell)
        for name in DIMENSIONS:
            sums.by[name].setdefault(key_of(getattr(cell, f"{name}_id")), Tally()).take(cell)
        reached[cell.reached] += cell.leads
        now[str(cell.stage)] += cell.leads
        if cell.stage == Stage.RETURNED:
            _count_reason(sums, cell)
    sums.reached = {str(stage): sum(reached[rank:]) for rank, stage in enumerate(FUNNEL)}
    sums.now = dict(now)
    return sums


def _count_reason(sums: Added, cell: Any) -> None:
    reasons = sums.reasons.setdefault(key_of(cell.supplier_id), {})
    reason = NOBODY if cell.return_reason is None else str(ReturnReason(cell.return_reason))
    reasons[reason] = reasons.get(reason, 0) + cell.leads


def add_waits(sums: Added, rows: Iterable[Any]) -> None:
    """Of everybody together, and of each owner."""
    everybody: dict[int, int] = defaultdict(int)
    owners: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        everybody[row.minutes] += row.leads
        owners[key_of(row.owner_id)][row.minutes] += row.leads
    sums.wait = waited(everybody)
    sums.waits = {owner: waited(counts) for owner, counts in owners.items()}


def waited(counts: dict[int, int]) -> Wait:
    total = sum(counts.values())
    return Wait(total, _at(counts, total, 5), _at(counts, total, 9)) if total else Wait()


def _at(counts: dict[int, int], total: int, tenths: int) -> int:
    """The smallest that so many tenths of all do not exceed."""
    wanted, seen = -(-total * tenths // 10), 0
    for minutes in sorted(counts):
        seen += counts[minutes]
        if seen >= wanted:
            return minutes
    return 0


def shown_minutes(minutes: int) -> int:
    """As coarse as queries.counting.minutes_to_contact() counts."""
    step = next((step for most, step in STEPS if minutes < most), DAY_MINUTES)
    return minutes - minutes % step
