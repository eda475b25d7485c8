"""Duplicates: who in this company looks like the same person, with a score and the reasons. Nothing merges by itself.

Strong: e-mail, telephone, birth date with birth name, address with last name. Weak: a similar name, same birth year.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from leadcrm.core.db import session
from leadcrm.core.fields.terms import Terms
from leadcrm.core.reveal import peek
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.services.finding import birth_key, search_query
from leadcrm.leads.services.names import full_name, last_name, normalised

Values = Mapping[str, Any]
MOST_CANDIDATES, SIMILAR = 50, 0.82


class Reason(Terms):
    EMAIL = "email", "zelfde e-mailadres", "same e-mail address"
    PHONE = "phone", "zelfde telefoonnummer", "same telephone number"
    BIRTH = "birth", "zelfde geboortedatum en geboortenaam", "same birth date and birth name"
    ADDRESS = "address", "zelfde adres en achternaam", "same address and last name"
    NAME = "name", "naam lijkt erop en geboortejaar is gelijk", "similar name and same birth year"


SCORES = {Reason.BIRTH: 95, Reason.EMAIL: 90, Reason.PHONE: 85, Reason.ADDRESS: 75, Reason.NAME: 40}
ANOTHER_REASON = 5  # every further reason makes it a little surer


@dataclass(frozen=True)
class Match:
    """A lead that may be about the same people."""

    lead_id: UUID
    reference: str
    name: str
    score: int
    reasons: tuple[Reason, ...]


def duplicates(company_id: UUID, persons: Sequence[Values], besides: UUID | None = None) -> list[Match]:
    """The leads that this viewer sees with any of these people (plain values), the likeliest first."""
    keyed = [dict(person) | {"birth_key": _key(company_id, person)} for person in persons]
    conditions = [condition for person in keyed for condition in _strong(person)]
    found: dict[UUID, tuple[Lead, set[Reason]]] = {}
    for candidate, lead in _candidates(company_id, keyed, conditions, besides):
        reasons = {reason for person in keyed for reason in _reasons(person, candidate)}
        if reasons:
            found.setdefault(lead.id, (lead, set()))[1].update(reasons)
    return sorted((_match(*each) for each in found.values()), key=lambda match: (-match.score, match.reference))


def alike(one: Person, other: Person) -> bool:
    """Whether two rows are about the same human being; partners often share an address of mail or a telephone."""
    if one.birth_key is not None and one.birth_key == other.birth_key:
        return True
    ours, theirs = full_name(_words(one)), full_name(_words(other))
    if ours and theirs:
        return _similar(ours, theirs)
    return any(getattr(one, name) and getattr(one, name) == getattr(other, name) for name in ("email", "phone"))


def _key(company_id: UUID, person: Values) -> int | None:
    return birth_key(company_id, person.get("birth_date"), person.get("birth_name"))


def _strong(person: Values) -> Iterator[ColumnElement[bool]]:
    """One condition for each index."""
    for name in ("email", "phone", "birth_key"):
        if person.get(name) is not None:
            yield getattr(Person, name) == person[name]
    if person.get("postcode") and person.get("house_number"):
        yield and_(Person.postcode == person["postcode"], Person.house_number == person["house_number"])


def _candidates(
    company_id: UUID, persons: Sequence[Values], conditions: Sequence[ColumnElement[bool]], besides: UUID | None
) -> Iterator[tuple[Person, Lead]]:
    people = select(Person, Lead).join(Lead, and_(Lead.company_id == Person.company_id, Lead.id == Person.lead_id))
    people = people.where(Lead.deleted_at.is_(None))
    if besides:
        people = people.where(Lead.id != besides)
    if conditions:
        yield from _run(people.where(or_(*conditions)))
    for query in _name_queries(company_id, persons):
        found = func.leads_search(query, MOST_CANDIDATES).table_valued("id", "created_at", name="found")
        yield from _run(people.join(found, found.c.id == Lead.id))


def _run(statement: Select[*tuple[Any, ...]]) -> Iterable[Any]:
    return session.execute(statement.limit(4 * MOST_CANDIDATES)).all()


def _name_queries(company_id: UUID, persons: Sequence[Values]) -> Iterator[str]:
    """Whoever has the same last name: a similar one is recognised among them."""
    for person in persons:
        query = search_query(company_id, last_name(person)) if person.get("birth_date") else None
        if query:
            yield query


def _reasons(person: Values, candidate: Person) -> Iterator[Reason]:
    if person.get("email") and person["email"] == candidate.email:
        yield Reason.EMAIL
    if person.get("phone") and person["phone"] == candidate.phone:
        yield Reason.PHONE
    if person["birth_key"] is not None and person["birth_key"] == candidate.birth_key:
        yield Reason.BIRTH
    elif _same_year(person, candidate) and _similar(full_name(person), full_name(_words(candidate))):
        yield Reason.NAME
    if _same_address(person, candidate) and _similar(last_name(person), last_name(_words(candidate))):
        yield Reason.ADDRESS


def _same_year(person: Values, candidate: Person) -> bool:
    born, theirs = person.get("birth_date"), peek(candidate, "birth_date")
    return born is not None and theirs is not None and born.year == theirs.year


def _same_address(person: Values, candidate: Person) -> bool:
    here = (person.get("postcode"), person.get("house_number"))
    return all(here) and here == (candidate.postcode, candidate.house_number)


def _similar(one: str, other: str) -> bool:
    return bool(one and other) and SequenceMatcher(None, normalised(one), normalised(other)).ratio() >= SIMILAR


def _words(person: Person) -> dict[str, Any]:
    names = ("call_name", "first_names", "initials", "infix", "birth_name", "correspondence_name")
    return {name: getattr(person, name) for name in names}


def _match(lead: Lead, reasons: set[Reason]) -> Match:
    ordered = tuple(sorted(reasons, key=lambda reason: -SCORES[reason]))
    score = min(99, SCORES[ordered[0]] + ANOTHER_REASON * (len(ordered) - 1))
    return Match(lead.id, lead.reference, lead.household_name or lead.reference, score, ordered)
