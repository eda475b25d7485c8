"""Dates, birth dates and moments."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import Date as SqlDate
from sqlalchemy import DateTime
from sqlalchemy.types import TypeEngine

from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.language import in_dutch

OFFICE = ZoneInfo("Europe/Amsterdam")  # what people mean by a time without an offset

DUTCH_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DUTCH_NAMES = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_ENGLISH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = {
    name.lower(): number
    for names in (DUTCH_MONTHS, ENGLISH_MONTHS, _DUTCH_NAMES, _ENGLISH_NAMES)
    for number, name in enumerate(names, 1)
} | {"sept": 9}

_DAY_FIRST = re.compile(r"([0-9]{1,2})\s?[-/. ]\s?([0-9]{1,2}|[a-z]{3,9}\.?)\s?[-/. ]\s?([0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]?([0-9]{2})[-/.]?([0-9]{2})")
_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_MIDNIGHT = re.compile(r"[t ]00:00(:00(\.0+)?)?z?$")
_CLOCK = re.compile(
    r"(?:t|,? (?:om |at )?)([0-9]{1,2})[:.]([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)? ?(z|[+-][0-9]{2}:?[0-9]{2})?$"
)


def shown_date(value: date) -> str:
    months = DUTCH_MONTHS if in_dutch() else ENGLISH_MONTHS
    return f"{value.day} {months[value.month - 1]} {value.year}"


def _read_date(text: str, latest_year: int) -> date:
    """A date in any notation with the day before the month, or ISO. Two-digit years end at `latest_year`."""
    text = _MIDNIGHT.sub("", text.lower())
    try:
        if (match := _YEAR_FIRST.fullmatch(text)) and (not text.isdigit() or _is_year_first(text)):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DIGITS.fullmatch(text) or _DAY_FIRST.fullmatch(text):
            return date(_full_year(match[3], latest_year), _month(match[2]), int(match[1]))
    except (ValueError, KeyError):
        pass
    raise Invalid(_("This is not a date. Type it like 21-11-2026: day, month, year."))


def _is_year_first(digits: str) -> bool:
    """Eight digits in a row: `19801121` is year first when it cannot be day first, as in 21111980."""
    return digits[:2] in {"18", "19", "20"} and not (digits[2:4] <= "12" and digits[4:6] in {"19", "20"})


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTH[text.rstrip(".")]


def _full_year(text: str, latest_year: int) -> int:
    if len(text) == 4:
        return int(text)
    year = latest_year - latest_year % 100 + int(text)
    return year if year <= latest_year else year - 100


@dataclass(frozen=True)
class Date(Kind):
    """A day between 1800 and 2200."""

    python_type: ClassVar[type[Any]] = date
    inputmode: ClassVar[str] = "numeric"

    def read(self, text: str) -> date:
        value = _read_date(text, date.today().year + 49)
        if not 1800 <= value.year <= 2200:
            raise Invalid(_("This date is too far away. Check the year."))
        return value

    def show(self, value: date | None) -> str:
        return "" if value is None else shown_date(value)

    def edit(self, value: date | None) -> str:
        return "" if value is None else f"{value.day:02d}-{value.month:02d}-{value.year:04d}"

    def dump(self, value: date) -> str:
        return value.isoformat()

    def load(self, text: str) -> date:
        return date.fromisoformat(text)

    def column_type(self) -> TypeEngine[Any]:
        return SqlDate()


OLDEST = 125  # years; nobody has been older


@dataclass(frozen=True)
class BirthDate(Date):
    """The birth date of an applicant. Outside 18 to 110 years it is remarked upon, but kept: families differ."""

    autocomplete: str = "bday"

    def read(self, text: str) -> date:
        value = _read_date(text, date.today().year)
        if value > date.today():
            raise Invalid(_("This birth date lies in the future. Check the year."))
        if age(value) > OLDEST:
            raise Invalid(_("Nobody is %(age)s years old. Check the year.", age=age(value)))
        return value

    def warns(self, value: Any) -> LazyString | None:
        if 18 <= age(value) <= 110:
            return None
        return _("This makes the applicant %(age)s years old. Is that right?", age=age(value))


def age(born: date, on: date | None = None) -> int:
    on = on or date.today()
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True)
class Moment(Kind):
    """A point in time, kept with its offset and shown in the time of the office; relative for two days only."""

    python_type: ClassVar[type[Any]] = datetime

    def read(self, text: str) -> datetime:
        wrong = Invalid(_("This is not a date with a time. Type it like 21-11-2026 14:30."))
        low = text.lower()
        match = _CLOCK.search(low)
        day = _read_date(low[: match.start()] if match else low, date.today().year + 49)
        if not 1800 <= day.year <= 2200:
            raise wrong
        if match is None:
            return datetime(day.year, day.month, day.day, tzinfo=OFFICE).astimezone(UTC)
        try:
            hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
            return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_zone(match[4])).astimezone(UTC)
        except ValueError:
            raise wrong from None

    def show(self, value: datetime | None) -> str:
        if value is None:
            return ""
        local = value.astimezone(OFFICE)
        clock = f"{local.hour:02d}:{local.minute:02d}"
        today = datetime.now(OFFICE).date()
        if local.date() == today:
            return f"{'vandaag' if in_dutch() else 'today'} {clock}"
        if local.date() == today - timedelta(days=1):
            return f"{'gisteren' if in_dutch() else 'yesterday'} {clock}"
        return f"{shown_date(local)} {clock}"

    def edit(self, value: datetime | None) -> str:
        """To the second; the offset only in the hour that the clock strikes twice."""
        if value is None:
            return ""
        local = value.astimezone(OFFICE)
        seconds = f":{local.second:02d}" if local.second else ""
        offset = local.strftime("%z") if local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset() else ""
        return f"{local:%d-%m}-{local.year:04d} {local:%H:%M}{seconds}{offset}"

    def dump(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat()

    def load(self, text: str) -> datetime:
        return datetime.fromisoformat(text)

    def column_type(self) -> TypeEngine[Any]:
        return DateTime(timezone=True)


def _zone(offset: str | None) -> Any:
    if offset is None:
        return OFFICE
    return UTC if offset == "z" else datetime.strptime(offset.replace(":", ""), "%z").tzinfo
