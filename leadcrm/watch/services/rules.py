"""When failed logins belong together: each rule a key and a pure judgement over what happened within its window.

The figures: an office of twenty behind one address, after a long weekend, stays below all of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadcrm.auth.models.failures import Reason
from leadcrm.watch.models import Pattern

PASSWORD = {Reason.WRONG_PASSWORD, Reason.NO_PASSWORD, Reason.INACTIVE, Reason.LIMITED}
SECOND_STEP = {Reason.WRONG_CODE, Reason.WRONG_PASSKEY, Reason.WRONG_RECOVERY_CODE}
SPRAYED_ACCOUNTS = 6
STUFFED_ACCOUNTS = 10
NETWORKS_OF_ONE = 5
WRONG_SECOND_STEPS = 5
FAILURES_BEFORE = 5
REFUSED_ADDRESSES = 3
REPLAYS = 2
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """A failed login; or, without a reason, that somebody signed in."""

    at: datetime
    company_id: UUID
    reason: Reason | None
    prefix: str
    fingerprint: int = 0
    user_id: UUID | None = None


Events = Sequence[Event]


@dataclass(frozen=True)
class Rule:
    """`key`: with which others an event is judged (None: not by this rule). `judge`: whether they are an incident."""

    pattern: Pattern
    window: timedelta
    key: Callable[[Event], str | None]
    judge: Callable[[Events], bool]


def accounts_of(events: Iterable[Event]) -> set[object]:
    return {event.user_id or event.fingerprint for event in events}


def _network_of_known(event: Event) -> str | None:
    return event.prefix if event.reason in PASSWORD and event.user_id else None


def spraying(events: Events) -> bool:
    """Many accounts of ours from one network: a few passwords tried on everybody."""
    return len(accounts_of(events)) >= SPRAYED_ACCOUNTS


def _network_of_unknown(event: Event) -> str | None:
    return event.prefix if event.reason == Reason.UNKNOWN_ACCOUNT else None


def stuffing(events: Events) -> bool:
    """Many addresses that are no account, from one network: somebody else's list."""
    return len(accounts_of(events)) >= STUFFED_ACCOUNTS


def _known_account(event: Event) -> str | None:
    return str(event.user_id) if event.reason in PASSWORD and event.user_id else None


def one_account(events: Events) -> bool:
    """One account from more networks than somebody travels through in an hour."""
    return len({event.prefix for event in events}) >= NETWORKS_OF_ONE


def _second_step(event: Event) -> str | None:
    return str(event.user_id) if event.reason in {Reason.INCOMPLETE, *SECOND_STEP} and event.user_id else None


def second_factor(events: Events) -> bool:
    """The password was right, and the second step was given up, or wrong time and again."""
    given_up = any(event.reason == Reason.INCOMPLETE for event in events)
    return given_up or len(events) >= WRONG_SECOND_STEPS


def _failed_or_in(event: Event) -> str | None:
    return str(event.user_id) if event.user_id and (event.reason is None or event.reason in PASSWORD) else None


def success(events: Events) -> bool:
    """Somebody got in from a network where guessing went before."""
    failures: dict[str, int] = defaultdict(int)
    for event in events:
        if event.reason is not None:
            failures[event.prefix] += 1
        elif failures[event.prefix] >= FAILURES_BEFORE:
            return True
    return False


def _refused_account(event: Event) -> str | None:
    return str(event.user_id or event.prefix) if event.reason == Reason.ADDRESS else None


def address(events: Events) -> bool:
    """Refused because of the address list, more than once by mistake."""
    return len(events) >= REFUSED_ADDRESSES


def _replayed(event: Event) -> str | None:
    return str(event.user_id) if event.reason == Reason.REPLAYED_CODE else None


def replay(events: Events) -> bool:
    """A code that was used before: somebody looked over a shoulder, or sits in between."""
    return len(events) >= REPLAYS


RULES = (
    Rule(Pattern.SPRAYING, HOUR, _network_of_known, spraying),
    Rule(Pattern.STUFFING, HOUR, _network_of_unknown, stuffing),
    Rule(Pattern.ONE_ACCOUNT, HOUR, _known_account, one_account),
    Rule(Pattern.SECOND_FACTOR, HOUR, _second_step, second_factor),
    Rule(Pattern.SUCCESS, HOUR, _failed_or_in, success),
    Rule(Pattern.ADDRESS, DAY, _refused_account, address),
    Rule(Pattern.REPLAY, HOUR, _replayed, replay),
)


@dataclass(frozen=True)
class Finding:
    """Events that are an incident by one rule, in order of time."""

    pattern: Pattern
    about: str
    events: tuple[Event, ...]


Known = Callable[[Pattern, str, Event], bool]


def found(events: Iterable[Event], until: datetime, known: Known = lambda *_: False) -> Iterator[Finding]:
    """Every incident among the events. `known` are events of incidents that ended: they count no second time."""
    in_order = sorted(events, key=lambda event: event.at)
    for rule in RULES:
        groups: dict[str, list[Event]] = defaultdict(list)
        for event in in_order:
            about = rule.key(event)
            if about is not None and not known(rule.pattern, about, event):
                groups[about].append(event)
        for about, group in groups.items():
            belonging = _judged(rule, group, until)
            if belonging:
                yield Finding(rule.pattern, about, tuple(belonging))


def _judged(rule: Rule, group: list[Event], until: datetime) -> list[Event]:
    """The events of every window that is an incident: the one that ends now, and each that begins at a step before.

    The steps are for when the job stood still: they are a quarter of a window apart, so that much work stays small.
    """
    step = rule.window / 4
    moments = [until, *_moments(group[0].at, until, step)]
    belonging: set[int] = set()
    for moment in moments:
        window = [number for number, event in enumerate(group) if moment - rule.window < event.at <= moment]
        if window and rule.judge([group[number] for number in window]):
            belonging.update(window)
    return [group[number] for number in sorted(belonging)]


def _moments(first: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    """The whole steps between the first event and now, the same at every look."""
    moment = datetime.fromtimestamp(first.timestamp() // step.total_seconds() * step.total_seconds(), tz=first.tzinfo)
    while moment < until:
        moment += step
        yield min(moment, until)
