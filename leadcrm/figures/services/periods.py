"""Which days figures are about, and which days they are compared with. Days are those of the office."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.fields.terms import Terms

LONGEST_DAYS = 3 * 366


class Span(Terms):
    """What can be chosen."""

    MONTH = "month", "Deze maand", "This month"
    LAST_MONTH = "last_month", "Vorige maand", "Last month"
    QUARTER = "quarter", "Dit kwartaal", "This quarter"
    YEAR = "year", "Dit jaar", "This year"
    OWN = "own", "Eigen datums", "Own dates"


@dataclass(frozen=True)
class Days:
    """From the first day up to and including the last."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        """The moment after the last day."""
        return midnight(self.last + timedelta(days=1))

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Period:
    """What is looked at, and the days before it. Of a period that still runs, as many days: like with like."""

    span: Span
    days: Days
    before: Days

    @property
    def key(self) -> str:
        return f"{self.days.first:%Y%m%d}-{self.days.last:%Y%m%d}"


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE)


def today() -> date:
    return datetime.now(OFFICE).date()


def period_of(span: Span, on: date, own: Days | None = None) -> Period:
    """The period around a day; `own` are the days that somebody typed."""
    match span:
        case Span.LAST_MONTH:
            last = on.replace(day=1) - timedelta(days=1)
            return Period(span, whole_month(last), whole_month(last.replace(day=1) - timedelta(days=1)))
        case Span.QUARTER:
            return _so_far(span, _months_back(on, (on.month - 1) % 3), on, 3)
        case Span.YEAR:
            return _so_far(span, on.replace(month=1, day=1), on, 12)
        case Span.OWN if own is not None:
            return Period(span, own, Days(own.first - timedelta(days=own.count), own.first - timedelta(days=1)))
        case _:
            return _so_far(Span.MONTH, on.replace(day=1), on, 1)


def whole_month(day: date) -> Days:
    return Days(day.replace(day=1), _months_back(day, -1) - timedelta(days=1))


def _months_back(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _so_far(span: Span, first: date, on: date, months: int) -> Period:
    """Until today; compared with the first days, as many, of the one before."""
    before = _months_back(first, months)
    as_far = min(before + (on - first), first - timedelta(days=1))
    return Period(span, Days(first, on), Days(before, as_far))


def months_ahead(on: date, count: int) -> list[date]:
    """The first days of this month and those after it."""
    return [_months_back(on, -number) for number in range(count)]
