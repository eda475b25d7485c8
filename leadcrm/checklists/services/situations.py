"""When a line of the template applies, and to whom or what: worked out from a case, without asking the database."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from leadcrm.checklists.models.terms import Per, Situation
from leadcrm.checklists.services.cases import Case
from leadcrm.checklists.services.defaults import Want
from leadcrm.leads.models.terms import (
    AssetKind,
    Dwelling,
    Known,
    MaritalStatus,
    ObligationKind,
    PropertyRegime,
    ResidencePermit,
)


@dataclass(frozen=True)
class Subject:
    """What one item is about: a person, an income, an obligation, or the household as a whole."""

    id: UUID | None = None
    person_id: UUID | None = None
    why: str = ""


def subjects(want: Want, case: Case) -> Iterator[Subject]:
    """Nothing when the line is not asked for here."""
    if not want.active or (want.goals and case.lead.goal not in want.goals):
        return
    match want.per:
        case Per.HOUSEHOLD:
            yield from _household(want, case)
        case Per.PERSON:
            yield from _persons(want, case)
        case Per.INCOME:
            yield from _incomes(want, case)
        case Per.OBLIGATION:
            yield from _obligations(want, case)


def _household(want: Want, case: Case) -> Iterator[Subject]:
    people = any(PEOPLE[want.situation](person) for person in case.persons) if want.situation in PEOPLE else False
    earns = not want.incomes or any(income.employment in want.incomes for income in case.incomes)
    if earns and (people or HOUSEHOLDS.get(want.situation, _never)(case)):
        yield Subject(why=_why(want, case))


def _why(want: Want, case: Case) -> str:
    if want.situation != Situation.ALWAYS:
        return want.situation.label
    return case.lead.goal.label if want.goals and case.lead.goal else ""


def _persons(want: Want, case: Case) -> Iterator[Subject]:
    for person in case.persons:
        earns = not want.incomes or any(
            income.employment in want.incomes for income in case.incomes if income.person_id == person.id
        )
        about = PEOPLE.get(want.situation)
        if earns and (about(person) if about else HOUSEHOLDS[want.situation](case)):
            yield Subject(person.id, person.id, _why(want, case))


def _incomes(want: Want, case: Case) -> Iterator[Subject]:
    if not HOUSEHOLDS.get(want.situation, _never)(case) and want.situation not in PEOPLE:
        return
    for income in sorted(case.incomes, key=lambda each: case.position(each.person_id)):
        about = PEOPLE.get(want.situation)
        fits = not want.incomes or income.employment in want.incomes
        if fits and (about is None or any(about(each) for each in case.persons if each.id == income.person_id)):
            yield Subject(income.id, income.person_id, _joined(income.employment.label, income.employer))


def _obligations(want: Want, case: Case) -> Iterator[Subject]:
    kinds = OBLIGATIONS.get(want.situation)
    if kinds is None and not HOUSEHOLDS.get(want.situation, _never)(case):
        return
    for obligation in sorted(case.obligations, key=lambda each: case.position(each.person_id)):
        if kinds is None or obligation.kind in kinds:
            yield Subject(obligation.id, obligation.person_id, _joined(obligation.kind.label, obligation.creditor))


def _joined(word: str, name: str | None) -> str:
    return f"{word}, {name}" if name else word


def _never(_case: Case) -> bool:
    return False


def _own_funds(case: Case) -> bool:
    return bool(case.wish and case.wish.own_funds) or any(asset.for_purchase for asset in case.assets)


def _owes(*kinds: ObligationKind) -> Callable[[Case], bool]:
    return lambda case: any(obligation.kind in kinds for obligation in case.obligations)


OBLIGATIONS: Mapping[Situation, frozenset[ObligationKind]] = {
    Situation.STUDENT_LOAN: frozenset({ObligationKind.STUDENT_LOAN}),
    Situation.CREDIT: frozenset(
        {ObligationKind.CREDIT, ObligationKind.CARD, ObligationKind.LEASE, ObligationKind.RESIDUAL_DEBT}
    ),
    Situation.ALIMONY_PAID: frozenset({ObligationKind.ALIMONY}),
}
HOUSEHOLDS: Mapping[Situation, Callable[[Case], bool]] = {
    Situation.ALWAYS: lambda case: True,
    Situation.OWN_FUNDS: _own_funds,
    Situation.GIFT: lambda case: any(asset.kind == AssetKind.GIFT for asset in case.assets),
    Situation.HAS_MORTGAGE: lambda case: bool(case.existing),
    Situation.RENOVATION: lambda case: bool(case.home and case.home.renovation),
    Situation.LEASEHOLD: lambda case: bool(case.home and case.home.leasehold),
    Situation.APARTMENT: lambda case: bool(case.home and case.home.dwelling == Dwelling.APARTMENT),
    Situation.ENERGY_SAVING: lambda case: bool(case.home and case.home.ebv_amount),
    Situation.NHG: lambda case: bool(case.wish and case.wish.nhg_wanted == Known.YES),
    **{situation: _owes(*kinds) for situation, kinds in OBLIGATIONS.items()},
}
PEOPLE: Mapping[Situation, Callable[[Any], bool]] = {
    Situation.DIVORCED: lambda person: person.marital_status == MaritalStatus.DIVORCED,
    Situation.MARRIAGE_TERMS: lambda person: person.property_regime == PropertyRegime.AGREEMENT,
    Situation.RESIDENCE_PERMIT: lambda person: (
        person.residence_permit in (ResidencePermit.PERMANENT, ResidencePermit.TEMPORARY)
    ),
}
