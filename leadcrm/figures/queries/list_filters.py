"""Filters that figures bring to the list of leads, so that behind every number stand the leads that it counts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import Date, shown_date
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.terms import Terms
from leadcrm.figures.queries.appointments import missed
from leadcrm.figures.queries.conditions import (
    MONTHS,
    Returning,
    Speed,
    contacted,
    expected_in,
    has_reached,
    returnable,
)
from leadcrm.figures.services.chances import outlooks
from leadcrm.figures.services.periods import Days, months_ahead, today
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.models.terms import FUNNEL, ReturnReason, Stage
from leadcrm.leads.queries.extras import Extra, Field
from leadcrm.leads.queries.lists import Column, Narrowing

PREFIX = "figures_"
REACHED, CONTACT, RETURN, REASON = "figures_reached", "figures_contact", "figures_return", "figures_reason"
EXPECTED, MISSED = "figures_expected", "figures_missed"
FROM: Mapping[str, type[Source | Label | Supplier]] = {
    "figures_source": Source, "figures_label": Label, "figures_supplier": Supplier,
}  # fmt: skip
NONE, LATER = "none", "later"
Narrowed = tuple[str, ColumnElement[bool]]  # in words, and as a condition


class ListFilters(Extra):
    def knows(self, name: str) -> bool:
        return name in READERS

    def columns(self) -> Sequence[Column]:
        return ()

    def fields(self) -> Sequence[Field]:
        reached = tuple((str(stage), stage.label) for stage in FUNNEL)
        suppliers = session.execute(select(Supplier.id, Supplier.name).order_by(Supplier.name))
        chosen = {
            REACHED: reached, CONTACT: _options(Speed), RETURN: _options(Returning),
            "figures_supplier": tuple((str(ident), name) for ident, name in suppliers),
        }  # fmt: skip
        return [Field(name, self.label_of(name), options) for name, options in chosen.items() if options]

    def narrowing(self, name: str, typed: str) -> Narrowing | None:
        found = READERS[name](name, typed)
        if found is None:
            return None
        said, condition = found
        return Narrowing(name, self.label_of(name), said, lambda statement: statement.where(condition))

    def label_of(self, name: str) -> str:
        labels = {
            REACHED: _("Got at least as far as"), CONTACT: _("First contact"), RETURN: _("Return to supplier"),
            REASON: facts_of(Lead)["return_reason"].label, EXPECTED: _("Expected in"), MISSED: _("No-show"),
        }  # fmt: skip
        return labels.get(name) or facts_of(Lead)[f"{name.removeprefix(PREFIX)}_id"].label


def _options(terms: type[Terms]) -> tuple[tuple[str, str], ...]:
    return tuple((str(member), member.label) for member in terms)


def _member(terms: type[Terms], typed: str) -> Terms | None:
    return terms(typed) if typed in {str(member) for member in terms} else None


def _reached(_name: str, typed: str) -> Narrowed | None:
    stage = _member(Stage, typed)
    return (stage.label, has_reached(Stage(stage))) if stage in FUNNEL else None


def _contact(_name: str, typed: str) -> Narrowed | None:
    speed = _member(Speed, typed)
    return (speed.label, contacted(Speed(speed))) if speed else None


def _return(_name: str, typed: str) -> Narrowed | None:
    returning = _member(Returning, typed)
    return (returning.label, returnable(Returning(returning), now())) if returning else None


def _reason(_name: str, typed: str) -> Narrowed | None:
    if typed == NONE:
        return _("no reason given"), Lead.return_reason.is_(None)
    reason = _member(ReturnReason, typed)
    return (reason.label, Lead.return_reason == reason) if reason else None


def _from(name: str, typed: str) -> Narrowed | None:
    column = getattr(Lead, f"{name.removeprefix(PREFIX)}_id")
    if typed == NONE:
        return _("none"), column.is_(None)
    try:
        ident = UUID(typed)
    except ValueError:
        return None
    found = session.scalar(select(FROM[name].name).where(FROM[name].id == ident))
    return (found, column == ident) if found else None


def _expected(_name: str, typed: str) -> Narrowed | None:
    """`2026-12`, counted from this month: what lies behind it is expected now."""
    months = [f"{first:%Y-%m}" for first in months_ahead(today(), MONTHS)] + [LATER]
    if typed not in months:
        return None
    said = _("later") if typed == LATER else month_words(date.fromisoformat(f"{typed}-01"))
    return said, expected_in(months.index(typed), outlooks(), today())


def month_words(first: date) -> str:
    return shown_date(first).partition(" ")[2]


def _missed(_name: str, typed: str) -> Narrowed | None:
    """`2026-11-01--2026-11-30`: appointments of these days."""
    try:
        days = Days(*(date.fromisoformat(part) for part in typed.split("--")))
    except (ValueError, TypeError):
        return None
    if not 1900 <= days.first.year <= days.last.year <= 2200:
        return None
    show = Date().show
    return _("%(first)s to %(last)s", first=show(days.first), last=show(days.last)), missed(days)


READERS: Mapping[str, Callable[[str, str], Narrowed | None]] = {
    REACHED: _reached, CONTACT: _contact, RETURN: _return, REASON: _reason, EXPECTED: _expected, MISSED: _missed,
    **dict.fromkeys(FROM, _from),
}  # fmt: skip
