"""Cells added up: figures of all leads, and of those of each agent, source, label and supplier."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from leadcrm.figures.queries.counting import DIMENSIONS, MASKS
from leadcrm.leads.models.terms import FUNNEL, Stage

NOBODY = ""  # the key of leads without an owner, source, label or supplier


@dataclass
class Tally:
    """Leads that have something in common. `cost` in cents, over the `priced` ones.

    The fields stand in the order of the sums of queries.counting.tallies().
    """

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
        made: dict[str, Any] = {"total": Tally(**kept["total"]), "wait": Wait(**kept["wait"]), "by": by, "waits": waits}
        return cls(**{each.name: made.get(each.name, kept[each.name]) for each in fields(cls)})


def divided(amount: int, number: int) -> int | None:
    """Rounded half up."""
    return (2 * amount + number) // (2 * number) if number else None


def share(part: int, whole: int) -> int | None:
    """In basis points."""
    return divided(part * 10_000, whole)


def key_of(ident: Any) -> str:
    return NOBODY if ident is None else str(ident)


def added(rows: Iterable[Any]) -> Added:
    """The rows of queries.counting.tallies, each put where it belongs."""
    sums = Added(by={name: {} for name in DIMENSIONS})
    came = [0] * len(FUNNEL)
    for row in rows:
        match MASKS[row.together]:
            case "total":
                sums.total = tally_of(row)
            case "stage":
                sums.now[str(row.stage)] = row.sum_0
            case "reached":
                came[row.reached] = row.sum_0
            case "returns":
                _count_reason(sums.reasons, row)
            case dimension:
                sums.by[dimension][key_of(getattr(row, f"{dimension}_id"))] = tally_of(row)
    sums.reached = {str(stage): sum(came[rank:]) for rank, stage in enumerate(FUNNEL)}
    return sums


def tally_of(row: Any) -> Tally:
    return Tally(*(getattr(row, f"sum_{number}") for number in range(len(fields(Tally)))))


def _count_reason(reasons: dict[str, dict[str, int]], row: Any) -> None:
    if row.stage == Stage.RETURNED:
        reasons.setdefault(key_of(row.supplier_id), {})[key_of(row.return_reason)] = row.sum_0


def add_waits(sums: Added, rows: Iterable[Any]) -> None:
    """The rows of queries.counting.waits: everybody together, and each owner."""
    for row in rows:
        wait = Wait(row.leads, row.median, row.ninth)
        if row.together:
            sums.wait = wait
        else:
            sums.waits[key_of(row.owner_id)] = wait
