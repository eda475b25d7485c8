"""Decisions in words, for a manager who wants to know why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.distribution.models.rule import Rule
from leadcrm.distribution.models.terms import Method, Obstacle, Trait
from leadcrm.distribution.services.loading import among
from leadcrm.leads.models.terms import Employment, Goal, Tongue

Names = Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """What one rule made of a lead: a sentence, and who fell off or could have had it, each with why."""

    rule: str
    said: str
    people: tuple[tuple[str, str], ...] = ()


def names_of(ids: Iterable[UUID | str | None]) -> dict[str, str]:
    """Of colleagues, those gone too."""
    wanted = {UUID(str(each)) for each in ids if each}
    if not wanted:
        return {}
    return {str(ident): name for ident, name in session.execute(
        select(User.id, User.name).where(among(User.id, wanted))
    )}  # fmt: skip


def people_in(steps: Iterable[Mapping[str, Any]]) -> set[str]:
    return {who for step in steps for who in (*step["fell_off"], *step["left"])}


def told(steps: Iterable[Mapping[str, Any]], chosen: UUID | None, names: Names) -> list[Told]:
    return [_told(step, str(chosen) if chosen else "", names) for step in steps]


def _told(step: Mapping[str, Any], chosen: str, names: Names) -> Told:
    if step["unmet"]:
        return Told(step["name"], str(_("Is not about this lead: %(why)s.", why=obstacles(step["unmet"]))))
    how = Method(step["how"])
    left = [(names.get(who, "?"), _standing(how, number, who == chosen)) for who, number in step["left"].items()]
    fell_off = [(names.get(who, "?"), obstacles(why)) for who, why in step["fell_off"].items()]
    if not left:
        return Told(step["name"], str(_("Found nobody.")), tuple(sorted(fell_off)))
    said = _("Chose %(name)s: %(how)s.", name=names.get(chosen, "?"), how=how.label.lower())
    return Told(step["name"], str(said), (*sorted(left), *sorted(fell_off)))


def obstacles(why: Iterable[str]) -> str:
    return ", ".join(Obstacle(each).label for each in why)


def _standing(how: Method, number: int, is_chosen: bool) -> str:
    """What was compared."""
    if how == Method.LEAST_BUSY:
        said = ngettext("%(num)s open lead", "%(num)s open leads", number)
    else:
        said = _("last turn: number %(number)s", number=number) if number else _("had no turn yet")
    return str(_("chosen, %(standing)s", standing=said) if is_chosen else _("could have, %(standing)s", standing=said))


def about(rule: Rule, names: Names) -> str:
    """What a rule says, in one line."""
    kinds = ((Goal, rule.goals), (Employment, rule.employments), (Tongue, rule.languages))
    said = [", ".join(terms(each).label for each in chosen) for terms, chosen in kinds if chosen]
    said += [str(_("postcode %(regions)s", regions=rule.regions))] if rule.regions else []
    said += [", ".join(names[str(each)] for each in ids if str(each) in names)
             for ids in (rule.label_ids, rule.source_ids, rule.agent_ids) if ids]  # fmt: skip
    if rule.traits:
        fitting = ", ".join(Trait(each).label.lower() for each in rule.traits)
        said.append(str(_("profile fits on %(traits)s", traits=fitting)))
    return "; ".join(said) or str(_("Every lead, everybody who takes part"))
