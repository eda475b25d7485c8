"""Whom a lead goes to, worked out from plain values: no database, no clock, so a preview decides as the job does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from leadcrm.core.fields.dates import OFFICE
from leadcrm.distribution.models.regions import lies_in
from leadcrm.distribution.models.terms import Method, Obstacle, Trait
from leadcrm.distribution.services.hours import Hours

NONE: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class Request:
    """What rules look at of a lead. `passed`: who had it before."""

    lead_id: UUID
    at: datetime
    goal: str | None = None
    language: str | None = None
    digits: int | None = None
    employments: frozenset[str] = NONE
    label_id: UUID | None = None
    source_id: UUID | None = None
    passed: frozenset[UUID] = NONE


@dataclass
class Candidate:
    """Somebody who may get leads, and how much they have. What they got counts on while leads are handed out."""

    user_id: UUID
    name: str
    hours: Hours = field(default_factory=Hours)
    takes_part: bool = True
    regions: str | None = None
    goals: frozenset[str] = NONE
    employments: frozenset[str] = NONE
    languages: frozenset[str] = NONE
    per_day: int | None = None
    open_most: int | None = None
    open: int = 0
    today: int = 0


@dataclass(frozen=True)
class Way:
    """A rule as it decides."""

    id: UUID
    name: str
    how: Method = Method.ROUND_ROBIN
    regions: str | None = None
    goals: frozenset[str] = NONE
    employments: frozenset[str] = NONE
    languages: frozenset[str] = NONE
    label_ids: frozenset[UUID] = NONE
    source_ids: frozenset[UUID] = NONE
    agent_ids: frozenset[UUID] = NONE
    traits: frozenset[str] = NONE


@dataclass
class Turns:
    """The number of everybody's last turn, by rule and agent. Whoever had none yet comes first."""

    last: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    newest: dict[UUID, int] = field(default_factory=dict)

    def of(self, way: Way, candidate: Candidate) -> int:
        return self.last.get((way.id, candidate.user_id), 0)

    def take(self, way: Way, candidate: Candidate) -> int:
        number = self.newest.get(way.id, 0) + 1
        self.newest[way.id] = self.last[way.id, candidate.user_id] = number
        return number


@dataclass(frozen=True)
class Step:
    """What one rule made of it: why it is not about this lead, or who fell off and why, and who was left."""

    way: Way
    unmet: tuple[Obstacle, ...] = ()
    fell_off: Mapping[UUID, tuple[Obstacle, ...]] = field(default_factory=dict)
    left: Mapping[UUID, int] = field(default_factory=dict)  # their turn, or their open leads

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": str(self.way.id), "name": self.way.name, "how": str(self.way.how),
            "unmet": [str(each) for each in self.unmet],
            "fell_off": {str(who): [str(each) for each in why] for who, why in self.fell_off.items()},
            "left": {str(who): number for who, number in self.left.items()},
        }  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """To whom, by which rule; or to nobody. `steps` says why, rule by rule."""

    steps: tuple[Step, ...]
    way: Way | None = None
    chosen: Candidate | None = None

    @property
    def given(self) -> tuple[Way, Candidate] | None:
        return (self.way, self.chosen) if self.way and self.chosen else None

    @property
    def among(self) -> list[UUID]:
        return list(self.steps[-1].left) if self.chosen and self.steps else []


def decide(request: Request, ways: Sequence[Way], candidates: Sequence[Candidate], turns: Turns) -> Verdict:
    """The first rule that finds somebody. What the chosen one now has more is counted, and the turn taken."""
    steps: list[Step] = []
    for way in ways:
        step = considered(request, way, candidates, turns)
        steps.append(step)
        if step.left:
            chosen = _taken(step, candidates)
            turns.take(way, chosen)
            chosen.open += 1
            chosen.today += 1
            return Verdict(tuple(steps), way, chosen)
    return Verdict(tuple(steps))


def _taken(step: Step, candidates: Iterable[Candidate]) -> Candidate:
    """The lowest number; of equals the one whose id comes first, so that it can be told again."""
    left = [each for each in candidates if each.user_id in step.left]
    return min(left, key=lambda each: (step.left[each.user_id], each.user_id))


def considered(request: Request, way: Way, candidates: Sequence[Candidate], turns: Turns) -> Step:
    unmet = tuple(_unmet(request, way))
    if unmet:
        return Step(way, unmet)
    fell_off, left = {}, {}
    for each in candidates:
        why = tuple(_against(request, way, each))
        if why:
            fell_off[each.user_id] = why
        else:
            left[each.user_id] = each.open if way.how == Method.LEAST_BUSY else turns.of(way, each)
    return Step(way, (), fell_off, left)


def _unmet(request: Request, way: Way) -> Iterator[Obstacle]:
    """Why the rule is not about this lead. An empty choice means every lead."""
    if way.goals and request.goal not in way.goals:
        yield Obstacle.OTHER_GOAL
    if way.employments and not way.employments & request.employments:
        yield Obstacle.OTHER_EMPLOYMENT
    if way.languages and request.language not in way.languages:
        yield Obstacle.OTHER_LANGUAGE
    if not lies_in(request.digits, way.regions):
        yield Obstacle.OTHER_REGION
    if way.label_ids and request.label_id not in way.label_ids:
        yield Obstacle.OTHER_LABEL
    if way.source_ids and request.source_id not in way.source_ids:
        yield Obstacle.OTHER_SOURCE


def _against(request: Request, way: Way, who: Candidate) -> Iterator[Obstacle]:
    """Everything that stands in the way, not only the first thing: a manager wants to know what to change."""
    if way.agent_ids and who.user_id not in way.agent_ids:
        yield Obstacle.NOT_NAMED
        return
    if not who.takes_part:
        yield Obstacle.TAKES_NO_PART
        return
    yield from _of_profile(request, way, who)
    yield from _of_time(request, who)
    if who.per_day is not None and who.today >= who.per_day:
        yield Obstacle.FULL_TODAY
    if who.open_most is not None and who.open >= who.open_most:
        yield Obstacle.FULL
    if who.user_id in request.passed:
        yield Obstacle.HAD_IT


def _of_profile(request: Request, way: Way, who: Candidate) -> Iterator[Obstacle]:
    """What a rule asks of the profile. What a lead does not say, or an agent does not limit, is no obstacle."""
    if Trait.REGION in way.traits and not lies_in(request.digits, who.regions):
        yield Obstacle.OTHER_REGION
    if Trait.GOAL in way.traits and who.goals and request.goal and request.goal not in who.goals:
        yield Obstacle.OTHER_GOAL
    if Trait.EMPLOYMENT in way.traits and who.employments and not request.employments <= who.employments:
        yield Obstacle.OTHER_EMPLOYMENT
    if Trait.LANGUAGE in way.traits and request.language and request.language not in (who.languages or {"nl"}):
        yield Obstacle.OTHER_LANGUAGE


def _of_time(request: Request, who: Candidate) -> Iterator[Obstacle]:
    day = request.at.astimezone(OFFICE).date()
    if who.hours.is_away(day):
        yield Obstacle.AWAY
    elif who.hours.is_free(day):
        yield Obstacle.HOLIDAY
    elif not who.hours.is_working(request.at):
        yield Obstacle.OUTSIDE_HOURS
