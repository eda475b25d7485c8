"""Every figure beside the same figure worked out in plain Python, over histories that hypothesis makes."""

import random
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadcrm.core.db import now, session
from leadcrm.figures.services.chances import USUAL, outlooks
from leadcrm.figures.services.figures import Figures, worked_out
from leadcrm.figures.services.periods import Days, Period, Span, period_of, today
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ReturnReason, Stage
from tests.figures import histories
from tests.figures.histories import Past
from tests.leads.conftest import As
from tests.leads.factories import where_from
from tests.people import ANN, BOB, EVE, MEG, Person
from tests.shelf import Shelf

AFTER = [timedelta(0), timedelta(seconds=59), timedelta(minutes=5), timedelta(minutes=5, seconds=1),
         timedelta(minutes=30), timedelta(hours=23, minutes=59), timedelta(hours=24), timedelta(days=2, minutes=7),
         timedelta(days=40), -timedelta(minutes=4), None]  # fmt: skip
GAPS = [timedelta(minutes=1), timedelta(minutes=59, seconds=59), timedelta(hours=1), timedelta(days=3)]


def a_past(random: random.Random, owners: list[UUID | None], origins: list[Any], days: int = 430) -> Past:
    """A lead of the last year or so, with everything that figures look at."""
    came = now() - timedelta(seconds=random.randrange(days * 86_400))
    after, moves = timedelta(0), []
    for _number in range(random.randrange(5)):
        after += random.choice(GAPS)
        moves.append((after, random.choice(list(Stage))))
    source, label, supplier = random.choice(origins)
    outcomes = list(AppointmentOutcome)
    meetings = [
        (came + timedelta(days=random.randrange(40)), random.choice(outcomes)) for _n in range(random.randrange(3))
    ]
    return Past(
        random.choice(owners), came, random.choice([Stage.NEW, Stage.ASSIGNED, Stage.ADVICE, Stage.REJECTED]), moves,
        random.choice(AFTER), source, label, supplier, random.choice([None, 45_00, 30_50]),
        random.choice([None, 250_000_00, 333_333_33]), random.choice([None, *ReturnReason]),
        random.choice([None, now() + timedelta(days=2), now() + timedelta(days=9), now() - timedelta(days=1)]),
        meetings, random.random() < 0.1,
    )  # fmt: skip


@pytest.fixture
def office(as_: As, shelf: Shelf) -> tuple[list[Past], list[Any]]:
    """Leads of Ann, Bob and nobody in Meg's company; and, beside it, Eve's."""
    return shelf.once("an office with a past", lambda: make_office(as_))


def make_office(as_: As) -> tuple[list[Past], list[Any]]:
    chance = random.Random(5)  # noqa: S311  made-up data
    with as_(MEG):
        origins = [tuple(each.id for each in where_from(name)) for name in ("Alfa", "Beta")] + [(None, None, None)]
        pasts = [a_past(chance, [ANN.id, BOB.id, None], origins) for _number in range(90)]
        histories.write(MEG.company_id, pasts)
    with as_(EVE):
        histories.write(EVE.company_id, [a_past(chance, [EVE.id], [(None, None, None)]) for _number in range(8)])
    return pasts, origins


def seen_by(who: Person, pasts: list[Past]) -> list[Past]:
    return pasts if who == MEG else [past for past in pasts if past.owner == who.id]


def hold_against(figures: Figures, pasts: list[Past], period: Period, chances: Any = USUAL) -> None:
    """Everything, in both periods."""
    for found, days in ((figures.now, period.days), (figures.before, period.before)):
        cohort = histories.of(pasts, days)
        assert asdict(found.total) == histories.tally(cohort, figures.made_at)
        assert asdict(found.wait) == histories.wait(cohort)
        came = {str(stage): sum(histories.reached(past) >= rank for past in cohort)
                for rank, stage in enumerate(histories.ORDER)}  # fmt: skip
        assert found.reached == came
        assert found.now == Counter(str(past.stage) for past in cohort)
        for name in ("owner", "source", "label", "supplier"):
            hold_dimension(found, name, cohort, figures.made_at)
        reasons = Counter(
            (str(past.supplier or ""), str(past.reason or "")) for past in cohort if past.stage == Stage.RETURNED
        )
        assert {(supplier, reason): count for supplier, counts in found.reasons.items()
                for reason, count in counts.items()} == reasons  # fmt: skip
    assert [asdict(month) for month in figures.months] == histories.months(pasts, chances, figures.on)
    assert asdict(figures.shows) == histories.shows(pasts, period.days)
    assert asdict(figures.shows_before) == histories.shows(pasts, period.before)
    for owner, shows in figures.shows_of.items():
        assert asdict(shows) == histories.shows([past for past in pasts if str(past.owner or "") == owner], period.days)


