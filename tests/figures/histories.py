"""Leads with a past for tests, and every figure of them worked out in plain Python, without a database."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from leadcrm.core import bulk
from leadcrm.core.db import session
from leadcrm.figures.services.chances import Outlook
from leadcrm.figures.services.periods import Days, midnight
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ReturnReason, Stage

ORDER = [stage for stage in Stage if not stage.is_closed and stage != Stage.NO_SHOW]
HOUR = timedelta(hours=1)


@dataclass
class Past:
    """One lead as it was and is. `moves`: how long after it came in, and to which stage."""

    owner: UUID | None
    came: datetime
    first: Stage = Stage.NEW
    moves: list[tuple[timedelta, Stage]] = field(default_factory=list)
    contact_after: timedelta | None = None
    source: UUID | None = None
    label: UUID | None = None
    supplier: UUID | None = None
    cost: int | None = None
    amount: int | None = None
    reason: ReturnReason | None = None
    return_until: datetime | None = None
    appointments: list[tuple[datetime, AppointmentOutcome]] = field(default_factory=list)
    deleted: bool = False
    ident: UUID = field(default_factory=uuid4)

    @property
    def stage(self) -> Stage:
        return self.moves[-1][1] if self.moves else self.first

    @property
    def since(self) -> datetime:
        return self.came + self.moves[-1][0] if self.moves else self.came

    @property
    def contacted(self) -> datetime | None:
        return None if self.contact_after is None else self.came + self.contact_after


def write(company_id: UUID, pasts: Sequence[Past]) -> None:
    """Into the database as the viewer: each comes in, and moves one after another, as rows that are changed."""
    bulk.write(session, Lead, [
        {"company_id": company_id, "id": past.ident, "reference": past.ident.hex[:20], "owner_id": past.owner,
         "stage": past.first, "stage_since": past.came, "created_at": past.came, "updated_at": past.came,
         "source_id": past.source, "label_id": past.label, "supplier_id": past.supplier, "lead_cost": past.cost,
         "mortgage_amount": past.amount, "return_reason": past.reason, "return_deadline": past.return_until,
         "first_contact_at": past.contacted, "household_name": "Jan", "contact_attempts": 0}
        for past in pasts
    ])  # fmt: skip
    found = {lead.id: lead for lead in session.query(Lead).filter(Lead.id.in_([past.ident for past in pasts]))}
    for number in range(max((len(past.moves) for past in pasts), default=0)):
        for past in pasts:
            if number < len(past.moves):
                after, stage = past.moves[number]
                lead = found[past.ident]
                lead.stage, lead.stage_since = stage, past.came + after
        session.flush()
    for past in pasts:
        for at, outcome in past.appointments:
            session.add(Appointment(company_id=company_id, lead_id=past.ident, about="Kennismaking", starts_at=at,
                                    ends_at=at + HOUR, outcome=outcome, uid=uuid4().hex))  # fmt: skip
        if past.deleted:
            found[past.ident].deleted_at = past.came
    session.flush()


def rank(stage: Stage) -> int:
    if stage.is_closed:
        return 0
    return ORDER.index(Stage.APPOINTMENT_PLANNED if stage == Stage.NO_SHOW else stage)


def reached(past: Past) -> int:
    """The furthest of all stays, but for those that were left backwards, to an open stage, within the hour."""
    stays = [(past.came, past.first), *((past.came + after, stage) for after, stage in past.moves)]
    counted = [0]
    for number, (since, stage) in enumerate(stays):
        following = stays[number + 1] if number + 1 < len(stays) else None
        taken_back = (
            following is not None and not following[1].is_closed and rank(following[1]) < rank(stage)
            and following[0] - since < HOUR
        )  # fmt: skip
        if not taken_back:
            counted.append(rank(stage))
    return max(counted)


def of(pasts: Iterable[Past], days: Days, owner: UUID | None = None) -> list[Past]:
    """Those that came in during these days."""
    return [past for past in pasts if not past.deleted and days.first <= office_day(past.came) <= days.last
            and (owner is None or past.owner == owner)]  # fmt: skip


def office_day(moment: datetime) -> Any:
    return moment.astimezone(midnight(moment.date()).tzinfo).date()


def tally(pasts: Sequence[Past], at: datetime) -> dict[str, int]:
    def count(condition: Any) -> int:
        return sum(1 for past in pasts if condition(past))

    def within(most: timedelta) -> int:
        return count(lambda past: past.contact_after is not None and past.contact_after <= most)

    def due(past: Past, most: datetime | None = None) -> bool:
        until = past.return_until
        return until is not None and not past.stage.is_closed and at < until and (most is None or until <= most)

    came = {name: count(lambda past, stage=stage: reached(past) >= rank(stage)) for name, stage in (
        ("reached", Stage.CONTACT_SOUGHT), ("planned", Stage.APPOINTMENT_PLANNED), ("held", Stage.APPOINTMENT_HELD),
        ("engaged", Stage.ENGAGED), ("submitted", Stage.SUBMITTED), ("paid", Stage.PAID_OUT))}  # fmt: skip
    return came | {
        "leads": len(pasts), "cost": sum(past.cost or 0 for past in pasts),
        "priced": count(lambda past: past.cost is not None),
        "contacted": count(lambda past: past.contact_after is not None),
        "within_5": within(timedelta(minutes=5)), "within_30": within(timedelta(minutes=30)),
        "within_24": within(timedelta(hours=24)), "return_open": count(due),
        "return_urgent": count(lambda past: due(past, at + timedelta(days=3))),
        "returned": count(lambda past: past.stage == Stage.RETURNED),
        "unreachable": count(lambda past: past.stage == Stage.UNREACHABLE),
        "duplicate": count(lambda past: past.stage == Stage.DUPLICATE),
    }  # fmt: skip


def shown(after: timedelta) -> int:
    """Whole minutes; from two hours on quarters, from two days on hours, from thirty days on days."""
    minutes = max(0, int(after.total_seconds() // 60))
    for most, step in ((120, 1), (2 * 1440, 15), (30 * 1440, 60)):
        if minutes < most:
            return minutes // step * step
    return minutes // 1440 * 1440


def wait(pasts: Sequence[Past]) -> dict[str, int | None]:
    waits = sorted(shown(past.contact_after) for past in pasts if past.contact_after is not None)

    def at(tenths: int) -> int | None:
        return next((each for place, each in enumerate(waits, 1) if place * 10 >= len(waits) * tenths), None)

    return {"leads": len(waits), "median": at(5), "ninth": at(9)}


def months(pasts: Iterable[Past], chances: dict[Stage, Outlook], on: Any) -> list[dict[str, int]]:
    """This month and eleven more, and what lies behind them."""
    sums = [Counter[str]() for _number in range(13)]
    for past in pasts:
        if past.deleted or past.stage not in chances:
            continue
        chance, days = chances[past.stage]
        ends = office_day(past.since + timedelta(days=days))
        number = min(12, max(0, (ends.year - on.year) * 12 + ends.month - on.month))
        sums[number].update(leads=1, priced=past.amount is not None, amount=past.amount or 0,
                            expected=(past.amount or 0) * chance)  # fmt: skip
    names = ("leads", "priced", "amount")
    return [{name: each[name] for name in names} | {"expected": (each["expected"] + 5_000) // 10_000} for each in sums]


def shows(pasts: Iterable[Past], days: Days) -> dict[str, int]:
    sums = Counter[str](held=0, missed=0, leads=0)
    for past in pasts:
        here = [outcome for at, outcome in past.appointments if days.first <= office_day(at) <= days.last]
        if not past.deleted:
            missed = here.count(AppointmentOutcome.NO_SHOW)
            sums.update(held=here.count(AppointmentOutcome.HELD), missed=missed, leads=bool(missed))
    return dict(sums)
