"""What stands in the cells of the list. Runs for every cell, so nothing here asks Babel or builds an address."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from markupsafe import Markup, escape

from leadcrm.core.db import now
from leadcrm.core.fields.dates import OFFICE, shown_date
from leadcrm.core.fields.facts import Facts, facts_of
from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.language import current_language, in_dutch
from leadcrm.core.fields.money import Money
from leadcrm.core.patterns import escaped
from leadcrm.core.reveal import masked
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import CLOSED, Stage
from leadcrm.leads.queries.lists import Column
from leadcrm.leads.services.ratios import rounded

NAMED_ON_THE_LEAD = {"owner": "owner_id", "source": "source_id", "label": "label_id", "supplier": "supplier_id"}
DONE = frozenset({Stage.FINAL_APPROVAL, Stage.PAID_OUT, Stage.IN_SERVICE})
UNTOUCHED = frozenset({Stage.NEW, Stage.NO_SHOW})

SEALED = frozenset({"birth_date", "iban"})

money = Money().show
Cell = Callable[[Any], Any]  # of a row: text, or markup


def heading(column: Column) -> str:
    """The label of a column: what its plugin says, or from the facts of the field it shows."""
    if column.label:
        return column.label
    if column.name == "ltv":
        return "LTV"
    return _facts(column).label


def _facts(column: Column) -> Facts:
    if column.name in NAMED_ON_THE_LEAD:
        return facts_of(Lead)[NAMED_ON_THE_LEAD[column.name]]
    if column.name == "mortgage_amount":
        return facts_of(LoanPart)["amount"]  # the shorter word: it stands above figures
    first: Any = column.selects[0]
    return facts_of(first.class_)[first.key]


def row_cells(columns: tuple[Column, ...], usual: bool, moment: datetime) -> Callable[[Any], Markup]:
    """What writes the cells of a row. Everything that is the same for all rows is worked out here, once a page."""
    words = DayWords(moment)
    openings = _openings(columns, usual, current_language())
    plan = [(opening, _cell_of(column, words)) for opening, column in zip(openings, columns, strict=True)]

    def written(row: Any) -> Markup:
        return Markup("".join([f"{opening}{escaped(cell(row))}</td>" for opening, cell in plan]))  # noqa: S704  (escaped)

    return written


def _cell_of(column: Column, words: "DayWords") -> Cell:
    return column.cell(column) if column.cell else CELLS.get(column.name, _plain)(column, words)


@lru_cache(maxsize=256)
def _openings(columns: tuple[Column, ...], usual: bool, _language: str) -> tuple[str, ...]:
    """How the cells of a row begin; the language is part of the key of the cache."""
    return tuple(str(_opening(column, usual)) for column in columns)


def _opening(column: Column, usual: bool) -> Markup:
    classes = cell_classes(column, usual)
    shown_as = Markup(' class="{}"').format(classes) if classes else Markup("")
    label = Markup(' data-label="{}"').format(heading(column)) if not column.plain else Markup("")
    return Markup("<td{}{}>").format(shown_as, label)


def cell_classes(column: Column, usual: bool) -> str:
    classes = {"number": column.number, "on-wide": column.roomy and usual, "goal": column.name == "goal"}
    return " ".join(name for name, given in classes.items() if given)


def _value(column: Column, number: int = 0) -> Callable[[Any], Any]:
    return attrgetter(f"{column.name}_{number}")


def _plain(column: Column, words: "DayWords") -> Cell:
    value_of = _value(column)

    def shown(row: Any) -> str:
        value = value_of(row)
        if value is None or type(value) is str:
            return value or ""
        return words.day(value) if isinstance(value, datetime) else _kind(column).show(value)

    return shown


@cache
def _kind(column: Column) -> Kind:
    kind = _facts(column).kind
    if kind is None:
        raise TypeError(f"the column {column.name} needs a cell of its own")
    return kind


def _by_kind(column: Column, _words: "DayWords") -> Cell:
    value_of, kind = _value(column), _kind(column)
    return lambda row: kind.show(value_of(row))


def day_of(moment: datetime) -> date:
    """The day it is at the office."""
    return moment.astimezone(OFFICE).date()


class DayWords:
    """Days as people say them; today and yesterday as a word with the time."""

    def __init__(self, moment: datetime):
        self.now, self.today = moment, day_of(moment)
        self.recent = ("vandaag", "gisteren") if in_dutch() else ("today", "yesterday")
        self.late = "te laat" if in_dutch() else "overdue"

    def day(self, moment: datetime) -> str:
        local = moment.astimezone(OFFICE)
        days = (self.today - local.date()).days
        return f"{self.recent[days]} {local:%H:%M}" if days in (0, 1) else shown_date(local)


def shown_day(moment: datetime) -> str:
    return DayWords(now()).day(moment)


def _stage(column: Column, _words: DayWords) -> Cell:
    value_of, language = _value(column), current_language()
    return lambda row: stage_mark(value_of(row), language)


@cache
def stage_mark(stage: Stage, _language: str) -> Markup:
    """The word of a stage with its colour; the language is part of the key of the cache."""
    return Markup('<span class="state {}">{}</span>').format(stage_tone(stage), stage.label)


def stage_tone(stage: Stage) -> str:
    if stage in CLOSED:
        return "state-closed"
    if stage in UNTOUCHED:
        return "state-warning"
    return "state-success" if stage in DONE else "state-accent"


def _next_action(column: Column, words: DayWords) -> Cell:
    action_of, moment_of = _value(column), _value(column, 1)

    def shown(row: Any) -> Any:
        action, moment = action_of(row) or "", moment_of(row)
        if moment is None:
            return action
        late, day = moment < words.now, words.day(moment)
        under = f'is-late">{words.late}: {day}' if late else f'">{day}'
        return Markup(f'{escape(action)}<span class="row-under {under}</span>')  # noqa: S704  (the rest is ours)

    return shown


def _ltv(column: Column, _words: DayWords) -> Cell:
    amount_of, worth_of = _value(column), _value(column, 1)

    def shown(row: Any) -> str:
        amount, worth = amount_of(row), worth_of(row)
        return f"{rounded(amount * 100, worth)}%" if amount and worth else ""

    return shown


def _masked(column: Column, _words: DayWords) -> Cell:
    sealed_of = _value(column)

    def shown(row: Any) -> Any:
        sealed = sealed_of(row)
        if sealed is None:
            return ""
        person = Person(company_id=row.person_company, id=row.person_id, **{column.name: sealed})
        return Markup('<span class="masked">{}</span>').format(masked(person, column.name))

    return shown


def _papers(column: Column, _words: DayWords) -> Cell:
    """`7/9`: of so many documents so many are in; marked when nothing is missing."""
    have_of, need_of = _value(column), _value(column, 1)

    def shown(row: Any) -> Any:
        have, need = have_of(row), need_of(row)
        if not need:
            return ""
        return f"{have}/{need}" if have < need else Markup(f'<span class="state state-success">{have}/{need}</span>')  # noqa: S704  (figures)

    return shown


def _money(column: Column, _words: DayWords) -> Cell:
    value_of = _value(column)
    return lambda row: money(value_of(row))


CELLS: Mapping[str, Callable[[Column, DayWords], Cell]] = {
    "stage": _stage, "next_action": _next_action, "ltv": _ltv,
    "phone": _by_kind, "papers": _papers, "mortgage_amount": _money, "property_value": _money, "lead_cost": _money,
} | dict.fromkeys(SEALED, _masked)  # fmt: skip
