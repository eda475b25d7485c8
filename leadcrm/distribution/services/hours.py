"""Working time: an agent's week, days away and Dutch public holidays, on the clock of the office."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from leadcrm.core.fields.dates import OFFICE

WEEK: Mapping[str, Sequence[str]] = {str(day): ("09:00", "17:30") for day in range(5)}  # when nobody says otherwise
LAST_MINUTE = time(23, 59)  # nothing later can be filled in: it stands for the end of the day
FARTHEST_DAYS = 90  # nobody's hours begin later than this


@lru_cache(maxsize=32)
def public_holidays(year: int) -> Mapping[date, str]:
    """With their Dutch names."""
    return dict(sorted(holidays.country_holidays("NL", years=year, language="nl").items()))


def is_holiday(day: date) -> bool:
    return day in public_holidays(day.year)


@dataclass(frozen=True)
class Hours:
    """When somebody works. `away`: first and last day of each absence."""

    week: Mapping[str, Sequence[str]] = field(default_factory=lambda: WEEK)
    works_holidays: bool = False
    away: tuple[tuple[date, date], ...] = ()

    def is_away(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.away)

    def is_free(self, day: date) -> bool:
        """A public holiday that is one for this person."""
        return not self.works_holidays and is_holiday(day)

    def of_day(self, day: date) -> tuple[datetime, datetime] | None:
        """From when until when, that day."""
        times = self.week.get(str(day.weekday()))
        if not times or self.is_away(day) or self.is_free(day):
            return None
        begins, ends = (time.fromisoformat(each) for each in times)
        until = datetime.combine(day, ends, OFFICE)
        if ends == LAST_MINUTE:
            until = datetime.combine(day + timedelta(days=1), time.min, OFFICE)
        return datetime.combine(day, begins, OFFICE), until

    def is_working(self, moment: datetime) -> bool:
        hours = self.of_day(moment.astimezone(OFFICE).date())
        return hours is not None and hours[0] <= moment < hours[1]

    def stretches(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time from a moment on, on the absolute clock: the night of the clock change counts as it lasts."""
        first = after.astimezone(OFFICE).date()
        for number in range(FARTHEST_DAYS):
            hours = self.of_day(first + timedelta(days=number))
            if hours is not None and hours[1] > after:
                yield max(hours[0].astimezone(UTC), after.astimezone(UTC)), hours[1].astimezone(UTC)

    def begins(self, after: datetime) -> datetime | None:
        """The next moment at which this person works; None when that is very far away."""
        return next((begins for begins, _ends in self.stretches(after)), None)

    def due(self, after: datetime, minutes: int) -> datetime | None:
        """The moment at which so many minutes of working time have passed."""
        left = timedelta(minutes=minutes)
        for begins, ends in self.stretches(after):
            if begins + left <= ends:
                return begins + left
            left -= ends - begins
        return None


def day_begins(moment: datetime) -> datetime:
    """Midnight of the office before a moment: from then a day's leads are counted."""
    return datetime.combine(moment.astimezone(OFFICE).date(), time(), OFFICE).astimezone(UTC)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)
