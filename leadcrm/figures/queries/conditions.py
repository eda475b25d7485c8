"""What a figure counts, as a condition on leads. The list behind a figure narrows by the very same expression."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from leadcrm.core.fields.terms import Terms
from leadcrm.figures.services.chances import Outlook
from leadcrm.figures.services.periods import Days, midnight, months_ahead
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED, Stage, rank_of

MONTHS = 12  # that are looked ahead; what comes later is one heap
URGENT_DAYS = 3


class Speed(Terms):
    """How long it took until somebody was in touch."""

    FIVE = "5", "Binnen 5 minuten", "Within 5 minutes"
    HALF_HOUR = "30", "Binnen 30 minuten", "Within 30 minutes"
    DAY = "24", "Binnen 24 uur", "Within 24 hours"
    LATER = "later", "Na 24 uur", "After 24 hours"
    NEVER = "none", "Nog geen contact", "No contact yet"


class Returning(Terms):
    """Whether the supplier still takes a lead back."""

    OPEN = "open", "Retour kan nog", "Can still be returned"
    URGENT = "urgent", "Retour: nog 3 dagen", "Return: 3 days left"


WITHIN: Mapping[Speed, timedelta] = {
    Speed.FIVE: timedelta(minutes=5),
    Speed.HALF_HOUR: timedelta(minutes=30),
    Speed.DAY: timedelta(hours=24),
}


def came_in(days: Days) -> ColumnElement[bool]:
    return and_(Lead.created_at >= days.since, Lead.created_at < days.until)


def has_reached(stage: Stage) -> ColumnElement[bool]:
    """It stood in this stage or further, however it ended."""
    return Lead.reached >= rank_of(stage)


def contacted(speed: Speed) -> ColumnElement[bool]:
    if speed == Speed.NEVER:
        return Lead.first_contact_at.is_(None)
    if speed == Speed.LATER:
        return Lead.first_contact_at > Lead.created_at + WITHIN[Speed.DAY]
    return Lead.first_contact_at <= Lead.created_at + WITHIN[speed]


def returnable(returning: Returning, at: datetime) -> ColumnElement[bool]:
    """Bought, still open, and its deadline has not passed."""
    still = and_(Lead.return_deadline > at, Lead.stage.not_in(CLOSED))
    if returning == Returning.OPEN:
        return still
    return and_(still, Lead.return_deadline <= at + timedelta(days=URGENT_DAYS))


def boundaries(on: date) -> list[datetime]:
    """Where the second month begins, and each after it; beyond the last is later."""
    return [midnight(first) for first in months_ahead(on, MONTHS + 1)[1:]]


def expected_in(number: int, outlooks: Mapping[Stage, Outlook], on: date) -> ColumnElement[bool]:
    """Leads that may end in a mortgage in a month, counted from this one (0: or should have by now)."""
    edges = boundaries(on)
    return or_(*(_in_stage(number, stage, outlook, edges) for stage, outlook in outlooks.items()))


def _in_stage(number: int, stage: Stage, outlook: Outlook, edges: list[datetime]) -> ColumnElement[bool]:
    lasts = timedelta(days=outlook.days)
    bounds = [Lead.stage == stage]
    if number > 0:
        bounds.append(Lead.stage_since >= edges[number - 1] - lasts)
    if number < MONTHS:
        bounds.append(Lead.stage_since < edges[number] - lasts)
    return and_(*bounds)
