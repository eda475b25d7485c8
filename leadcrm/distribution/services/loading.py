"""Everything that deciding needs, read in a handful of statements, as plain values."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, func, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.distribution.models.claim import Claim
from leadcrm.distribution.models.profile import Absence, Profile
from leadcrm.distribution.models.rule import Rule, Turn
from leadcrm.distribution.models.terms import Method
from leadcrm.distribution.services.choosing import Candidate, Request, Turns, Way
from leadcrm.distribution.services.eligible import able
from leadcrm.distribution.services.hours import Hours, day_begins
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.terms import UNDER_WAY


@dataclass
class Office:
    """A company as the rules see it at one moment."""

    ways: Sequence[Way]
    candidates: Sequence[Candidate]
    turns: Turns
    users: Mapping[UUID, User]


def among(column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    """One array instead of hundreds of parameters."""
    found: ColumnElement[bool] = column == any_(bindparam(None, list(ids), ARRAY(Uuid())))
    return found


def office(company_id: UUID, moment: datetime, counts_today: bool = True) -> Office:
    ways = [way_of(rule) for rule in session.scalars(rules(company_id))]
    users = {user.id: user for user in session.scalars(able(company_id).order_by(User.id))}
    candidates = _candidates(users, moment)
    _count_open(candidates, any(way.how == Method.LEAST_BUSY for way in ways))
    if counts_today:
        _count_today(candidates, moment)
    return Office(ways, candidates, _turns(company_id, ways), users)


def rules(company_id: UUID, also_unused: bool = False) -> Any:
    """In the order in which they are asked."""
    kept = select(Rule).where(Rule.company_id == company_id, Rule.removed_at.is_(None))
    kept = kept if also_unused else kept.where(Rule.active)
    return kept.order_by(Rule.position, Rule.id)


def way_of(rule: Rule) -> Way:
    return Way(
        rule.id, rule.name, rule.how, rule.regions, frozenset(rule.goals), frozenset(rule.employments),
        frozenset(rule.languages), frozenset(rule.label_ids), frozenset(rule.source_ids), frozenset(rule.agent_ids),
        frozenset(rule.traits),
    )  # fmt: skip


def _candidates(users: Mapping[UUID, User], moment: datetime) -> list[Candidate]:
    """Those with a profile: who has none was never asked to take part."""
    profiles = session.scalars(select(Profile).where(among(Profile.user_id, users)).order_by(Profile.user_id))
    away = absences(users, moment.astimezone(OFFICE).date())
    return [candidate_of(each, users[each.user_id].name, away[each.user_id]) for each in profiles]


def absences(users: Collection[UUID], since: date) -> dict[UUID, list[tuple[date, date]]]:
    """Those that have not ended before a day."""
    found: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for each in session.scalars(select(Absence).where(among(Absence.user_id, users), Absence.last_on >= since)):
        found[each.user_id].append((each.first_on, each.last_on))
    return found


def hours_of(profile: Profile, away: Iterable[tuple[date, date]]) -> Hours:
    return Hours(profile.hours, profile.works_holidays, tuple(away))


def candidate_of(profile: Profile, name: str, away: Iterable[tuple[date, date]]) -> Candidate:
    return Candidate(
        profile.user_id, name, hours_of(profile, away), profile.takes_part, profile.regions, frozenset(profile.goals),
        frozenset(profile.employments), frozenset(profile.languages), profile.per_day, profile.open_most,
    )  # fmt: skip


def _count_open(candidates: Sequence[Candidate], wanted: bool) -> None:
    """Counting walks an index of who has what in work; only for whom it matters."""
    whom = [each.user_id for each in candidates if wanted or each.open_most is not None]
    counts = open_leads(whom) if whom else {}
    for each in candidates:
        each.open = counts.get(each.user_id, 0)


def open_leads(users: Collection[UUID]) -> dict[UUID, int]:
    in_work = Lead.stage.in_(bindparam(None, UNDER_WAY, expanding=True, literal_execute=True))  # as the index says it
    counted = select(Lead.owner_id, func.count()).where(
        among(Lead.owner_id, users), Lead.deleted_at.is_(None), in_work
    ).group_by(Lead.owner_id)  # fmt: skip
    return {owner_id: many for owner_id, many in session.execute(counted) if owner_id is not None}


def _count_today(candidates: Sequence[Candidate], moment: datetime) -> None:
    whom = [each.user_id for each in candidates if each.per_day is not None]
    if not whom:
        return
    given = select(Claim.user_id, func.count()).where(
        among(Claim.user_id, whom), Claim.rule_id.is_not(None), Claim.assigned_at >= day_begins(moment)
    ).group_by(Claim.user_id)  # fmt: skip
    counts: dict[UUID, int] = {row.user_id: row[1] for row in session.execute(given)}
    for each in candidates:
        each.today = counts.get(each.user_id, 0)


def _turns(company_id: UUID, ways: Sequence[Way]) -> Turns:
    of_these = select(Turn).where(Turn.company_id == company_id, among(Turn.rule_id, [way.id for way in ways]))
    turns = Turns({(turn.rule_id, turn.user_id): turn.number for turn in session.scalars(of_these)})
    for (rule_id, _user), number in turns.last.items():
        turns.newest[rule_id] = max(number, turns.newest.get(rule_id, 0))
    return turns


def requests(leads: Sequence[Lead], moment: datetime | None) -> dict[UUID, Request]:
    """Of each lead what rules look at; at a moment, or when it came in, as if nobody had had it (a preview)."""
    ids = [lead.id for lead in leads]
    digits, employments, passed = _digits(ids), _employments(ids), had_by(ids) if moment else {}
    return {
        lead.id: Request(
            lead.id, moment or lead.created_at, _text(lead.goal), _text(lead.language), digits.get(lead.id),
            frozenset(employments[lead.id]), lead.label_id, lead.source_id, frozenset(passed.get(lead.id, ())),
        )
        for lead in leads
    }  # fmt: skip


def _text(term: Any) -> str | None:
    return None if term is None else str(term)


def _digits(ids: list[UUID]) -> dict[UUID, int]:
    """Where they live; else where they buy."""
    found: dict[UUID, int] = {}
    homes = select(Property.lead_id, Property.postcode).where(among(Property.lead_id, ids))
    people = select(Person.lead_id, Person.postcode).where(among(Person.lead_id, ids)).order_by(Person.position.desc())
    for lead_id, postcode in [*session.execute(homes), *session.execute(people)]:
        if postcode and postcode[:4].isdigit():
            found[lead_id] = int(postcode[:4])
    return found


def _employments(ids: list[UUID]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    for lead_id, employment in session.execute(
        select(Income.lead_id, Income.employment).where(among(Income.lead_id, ids))
    ):
        found[lead_id].add(str(employment))
    return found


def had_by(ids: list[UUID]) -> dict[UUID, set[UUID]]:
    """Who let a lead go by, or gave it back."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    gone = Claim.handed_back_at.is_not(None) | Claim.declined_at.is_not(None)
    ended = select(Claim.lead_id, Claim.user_id).where(among(Claim.lead_id, ids), gone)
    for lead_id, user_id in session.execute(ended):
        found[lead_id].add(user_id)
    return found
