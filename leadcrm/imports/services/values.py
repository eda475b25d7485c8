"""Reading one cell: what counts as empty, numbers in the notation of the file, amounts in thousands or a month."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _

from leadcrm.core.fields.kinds import Invalid, Kind, tidy
from leadcrm.core.fields.money import Money, Percentage, Whole, Year
from leadcrm.core.fields.places import HouseNumber
from leadcrm.core.fields.terms import Choice
from leadcrm.imports.services.synonyms import EMPTY, values_of

Reader = Callable[[str], Any]

REMEMBERED = 5_000  # cells of a column repeat themselves
_PLAIN = {
    ".": re.compile(r"(-?)[€$]? ?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(e[+-]?\d{1,2})?"),
    ",": re.compile(r"(-?)€? ?(\d{1,3}(?:\.\d{3})+|\d+)(,\d+)?(e[+-]?\d{1,2})?"),
}
_SEPARATORS = str.maketrans("", "", ".,")
_CENT = Decimal("0.01")


def is_empty(cell: str) -> bool:
    return not cell or (len(cell) <= 8 and cell.strip().lower() in EMPTY)


def times_for(kind: Kind) -> tuple[int, ...]:
    """By what the numbers of a column may be multiplied; 12 makes months of years, or years of months' pay."""
    if isinstance(kind, Money):
        return 1, 12, 1_000, 12_000
    if isinstance(kind, Percentage):
        return 1, 100
    if isinstance(kind, Whole) and kind.unit_en == "months":
        return 1, 12
    return (1,)


def reader(kind: Kind, decimal: str, times: int = 1, words: Mapping[str, str] | None = None) -> Reader:
    """A fast reader of one column's cells. Cells that it has seen are not read again."""
    read = _translated(_plain_reader(kind, decimal, times), words or {})
    known: dict[str, Any] = {}

    def remembered(cell: str) -> Any:
        if cell in known:
            value = known[cell]
        else:
            value = _outcome(read, cell)
            if len(known) < REMEMBERED:
                known[cell] = value
        if type(value) is Invalid:
            raise value
        return value

    return remembered


def _outcome(read: Reader, cell: str) -> Any:
    try:
        return read(cell)
    except Invalid as problem:
        return Invalid(problem.message)  # without its traceback, which would keep the frames alive


def _translated(read: Reader, words: Mapping[str, str]) -> Reader:
    if not words:
        return read
    return lambda cell: read(words.get(cell.strip().casefold(), cell))


def _plain_reader(kind: Kind, decimal: str, times: int) -> Reader:
    if isinstance(kind, Money):
        return _number_reader(kind, decimal, times, places=2)
    if isinstance(kind, Percentage):
        return _number_reader(kind, decimal, times, places=4)
    if isinstance(kind, Whole) and not isinstance(kind, Year | HouseNumber):
        return _number_reader(kind, decimal, times, places=0)
    if isinstance(kind, Choice):
        return _choice_reader(kind)
    return lambda cell: None if is_empty(cell) else kind.parse(cell)


def _choice_reader(kind: Choice) -> Reader:
    known = values_of(kind.terms)

    def read(cell: str) -> Any:
        text = tidy(cell)
        try:
            return kind.parse(text)
        except Invalid:
            if text.casefold() in known:
                return known[text.casefold()]
            if is_empty(text):
                return None
            raise

    return read


def _number_reader(kind: Kind, decimal: str, times: int, places: int) -> Reader:
    """Cells in the file's own notation are made unmistakable first: `1.234` is 1234 in one file and 1,23 in another."""
    plain = _PLAIN[decimal]

    def read(cell: str) -> Any:
        if is_empty(cell):
            return None
        text = tidy(cell)
        match = plain.fullmatch(text.lower().removesuffix("%").rstrip())
        if match is None:
            if times == 1:
                return kind.parse(text)
            raise Invalid(_("This is not a plain number, so it cannot be multiplied. Use digits only."))
        return kind.parse(_exact(match, times, places))

    return read


def _exact(match: re.Match[str], times: int, places: int) -> str:
    minus, whole, fraction, exponent = match.groups("")
    digits = whole.translate(_SEPARATORS)
    if not fraction and not exponent and times == 1:
        return minus + digits
    try:
        number = Decimal(f"{minus}{digits}{fraction.replace(',', '.')}{exponent}") * times
        if places == 2:
            return str(number.quantize(_CENT, ROUND_HALF_UP))
        return format(number.normalize(), "f")
    except InvalidOperation:
        raise Invalid(_("This number is too large.")) from None