def hold_dimension(found: Any, name: str, cohort: list[Past], at: datetime) -> None:
    keys = {str(getattr(past, name) or "") for past in cohort}
    assert found.by[name].keys() == keys
    for key in keys:
        theirs = [past for past in cohort if str(getattr(past, name) or "") == key]
        assert asdict(found.by[name][key]) == histories.tally(theirs, at)
        if name == "owner" and key in found.waits:
            assert asdict(found.waits[key]) == histories.wait(theirs)


@pytest.mark.parametrize("who", [MEG, ANN], ids=["company", "own"])
def test_every_figure_is_what_plain_python_makes_of_the_same_leads(office: Any, as_: As, who: Person) -> None:
    pasts, _origins = office
    with as_(who):
        for span in Span:
            own = Days(today() - timedelta(days=50), today() - timedelta(days=20)) if span == Span.OWN else None
            period = period_of(span, today(), own)
            hold_against(worked_out(period, None, today()), seen_by(who, pasts), period)


def test_a_manager_sees_the_figures_of_one_agent(office: Any, as_: As) -> None:
    pasts, _origins = office
    period = period_of(Span.YEAR, today())
    with as_(MEG):
        hold_against(worked_out(period, BOB.id, today()), seen_by(BOB, pasts), period)


def test_what_another_company_does_changes_nothing(office: Any, as_: As) -> None:
    period = period_of(Span.YEAR, today())
    with as_(MEG):
        before = worked_out(period, None, today()).as_json()
    with as_(EVE):
        histories.write(EVE.company_id, [Past(EVE.id, now(), cost=10_00, amount=100_000_00) for _n in range(3)])
    with as_(MEG):
        after = worked_out(period, None, today()).as_json()
    assert {**before, "made_at": ""} == {**after, "made_at": ""}
    with as_(EVE):
        assert worked_out(period, ANN.id, today()).now.total.leads == 0, "an owner elsewhere is nobody here"


def test_what_is_kept_reads_back_as_it_was(office: Any, as_: As) -> None:
    with as_(MEG):
        found = worked_out(period_of(Span.YEAR, today()), None, today())
    assert Figures.from_json(found.as_json()) == found


def test_chances_of_the_company_weigh_the_volume(office: Any, as_: As, client_as: Any) -> None:
    pasts, _origins = office
    form: dict[str, str] = {}
    for stage, usual in USUAL.items():
        form |= {f"{stage}-chance": "12,5" if stage == Stage.NEW else str(usual.chance // 100), f"{stage}-days": "40"}
    assert client_as(MEG).send("/figures/chances", form).status_code == 303
    with as_(ANN):
        chances = outlooks()
        assert chances[Stage.NEW] == (12_50, 40)
        period = period_of(Span.MONTH, today())
        hold_against(worked_out(period, None, today()), seen_by(ANN, pasts), period, chances)


def test_what_is_deleted_counts_nowhere(as_: As) -> None:
    with as_(ANN):
        histories.write(ANN.company_id, [Past(ANN.id, now()), Past(ANN.id, now(), deleted=True)])
        assert worked_out(period_of(Span.MONTH, today()), None, today()).now.total.leads == 1
        assert session.query(Lead).count() == 2


def test_before_is_as_long_as_now() -> None:
    day = datetime(2026, 3, 31, tzinfo=UTC).date()
    month = period_of(Span.MONTH, day)
    assert (month.before.first.day, month.before.last.month, month.before.last.day) == (1, 2, 28)
    assert period_of(Span.QUARTER, day).before.first.isoformat() == "2025-10-01"
    assert period_of(Span.YEAR, day).before == Days(day.replace(year=2025, month=1, day=1), day.replace(year=2025))
    assert period_of(Span.LAST_MONTH, day).days.last.isoformat() == "2026-02-28"
    own = Days(day.replace(day=11), day.replace(day=20))
    assert period_of(Span.OWN, day, own).before == Days(day.replace(day=1), day.replace(day=10))
