"""Amounts and numbers: whole cents, basis points, whole numbers and years."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, Integer
from sqlalchemy.types import TypeEngine

from leadcrm.core.fields.kinds import HIDDEN, Invalid, Kind
from leadcrm.core.fields.language import in_dutch

MOST_CENTS = 10**12 - 1  # twelve digits, as in the exchange format of the trade

_DUTCH = re.compile(r"(\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,(\d+))?")
_ENGLISH = re.compile(r"(\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?")
_SPACED = re.compile(r"([1-9]\d{0,2}(?:[ ']\d{3})+)(?:[.,](\d{1,2}))?")
_ENGLISH_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
_CURRENCY = re.compile(r"^(-?)\s*(?:€|eur\.?|euro)?\s*(-?)\s*(.*?)\s*(?:€|eur\.?|euro)?$")
_NO_CENTS = re.compile(r"[.,]\s?(?:-{1,2}|–|—|=)$")
_MULTIPLE = re.compile(r"\s?(k|ton|mln\.?|miljoen|million)$")
_MULTIPLES = {"k": 1_000, "ton": 100_000} | dict.fromkeys(("mln", "mln.", "miljoen", "million"), 1_000_000)
_SEPARATORS = str.maketrans("", "", ".,' ")


def _whole_and_decimals(text: str) -> tuple[str, str] | None:
    """Digits before and after the decimal sign in Dutch notation, else in English; `1.234` is Dutch, so 1234."""
    if _ENGLISH_THOUSANDS.fullmatch(text):
        return text.replace(",", ""), ""
    for pattern in (_DUTCH, _ENGLISH, _SPACED):
        if match := pattern.fullmatch(text):
            return match[1].translate(_SEPARATORS), match[2] or ""
    return None


def _scaled(whole: str, decimals: str, places: int) -> int | None:
    """The number without its decimal sign; None when it has more decimals than fit, zeros aside."""
    kept, rest = decimals[:places].ljust(places, "0"), decimals[places:]
    return int(whole + kept) if len(whole) <= 18 and not rest.strip("0") else None


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".") if in_dutch() else f"{number:,}"


@dataclass(frozen=True)
class Money(Kind):
    """Euros as whole cents, read from every notation people type: `€ 325.000`, `325,000.50`, `1.250,-`, `325k`."""

    nonnegative: bool = True

    python_type: ClassVar[type[Any]] = int
    inputmode: ClassVar[str] = "decimal"

    @property
    def unit(self) -> str:
        return "€"

    def read(self, text: str) -> int:
        cents = int(text) * 100 if len(text) < 12 and text.isascii() and text.isdigit() else _cents(text)
        if abs(cents) > MOST_CENTS:
            raise Invalid(_("This amount is too large. Check the number of zeros."))
        if cents < 0 and self.nonnegative:
            raise Invalid(_("This amount cannot be below zero. Leave out the minus sign."))
        return cents

    def show(self, value: int | None) -> str:
        if value is None:
            return ""
        euros, cents = divmod(abs(value), 100)
        dutch = in_dutch()
        shown = _grouped(euros) + (f"{',' if dutch else '.'}{cents:02d}" if cents else "")
        sign = "-" if value < 0 else ""
        return f"€ {sign}{shown}" if dutch else f"{sign}€{shown}"

    def edit(self, value: int | None) -> str:
        """As shown, without the currency: it stands inside the input already."""
        return "" if value is None else self.show(value).replace("€", "").strip()

    def dump(self, value: int) -> str:
        return str(value)

    def load(self, text: str) -> int:
        return int(text)

    def mask(self, value: int | None) -> str:
        return "" if value is None else f"€ {HIDDEN}"

    def column_type(self) -> TypeEngine[Any]:
        return BigInteger()


def _cents(text: str) -> int:
    match = _CURRENCY.fullmatch(text.lower().replace("−", "-"))
    minus, amount = (bool(match[1] or match[2]), match[3]) if match else (False, text)
    amount = _NO_CENTS.sub("", amount)
    times = 1
    if suffix := _MULTIPLE.search(amount):
        times, amount = _MULTIPLES[suffix[1]], amount[: suffix.start()]
    cents = _read_cents(amount, times)
    if cents is None:
        raise Invalid(_("This is not an amount. Type it like 325.000 or 1.250,50."))
    return -cents if minus else cents


def _read_cents(amount: str, times: int) -> int | None:
    parts = _whole_and_decimals(amount) if amount.isascii() else None
    if parts is None:
        return None
    if times == 1:
        return _scaled(*parts, places=2)
    thousandths = _scaled(*parts, places=3)
    return None if thousandths is None else thousandths * times // 10


@dataclass(frozen=True)
class Percentage(Kind):
    """A percentage as basis points: 4,25% is 425. Further decimals are rounded, half up."""

    maximum: int = 10_000

    python_type: ClassVar[type[Any]] = int
    inputmode: ClassVar[str] = "decimal"

    @property
    def unit(self) -> str:
        return "%"

    def read(self, text: str) -> int:
        points = _points(text.removesuffix("%").rstrip().replace(",", "."))
        if points is None:
            raise Invalid(_("This is not a percentage. Type it like 4,25."))
        if points > self.maximum:
            raise Invalid(_("This percentage is too high: at most %(most)s%%.", most=self.maximum // 100))
        return points

    def show(self, value: int | None) -> str:
        return "" if value is None else f"{self.edit(value)}%"

    def edit(self, value: int | None) -> str:
        if value is None:
            return ""
        whole, points = divmod(value, 100)
        decimals = f"{points:02d}".rstrip("0")
        return f"{whole}{',' if in_dutch() else '.'}{decimals}" if decimals else str(whole)

    def dump(self, value: int) -> str:
        return str(value)

    def load(self, text: str) -> int:
        return int(text)

    def column_type(self) -> TypeEngine[Any]:
        return Integer()


_DECIMAL = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,12}))?")


def _points(text: str) -> int | None:
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    decimals = (match[2] or "").ljust(3, "0")
    return int(match[1]) * 100 + int(decimals[:2]) + (decimals[2] >= "5")


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number between two bounds, both included."""

    minimum: int = 0
    maximum: int = 2_147_483_647
    unit_nl: str = ""
    unit_en: str = ""

    python_type: ClassVar[type[Any]] = int
    inputmode: ClassVar[str] = "numeric"

    @property
    def unit(self) -> str:
        return self.unit_nl if in_dutch() else self.unit_en

    def read(self, text: str) -> int:
        number = _whole(text)
        if number is None:
            raise Invalid(_("This is not a whole number. Use digits only."))
        if not self.minimum <= number <= self.maximum:
            raise Invalid(_("Use a number from %(low)s to %(high)s.", low=self.minimum, high=self.maximum))
        return number

    def show(self, value: int | None) -> str:
        return "" if value is None else _grouped(value)

    def edit(self, value: int | None) -> str:
        return "" if value is None else str(value)

    def load(self, text: str) -> int:
        return int(text)

    def column_type(self) -> TypeEngine[Any]:
        small = self.minimum >= -(2**31) and self.maximum < 2**31
        return Integer() if small else BigInteger()


def _whole(text: str) -> int | None:
    if len(text) > 30 or not text.isascii():
        return None
    minus, digits = text.startswith("-"), text.removeprefix("-")
    parts = (digits, "") if digits.isdigit() else _whole_and_decimals(digits)
    number = None if parts is None else _scaled(*parts, places=0)
    return -number if minus and number is not None else number


@dataclass(frozen=True)
class Year(Whole):
    """A year in full, without thousands sign. `ahead` is how many years after this one are allowed."""

    minimum: int = 1800
    ahead: int = 50

    def read(self, text: str) -> int:
        latest = date.today().year + self.ahead
        if not (len(text) == 4 and text.isascii() and text.isdigit() and self.minimum <= int(text) <= latest):
            raise Invalid(_("Type a year in four digits, from %(low)s to %(high)s.", low=self.minimum, high=latest))
        return int(text)

    def show(self, value: int | None) -> str:
        return "" if value is None else str(value)
