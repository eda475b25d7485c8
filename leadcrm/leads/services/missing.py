"""What an adviser still has to ask before the figures mean something."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from leadcrm.leads.models.income import Income
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import BuildType, Known


@dataclass(frozen=True)
class Gap:
    """Something unknown, and the section where it is filled in."""

    section: str
    text: LazyString


def gaps(persons: Sequence[Person], incomes: Sequence[Income], home: Any, wish: Any) -> Iterator[Gap]:
    yield from _about_persons(persons, incomes)
    yield from _about_home(home, wish)
    if wish is None or wish.mortgage_amount is None:
        yield Gap("wish", _("the mortgage amount"))


def _about_persons(persons: Sequence[Person], incomes: Sequence[Income]) -> Iterator[Gap]:
    with_income = {income.person_id for income in incomes}
    for person in persons:
        number = person.position
        if person.birth_date is None:
            yield Gap("person", _("the birth date of applicant %(number)s", number=number))
        if not person.phone and not person.email:
            yield Gap("person", _("a telephone number or e-mail address of applicant %(number)s", number=number))
        if person.id not in with_income:
            yield Gap("income", _("the income of applicant %(number)s", number=number))


def _about_home(home: Any, wish: Any) -> Iterator[Gap]:
    if home is None or home.market_value is None:
        yield Gap("property", _("the market value of the home"))
    nhg = wish is not None and wish.nhg_wanted == Known.YES
    if nhg and home is not None and home.build_type == BuildType.EXISTING and home.overdue_maintenance is None:
        yield Gap("property", _("overdue maintenance (needed with NHG and existing build)"))
