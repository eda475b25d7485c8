"""What stands in the cells of the list. Runs for every cell, so nothing here asks Babel or builds an address."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from leadcrm.core.db import now
from leadcrm.core.fields.dates import OFFICE, shown_date
from leadcrm.core.fields.facts import Facts, facts_of
from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.language import current_language, in_dutch
from leadcrm.core.fields.money import Money
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

money = Money().show
Cell = Callable[[Any, Column], Any]


def heading(column: Column) -> str:
    """The label of a column, from the facts of the field it shows."""
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


def row_cells(columns: tuple[Column, ...], usual: bool = False) -> Callable[[Any], Markup]:
    """What writes the cells of a row. Everything that is the same for all rows is worked out here, once a page."""
    plan: list[tuple[str, Cell, Column]] = [
        (str(_opening(column, usual)), CELLS.get(column.name, _plain), column) for column in columns
    ]

    def written(row: Any) -> Markup:
        cells = [f"{opening}{_safe(cell(row, column))}</td>" for opening, cell, column in plan]
        return Markup("".join(cells))  # noqa: S704  (each part is escaped one line above)

    return written


def _safe(content: Any) -> str:
    return content if type(content) is Markup else escape(content) if content else ""


def _opening(column: Column, usual: bool) -> Markup:
    classes = cell_classes(column, usual)
    shown_as = Markup(' class="{}"').format(classes) if classes else Markup("")
    label = Markup(' data-label="{}"').format(heading(column)) if not column.plain else Markup("")
    return Markup("<td{}{}>").format(shown_as, label)


def cell_classes(column: Column, usual: bool) -> str:
    classes = {"number": column.number, "on-wide": column.roomy and usual, "goal": column.name == "goal"}
    return " ".join(name for name, given in classes.items() if given)


def _value(row: Any, column: Column, number: int = 0) -> Any:
    return getattr(row, f"{column.name}_{number}")


def _plain(row: Any, column: Column) -> str:
    value = _value(row, column)
    if value is None or isinstance(value, str) and type(value) is str:
        return value or ""
    if isinstance(value, datetime):
        return shown_day(value)
    return _kind(column).show(value)


@cache
def _kind(column: Column) -> Kind:
    kind = _facts(column).kind
    if kind is None:
        raise TypeError(f"the column {column.name} needs a cell of its own")
    return kind


def _phone(row: Any, column: Column) -> str:
    return _kind(column).show(_value(row, column))


def shown_day(moment: datetime) -> str:
    """The day; today and yesterday as a word with the time."""
    local, today = moment.astimezone(OFFICE), now().astimezone(OFFICE).date()
    days = (today - local.date()).days
    if days in (0, 1):
        words = ("vandaag", "gisteren") if in_dutch() else ("today", "yesterday")
        return f"{words[days]} {local:%H:%M}"
    return shown_date(local)


def _stage(row: Any, column: Column) -> Markup:
    return stage_mark(_value(row, column), current_language())


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


def _next_action(row: Any, column: Column) -> Any:
    action, moment = _value(row, column), _value(row, column, 1)
    if moment is None:
        return action or ""
    day = shown_day(moment)
    late = "is-late" if moment < now() else ""
    under = f"{'te laat' if in_dutch() else 'overdue'}: {day}" if late else day
    return escape(action or "") + Markup('<span class="row-under {}">{}</span>').format(late, under)


def _ltv(row: Any, column: Column) -> str:
    amount, value = _value(row, column), _value(row, column, 1)
    return f"{rounded(amount * 100, value)}%" if amount and value else ""


def _masked(row: Any, column: Column) -> Any:
    sealed = _value(row, column)
    if sealed is None:
        return ""
    person = Person(company_id=row.person_company, id=row.person_id, **{column.name: sealed})
    return Markup('<span class="masked">{}</span>').format(masked(person, column.name))


CELLS: Mapping[str, Cell] = {
    "stage": _stage, "next_action": _next_action, "ltv": _ltv, "birth_date": _masked, "iban": _masked, "phone": _phone,
    "mortgage_amount": lambda row, column: money(_value(row, column)),
    "property_value": lambda row, column: money(_value(row, column)),
    "lead_cost": lambda row, column: money(_value(row, column)),
}  # fmt: skip
