"""Each rule at its threshold: one less is nothing, enough is an incident, outside the window is outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from leadcrm.auth.models.failures import Reason
from leadcrm.watch.models import Pattern
from leadcrm.watch.services import rules
from leadcrm.watch.services.rules import Event, found
from tests.people import HOME

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ANN_ID = UUID(int=1)
Make = Callable[[int], list[Event]]


def failure(number: int, reason: Reason = Reason.WRONG_PASSWORD, minutes: float | None = None, **how: object) -> Event:
    values = {"prefix": "192.0.2.0/24", "fingerprint": number, "user_id": ANN_ID} | how
    ago = timedelta(minutes=number if minutes is None else minutes)
    return Event(NOW - ago, HOME, reason, **values)  # type: ignore[arg-type]  # as Event has them


def sprayed(count: int) -> list[Event]:
    return [failure(number, user_id=UUID(int=number + 1)) for number in range(count)]


def stuffed(count: int) -> list[Event]:
    return [failure(number, Reason.UNKNOWN_ACCOUNT, user_id=None) for number in range(count)]


def from_networks(count: int) -> list[Event]:
    return [failure(number, prefix=f"198.51.{number}.0/24") for number in range(count)]


def wrong_codes(count: int) -> list[Event]:
    return [failure(number, Reason.WRONG_CODE) for number in range(count)]


def then_in(count: int) -> list[Event]:
    entered = Event(NOW, HOME, None, "192.0.2.0/24", user_id=ANN_ID)
    return [*(failure(number + 1) for number in range(count)), entered]


def refused(count: int) -> list[Event]:
    return [failure(number, Reason.ADDRESS) for number in range(count)]


def replayed(count: int) -> list[Event]:
    return [failure(number, Reason.REPLAYED_CODE) for number in range(count)]


CASES: list[tuple[Pattern, Make, int]] = [
    (Pattern.SPRAYING, sprayed, rules.SPRAYED_ACCOUNTS),
    (Pattern.STUFFING, stuffed, rules.STUFFED_ACCOUNTS),
    (Pattern.ONE_ACCOUNT, from_networks, rules.NETWORKS_OF_ONE),
    (Pattern.SECOND_FACTOR, wrong_codes, rules.WRONG_SECOND_STEPS),
    (Pattern.SUCCESS, then_in, rules.FAILURES_BEFORE),
    (Pattern.ADDRESS, refused, rules.REFUSED_ADDRESSES),
    (Pattern.REPLAY, replayed, rules.REPLAYS),
]


def patterns(events: list[Event], until: datetime = NOW) -> list[Pattern]:
    return [finding.pattern for finding in found(events, until)]


def test_every_rule_is_tested() -> None:
    assert {pattern for pattern, _make, _enough in CASES} == set(Pattern) == {rule.pattern for rule in rules.RULES}


@pytest.mark.parametrize(("pattern", "make", "enough"), CASES)
def test_the_threshold(pattern: Pattern, make: Make, enough: int) -> None:
    assert patterns(make(enough)) == [pattern]
    assert patterns(make(enough - 1)) == []


@pytest.mark.parametrize(("pattern", "make", "enough"), CASES)
def test_an_event_outside_the_window_does_not_count(pattern: Pattern, make: Make, enough: int) -> None:
    """One of them is moved to just before the window: one too few are left in any."""
    rule = next(rule for rule in rules.RULES if rule.pattern == pattern)
    events = make(enough)
    late = events[0]
    moved = Event(NOW - rule.window - timedelta(minutes=30), *(getattr(late, name) for name in (
        "company_id", "reason", "prefix", "fingerprint", "user_id")))  # fmt: skip
    assert patterns([moved, *events[1:]]) == []


@pytest.mark.parametrize(("pattern", "make", "enough"), CASES)
def test_what_was_missed_while_no_worker_ran_is_found(pattern: Pattern, make: Make, enough: int) -> None:
    events = [Event(event.at - timedelta(hours=9, minutes=7), *(getattr(event, name) for name in (
        "company_id", "reason", "prefix", "fingerprint", "user_id"))) for event in make(enough * 2)]  # fmt: skip
    assert pattern in patterns(events)


@pytest.mark.parametrize(("pattern", "make", "enough"), CASES)
def test_known_events_count_no_second_time(pattern: Pattern, make: Make, enough: int) -> None:
    assert list(found(make(enough), NOW, lambda *_known: True)) == []


def test_a_second_step_that_was_given_up_is_enough() -> None:
    assert patterns([failure(1, Reason.INCOMPLETE)]) == [Pattern.SECOND_FACTOR]


def test_one_person_mistyping_is_nobody_spraying() -> None:
    assert patterns([failure(number) for number in range(50)]) == []


def test_an_office_behind_one_address_is_quiet() -> None:
    """Five colleagues, each three mistakes on a Monday morning, and in."""
    events = [failure(person * 3 + turn, user_id=UUID(int=person + 1)) for person in range(5) for turn in range(3)]
    entered = [Event(NOW, HOME, None, "192.0.2.0/24", user_id=UUID(int=person + 1)) for person in range(5)]
    assert patterns(events + entered) == []


def test_success_from_elsewhere_is_the_owner() -> None:
    """The owner signs in from the office while somebody else guesses."""
    entered = Event(NOW, HOME, None, "203.0.113.0/24", user_id=ANN_ID)
    assert patterns([*(failure(number + 1) for number in range(20)), entered]) == []


def test_a_limited_attempt_counts_for_its_account() -> None:
    events = [failure(number, Reason.LIMITED, user_id=UUID(int=number + 1)) for number in range(rules.SPRAYED_ACCOUNTS)]
    assert patterns(events) == [Pattern.SPRAYING]


def test_a_finding_has_its_events_in_order() -> None:
    (finding,) = found(sprayed(7), NOW)
    assert [event.at for event in finding.events] == sorted(event.at for event in finding.events)
    assert (finding.about, len(finding.events)) == ("192.0.2.0/24", 7)


def test_many_events_are_judged_in_time() -> None:
    """A flood of a day must not keep the worker busy: the work grows with the events, not with their square."""
    events = [failure(number, user_id=uuid4(), minutes=number / 14) for number in range(5_000)]
    begun = datetime.now(UTC)
    assert patterns(events) == [Pattern.SPRAYING]
    assert datetime.now(UTC) - begun < timedelta(seconds=10)
