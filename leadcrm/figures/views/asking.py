"""What a page of figures was asked for: the period, and the agent when a manager looks at one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import gettext as _

from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.figures.services.periods import LONGEST_DAYS, Days, Period, Span, period_of, today

NAMES = ("span", "from", "until", "agent")
FIRST, LAST = "from", "until"


@dataclass
class Asked:
    """`typed` is what addresses and forms carry on; `refused` are messages beside the fields of own dates."""

    period: Period
    on: date
    agent: UUID | None
    typed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def kept(self, *besides: str) -> dict[str, str]:
        return {name: value for name, value in self.typed.items() if name not in besides}


def asked_for(args: Mapping[str, str]) -> Asked:
    """From the address. A span that does not exist is this month; dates that make no sense are told."""
    typed = {name: args[name].strip()[:40] for name in NAMES if args.get(name, "").strip()}
    span = Span(typed["span"]) if typed.get("span") in set(map(str, Span)) else Span.MONTH
    on = today()
    refused: dict[str, str] = {}
    own = _own_days(typed, refused) if span == Span.OWN else None
    return Asked(period_of(span, on, own), on, _agent(typed), typed, refused)


def _own_days(typed: Mapping[str, str], refused: dict[str, str]) -> Days | None:
    days = {name: _day(name, typed, refused) for name in (FIRST, LAST)}
    first, last = days[FIRST], days[LAST]
    if first is None or last is None:
        return None
    if last < first:
        refused[LAST] = _("This day lies before the first. Swap them.")
    elif (last - first).days >= LONGEST_DAYS:
        refused[LAST] = _("Choose three years at most.")
    return None if refused else Days(first, last)


def _day(name: str, typed: Mapping[str, str], refused: dict[str, str]) -> date | None:
    try:
        day: date | None = Date().parse(typed.get(name, ""))
    except Invalid as problem:
        refused[name] = str(problem)
        return None
    if day is None:
        refused[name] = _("Fill in this field.")
    elif not 2000 <= day.year <= 2100:
        refused[name] = _("This date is too far away. Check the year.")
        return None
    return day


def _agent(typed: dict[str, str]) -> UUID | None:
    """Whoever sees their own leads only has nothing to choose."""
    if signed_in_viewer().scope != Scope.COMPANY:
        typed.pop("agent", None)
    try:
        return UUID(typed["agent"]) if "agent" in typed else None
    except ValueError:
        abort(404)


def known_agent(asked: Asked, names: Mapping[str, Mapping[str, str]]) -> str | None:
    """The name of the agent that was asked for; somebody of another company is not found."""
    if asked.agent is None:
        return None
    name: Any = names.get("owner", {}).get(str(asked.agent))
    return str(name) if name else abort(404)
