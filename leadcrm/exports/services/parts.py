"""What the columns of a list become in a file: titles, and for every row plain values that a sheet can hold.

The columns are those of the list, and what is hidden there stays hidden here; yet numbers are numbers and days are
days, so that they can be calculated with.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.kinds import HIDDEN, Kind
from leadcrm.core.fields.money import Money
from leadcrm.core.fields.people import Phone
from leadcrm.core.fields.terms import Choice
from leadcrm.core.reveal import opener_of
from leadcrm.exports.services.sheets import Sort, Stretch
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.queries.lists import Column
from leadcrm.leads.services.ratios import rounded
from leadcrm.leads.views.cells import heading


@dataclass(frozen=True)
class Read:
    """Some rows of the list, and what was selected by name: a value for every row."""

    rows: Sequence[Any]
    by_name: Mapping[str, Sequence[Any]]


Values = Callable[[Read], Iterable[Any]]  # a value for every row


@dataclass(frozen=True)
class Part:
    """One column of the file."""

    title: str
    sort: Sort
    values: Values


def stretch_of(rows: Sequence[Any], parts: Sequence[Part]) -> Stretch:
    """By column, not by row: what is the same for a whole column is looked up once."""
    if not rows:
        return ()
    read = Read(rows, dict(zip(rows[0]._fields, zip(*rows, strict=True), strict=True)))
    return [list(part.values(read)) for part in parts]


def parts_of(columns: Sequence[Column], revealed: bool) -> list[Part]:
    """Client and reference first, as in the list."""
    client = Part(facts_of(Lead)["household_name"].label, Sort.TEXT, _named("name"))
    reference = Part(facts_of(Lead)["reference"].label, Sort.TEXT, _named("reference"))
    return [client, reference, *(part for column in columns for part in _parts(column, revealed))]


def is_hidden(column: Column) -> bool:
    """Masked, unless somebody who may opens it."""
    facts = facts_of(Person).get(column.name) if column.needs == "person" else None
    return column.opened is not None or (facts is not None and facts.sensitive)


def hidden_in(columns: Sequence[Column]) -> list[str]:
    """What the trail calls those of the columns that are hidden. A field of the company's own has but its label."""
    return [column.label or column.name for column in columns if is_hidden(column)]


def _parts(column: Column, revealed: bool) -> Iterator[Part]:
    title = heading(column)
    if column.worded is not None:
        yield Part(title, Sort.TEXT, _worded(column, revealed))
    elif column.name == "next_action":
        yield Part(title, Sort.TEXT, _of(column))
        yield Part(facts_of(Lead)["next_action_at"].label, Sort.MOMENT, _of(column, 1))
    elif column.name == "papers":
        yield Part(title, Sort.TEXT, _papers(column))
    elif column.name == "ltv":
        yield Part(f"{title} (%)", Sort.NUMBER, _ltv(column))
    elif is_hidden(column):
        yield _sealed(column, title, revealed)
    else:
        yield _by_kind(column, title)


def _named(name: str) -> Values:
    return lambda read: read.by_name[name]


def _of(column: Column, number: int = 0) -> Values:
    return _named(f"{column.name}_{number}")


def _worded(column: Column, revealed: bool) -> Values:
    """Of a plugin, which writes row by row."""
    words = column.opened if revealed and column.opened is not None else column.worded
    if words is None:
        raise TypeError(f"the column {column.name} has no words")
    said = words(column)
    return lambda read: map(said, read.rows)


def _by_kind(column: Column, title: str) -> Part:
    selected: Any = column.selects[0]
    values, kind = _of(column), facts_of(selected.class_)[selected.key].kind
    if isinstance(kind, Money):
        return Part(f"{title} (€)", Sort.CENTS, values)
    if isinstance(kind, Phone):
        return Part(title, Sort.TEXT, lambda read: map(_dialled, values(read)))
    if isinstance(kind, Choice):
        labels = {member: member.label for member in kind.terms}
        return Part(title, Sort.TEXT, lambda read: map(labels.get, values(read)))
    wanted = selected.type.python_type
    if wanted is datetime:
        return Part(title, Sort.MOMENT, values)
    return Part(title, Sort.NUMBER if wanted is int else Sort.TEXT, values)


_phone = Phone()


def _dialled(number: str | None) -> str | None:
    """As people dial it, and never beginning with a plus: a spreadsheet would take that for a sum."""
    return None if number is None else _phone.show(number).replace("+", "00", 1)


def _papers(column: Column) -> Values:
    """Not 7/9, which a spreadsheet takes for a day in September."""
    said = _("%(have)s of %(need)s", have="%s", need="%s")

    def shown(have: int, need: int) -> str | None:
        return said % (have, need) if need else None

    return _of_both(column, shown)


def _ltv(column: Column) -> Values:
    def percentage(amount: int | None, worth: int | None) -> int | None:
        return rounded(amount * 100, worth) if amount and worth else None

    return _of_both(column, percentage)


def _of_both(column: Column, made: Callable[[Any, Any], Any]) -> Values:
    first, second = _of(column), _of(column, 1)
    return lambda read: map(made, first(read), second(read))


def _sealed(column: Column, title: str, revealed: bool) -> Part:
    """Masked as in the list; opened when somebody who may asked for it, which making.py writes down."""
    kind, sealed = facts_of(Person)[column.name].fillable, _of(column)
    if not revealed and type(kind).mask is Kind.mask:  # it says nothing of a value, which need not be opened then
        return Part(title, Sort.TEXT, lambda read: ["" if box is None else HIDDEN for box in sealed(read)])
    opened = opener_of(Person, column.name)

    def values(read: Read) -> Iterable[Any]:
        return map(opened, read.by_name["person_company"], read.by_name["person_id"], sealed(read))

    if not revealed:
        return Part(title, Sort.TEXT, lambda read: map(kind.mask, values(read)))
    if column.name == "birth_date":
        return Part(title, Sort.DAY, values)
    return Part(title, Sort.TEXT, lambda read: map(kind.show, values(read)))
