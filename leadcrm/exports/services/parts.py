"""What the columns of a list become in a file: titles, and for every row plain values that a sheet can hold.

The columns are those of the list, and what is hidden there stays hidden here; yet numbers are numbers and days are
days, so that they can be calculated with.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.money import Money
from leadcrm.core.fields.people import Phone
from leadcrm.core.fields.terms import Choice
from leadcrm.core.reveal import peek_at
from leadcrm.exports.services.sheets import Sort
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.queries.lists import Column
from leadcrm.leads.services.ratios import rounded
from leadcrm.leads.views.cells import heading

Value = Callable[[Any], Any]  # of a row


@dataclass(frozen=True)
class Part:
    """One column of the file."""

    title: str
    sort: Sort
    value: Value


def parts_of(columns: Sequence[Column], revealed: bool) -> list[Part]:
    """Client and reference first, as in the list."""
    client = Part(facts_of(Lead)["household_name"].label, Sort.TEXT, lambda row: row.name)
    reference = Part(facts_of(Lead)["reference"].label, Sort.TEXT, lambda row: row.reference)
    return [client, reference, *(part for column in columns for part in _parts(column, revealed))]


def hidden_in(columns: Sequence[Column]) -> list[str]:
    """Those of the columns that are hidden unless somebody opens them."""
    return [column.name for column in columns if _is_sealed(column)]


def _is_sealed(column: Column) -> bool:
    facts = facts_of(Person).get(column.name) if column.needs == "person" else None
    return facts is not None and facts.sensitive


def _parts(column: Column, revealed: bool) -> Iterator[Part]:
    title = heading(column)
    if column.worded is not None:
        yield Part(title, Sort.TEXT, column.worded(column))
    elif column.name == "next_action":
        yield Part(title, Sort.TEXT, _of(column))
        yield Part(facts_of(Lead)["next_action_at"].label, Sort.MOMENT, _of(column, 1))
    elif column.name == "papers":
        yield Part(title, Sort.TEXT, _papers(column))
    elif column.name == "ltv":
        yield Part(f"{title} (%)", Sort.NUMBER, _ltv(column))
    elif _is_sealed(column):
        yield _sealed(column, title, revealed)
    else:
        yield _by_kind(column, title)


def _of(column: Column, number: int = 0) -> Value:
    return attrgetter(f"{column.name}_{number}")


def _by_kind(column: Column, title: str) -> Part:
    selected: Any = column.selects[0]
    value, kind = _of(column), facts_of(selected.class_)[selected.key].kind
    if isinstance(kind, Money):
        return Part(f"{title} (€)", Sort.CENTS, value)
    if isinstance(kind, Phone):
        return Part(title, Sort.TEXT, _phone(value))
    if isinstance(kind, Choice):
        labels = {member: member.label for member in kind.terms}
        return Part(title, Sort.TEXT, lambda row: labels.get(value(row)))
    wanted = selected.type.python_type
    if wanted is datetime:
        return Part(title, Sort.MOMENT, value)
    return Part(title, Sort.NUMBER if wanted is int else Sort.TEXT, value)


def _phone(value: Value) -> Value:
    """As people dial it, and never beginning with a plus: a spreadsheet would take that for a sum."""
    show = Phone().show

    def dialled(row: Any) -> str | None:
        number = value(row)
        return None if number is None else show(number).replace("+", "00", 1)

    return dialled


def _papers(column: Column) -> Value:
    """Not 7/9, which a spreadsheet takes for a day in September."""
    have_of, need_of = _of(column), _of(column, 1)
    said = _("%(have)s of %(need)s", have="%s", need="%s")

    def shown(row: Any) -> str | None:
        return said % (have_of(row), need_of(row)) if need_of(row) else None

    return shown


def _ltv(column: Column) -> Value:
    amount_of, worth_of = _of(column), _of(column, 1)

    def percentage(row: Any) -> Any:
        amount, worth = amount_of(row), worth_of(row)
        return rounded(amount * 100, worth) if amount and worth else None

    return percentage


def _sealed(column: Column, title: str, revealed: bool) -> Part:
    """Masked as in the list; opened when somebody who may asked for it, which making.py writes down."""
    sealed_of, kind = _of(column), facts_of(Person)[column.name].fillable

    def opened(row: Any) -> Any:
        sealed = sealed_of(row)
        if sealed is None:
            return None
        return peek_at(Person, column.name, row.person_company, row.person_id, sealed)

    if not revealed:
        return Part(title, Sort.TEXT, lambda row: kind.mask(opened(row)))
    if column.name == "birth_date":
        return Part(title, Sort.DAY, opened)
    return Part(title, Sort.TEXT, lambda row: kind.show(opened(row)))
