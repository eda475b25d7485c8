"""The template of a company: the defaults, with what it changed in their place and what it added behind them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from leadcrm.checklists.models.rule import Rule
from leadcrm.checklists.services.defaults import DEFAULTS, Want
from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer

Template = Mapping[str, Want]  # by key, in the order in which it is asked
COPIED = tuple(field.name for field in fields(Want) if field.name not in ("key", "goals", "incomes", "id"))


def of_companies(companies: Collection[UUID]) -> dict[UUID, Template]:
    """Every line, those that are not asked for too."""
    rules: dict[UUID, list[Rule]] = defaultdict(list)
    ordered = select(Rule).where(Rule.company_id.in_(companies)).order_by(Rule.created_at, Rule.id)
    for rule in session.scalars(ordered):
        rules[rule.company_id].append(rule)
    return {company: merged(rules[company]) for company in companies}


def mine() -> Template:
    company = signed_in_viewer().company_id
    return of_companies({company})[company]


def merged(rules: Sequence[Rule]) -> Template:
    """A changed default stays in its place."""
    return DEFAULTS | {rule.key: want_of(rule) for rule in rules}


def want_of(rule: Rule) -> Want:
    default = DEFAULTS.get(rule.key)
    copied = {name: getattr(rule, name) for name in COPIED}
    return Want(
        key=rule.key, goals=frozenset(rule.goals), incomes=frozenset(rule.incomes),
        id=default.id if default else rule.id, **copied,
    )


def find(ident: UUID) -> Want | None:
    """By the id in an address: a default's own, or that of a rule of this company."""
    return next((want for want in mine().values() if want.id == ident), None)


def rule_of(want: Want) -> Rule | None:
    """What this company said in the place of the default, or by itself."""
    company = signed_in_viewer().company_id
    found: Rule | None = session.scalars(
        select(Rule).where(Rule.key == want.key, Rule.company_id == company)
    ).one_or_none()
    return found


def save(want: Want | None, values: Mapping[str, Any], goals: Collection[str], incomes: Collection[str]) -> Rule:
    """A new line, or this one in other words."""
    rule = rule_of(want) if want else None
    if rule is None:
        ident = uuid4()
        key = want.key if want else f"own-{ident.hex[:12]}"
        rule = Rule(company_id=signed_in_viewer().company_id, id=ident, key=key)
        session.add(rule)
    for name, value in values.items():
        setattr(rule, name, value)
    rule.goals, rule.incomes = sorted(goals), sorted(incomes)
    return rule


def put_back(want: Want) -> bool:
    """As it was delivered; one of the company's own goes. False when it never was another."""
    rule = rule_of(want)
    if rule is None:
        return False
    session.delete(rule)
    return True
