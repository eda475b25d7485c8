"""Whom a lead goes to, from plain values, and what is said about it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadcrm.core.fields.kinds import Invalid
from leadcrm.distribution.models.regions import Regions, lies_in
from leadcrm.distribution.models.terms import Method, Obstacle, Trait
from leadcrm.distribution.services.choosing import Candidate, Request, Turns, Verdict, Way, decide
from leadcrm.distribution.services.hours import Hours, public_holidays

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # eleven o'clock at the office
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
RULE = Way(UUID(int=9), "Iedereen")


def ask(candidates: list[Candidate], *ways: Way, turns: Turns | None = None, **request: object) -> Verdict:
    asked = Request(UUID(int=7), **({"at": MONDAY} | request))  # type: ignore[arg-type]
    return decide(asked, ways or (RULE,), candidates, turns or Turns())


def somebody(ident: UUID = ONE, **facts: object) -> Candidate:
    return Candidate(ident, f"Agent {ident.int}", **facts)  # type: ignore[arg-type]


def why(verdict: Verdict, who: UUID = ONE) -> list[str]:
    return [str(each) for each in verdict.steps[-1].fell_off[who]]


def test_in_turn_everybody_gets_as_many_and_a_newcomer_one() -> None:
    turns, candidates = Turns(), [somebody(ONE), somebody(TWO)]
    first = [ask(candidates, turns=turns).chosen for _ in range(4)]
    assert [who.user_id for who in first if who] == [ONE, TWO, ONE, TWO]
    candidates.append(somebody(THREE))
    then = [ask(candidates, turns=turns).chosen for _ in range(4)]
    assert [who.user_id for who in then if who] == [THREE, ONE, TWO, THREE]


def test_least_busy_counts_what_is_given_meanwhile() -> None:
    way = Way(UUID(int=9), "Rustig", how=Method.LEAST_BUSY)
    candidates = [somebody(ONE, open=5), somebody(TWO, open=3)]
    taken = [ask(candidates, way).chosen for _ in range(4)]
    assert [who.user_id for who in taken if who] == [TWO, TWO, ONE, TWO]


@pytest.mark.parametrize(
    ("facts", "request_", "obstacle"),
    [
        ({"takes_part": False}, {}, Obstacle.TAKES_NO_PART),
        ({"hours": Hours(away=((date(2026, 11, 20), date(2026, 11, 23)),))}, {}, Obstacle.AWAY),
        ({}, {"at": datetime(2026, 11, 23, 7, 59, tzinfo=UTC)}, Obstacle.OUTSIDE_HOURS),
        ({}, {"at": datetime(2026, 11, 23, 16, 30, tzinfo=UTC)}, Obstacle.OUTSIDE_HOURS),
        ({}, {"at": datetime(2026, 12, 25, 11, 0, tzinfo=UTC)}, Obstacle.HOLIDAY),
        ({"per_day": 2, "today": 2}, {}, Obstacle.FULL_TODAY),
        ({"open_most": 9, "open": 9}, {}, Obstacle.FULL),
        ({}, {"passed": frozenset({ONE})}, Obstacle.HAD_IT),
        ({"regions": "1000-1999"}, {"digits": 2000}, Obstacle.OTHER_REGION),
        ({"regions": "1000-1999"}, {}, Obstacle.OTHER_REGION),
        ({"goals": frozenset({"remortgage"})}, {"goal": "second_home"}, Obstacle.OTHER_GOAL),
        ({"employments": frozenset({"10"})}, {"employments": frozenset({"10", "pension"})},
         Obstacle.OTHER_EMPLOYMENT),
        ({"languages": frozenset({"nl", "en"})}, {"language": "pl"}, Obstacle.OTHER_LANGUAGE),
        ({}, {"language": "pl"}, Obstacle.OTHER_LANGUAGE),
    ],
)  # fmt: skip
def test_why_somebody_falls_off(facts: dict[str, Any], request_: dict[str, Any], obstacle: Obstacle) -> None:
    way = Way(UUID(int=9), "Alles telt", traits=frozenset(map(str, Trait)))
    verdict = ask([somebody(**facts)], way, **request_)
    assert verdict.chosen is None
    assert why(verdict) == [obstacle]
    assert ask([somebody()], way, language="nl", goal="remortgage").chosen  # nothing else stood in the way


def test_every_obstacle_is_told_not_only_the_first() -> None:
    verdict = ask([somebody(per_day=1, today=1, open_most=1, open=4)], at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    assert why(verdict) == [Obstacle.OUTSIDE_HOURS, Obstacle.FULL_TODAY, Obstacle.FULL]


def test_a_profile_counts_only_where_a_rule_asks_for_it() -> None:
    assert ask([somebody(regions="1000-1999")], digits=2000).chosen


@pytest.mark.parametrize(
    ("way", "request_", "obstacle"),
    [
        ({"goals": frozenset({"remortgage"})}, {"goal": "other"}, Obstacle.OTHER_GOAL),
        ({"employments": frozenset({"pension"})}, {"employments": frozenset({"10"})}, Obstacle.OTHER_EMPLOYMENT),
        ({"languages": frozenset({"en"})}, {}, Obstacle.OTHER_LANGUAGE),
        ({"regions": "3500-3599"}, {"digits": 3600}, Obstacle.OTHER_REGION),
        ({"label_ids": frozenset({ONE})}, {"label_id": TWO}, Obstacle.OTHER_LABEL),
        ({"source_ids": frozenset({ONE})}, {"source_id": None}, Obstacle.OTHER_SOURCE),
    ],
)
def test_a_rule_that_is_not_about_the_lead_leaves_it_to_the_next(
    way: dict[str, Any], request_: dict[str, Any], obstacle: Obstacle
) -> None:
    only = Way(UUID(int=8), "Alleen die", **way)
    verdict = ask([somebody()], only, RULE, **request_)
    assert verdict.steps[0].unmet == (obstacle,)
    assert verdict.way is RULE


def test_who_is_not_named_in_a_rule_is_not_weighed_by_it() -> None:
    named = Way(UUID(int=8), "Twee", agent_ids=frozenset({TWO}))
    verdict = ask([somebody(ONE, takes_part=False), somebody(TWO)], named)
    assert verdict.chosen and verdict.chosen.user_id == TWO
    assert why(verdict) == [Obstacle.NOT_NAMED]
    assert verdict.steps[0].as_json() == {
        "rule": str(named.id), "name": "Twee", "how": "round_robin", "unmet": [],
        "fell_off": {str(ONE): ["not_named"]}, "left": {str(TWO): 0},
    }  # fmt: skip


def test_time_passes_only_while_somebody_works() -> None:
    hours = Hours()
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # 17:00, half an hour before the end
    assert hours.due(friday, 30) == datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    assert hours.due(friday, 45) == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
    assert Hours(away=((date(2026, 11, 23), date(2026, 11, 24)),)).due(friday, 45) == datetime(
        2026, 11, 25, 8, 15, tzinfo=UTC
    )
    assert hours.begins(friday) == friday
    assert hours.begins(datetime(2026, 12, 24, 16, 30, tzinfo=UTC)) == datetime(2026, 12, 28, 8, 0, tzinfo=UTC)
    assert Hours(week={}).due(friday, 1) is None


def test_the_last_minute_lasts_until_midnight() -> None:
    """Nothing later than 23:59 can be filled in, and who always works works then too."""
    always = Hours(week={str(day): ("00:00", "23:59") for day in range(7)}, works_holidays=True)
    almost = datetime(2026, 12, 31, 22, 59, 30, tzinfo=UTC)
    assert always.is_working(almost)
    assert always.due(almost, 60) == almost + timedelta(hours=1)
    assert not Hours(week={"3": ("00:00", "23:58")}).is_working(almost)


def test_dutch_holidays_and_the_night_of_the_clocks() -> None:
    assert date(2026, 4, 27) in public_holidays(2026)  # the King's birthday
    assert date(2027, 5, 5) not in public_holidays(2027)  # Liberation Day is free once in five years
    assert date(2030, 5, 5) in public_holidays(2030)
    night = Hours(week={"6": ("00:00", "06:00")}, works_holidays=True)
    begins = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # Sunday 25 October has 25 hours
    assert night.due(begins, 6 * 60) == datetime(2026, 10, 25, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1000-1999, 3511", "1000-1999, 3511"), ("3511;1000 t/m 1999", "1000-1999, 3511"),
     ("1000-1500,1501-1999", "1000-1999"), (" 9999 ", "9999")],
)  # fmt: skip
def test_regions_as_people_type_them(typed: str, kept: str) -> None:
    assert Regions().parse(typed) == kept


@pytest.mark.parametrize("typed", ["12", "0999", "2000-1000", "1000-", "Utrecht", "1000 2000", ","])
def test_regions_that_are_none(typed: str) -> None:
    with pytest.raises(Invalid):
        Regions().parse(typed)


def test_lying_in_a_region() -> None:
    assert lies_in(1500, "1000-1999, 3511") and lies_in(3511, "1000-1999, 3511") and lies_in(None, None)
    assert not lies_in(2000, "1000-1999, 3511") and not lies_in(None, "1000-1999")
