"""The calendar: a week by the hour, a month by the day; on a telephone both are a list."""

from datetime import date, timedelta
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.fields.dates import OFFICE, Date
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.language import in_dutch
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.followup.permissions import Followup
from leadcrm.followup.queries import work
from leadcrm.followup.services import days, feeds
from leadcrm.followup.services.days import DayColumn, Period
from leadcrm.followup.views.parts import chosen, clock
from leadcrm.followup.views.routes import bp

DUTCH_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DUTCH_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day_name(day: date) -> str:
    return (DUTCH_DAYS if in_dutch() else ENGLISH_DAYS)[day.weekday()]


def month_name(day: date) -> str:
    return f"{(DUTCH_MONTHS if in_dutch() else ENGLISH_MONTHS)[day.month - 1]} {day.year}"


@bp.get("/calendar", permission=Followup.USE)
def calendar() -> ResponseReturnValue:
    viewer = signed_in_viewer()
    team = viewer.scope == Scope.COMPANY
    agent_id = chosen(request.args.get("agent")) if team else viewer.user_id
    day, view = day_asked(request.args.get("day", "")), "month" if request.args.get("view") == "month" else "week"
    period = days.month_of(day) if view == "month" else days.week_of(day)
    rows = work.appointments(period.since, period.until, agent_id)
    hours = days.hours_shown([(made.starts_at, made.ends_at) for made, _lead, _name in rows])
    values: dict[str, Any] = {
        "view": view, "period": period, "hours": hours, "columns": columns(period, rows, hours.start), "team": team,
        "agent_id": agent_id if team else None, "colleagues": work.colleagues() if team else [], "clock": clock,
        "today": days.today(), "day_name": day_name, "month_name": month_name, "period_name": title_of(period),
        "address": _address(view, day, agent_id if team else None), "earlier": days.step(period, -1),
        "later": days.step(period, 1), "day": day, "outcomes": AppointmentOutcome, "feed": feeds.mine(),
        "date": Date().show, "most": work.MOST_IN_CALENDAR, "is_cut": len(rows) >= work.MOST_IN_CALENDAR,
    }  # fmt: skip
    return render("followup/calendar.html", "followup/_calendar.html", **values)


def day_asked(typed: str) -> date:
    try:
        found = Date().parse(typed)
    except Invalid:
        found = None
    return found if found is not None and 1970 < found.year < 2200 else days.today()


def _address(view: str, day: date, agent_id: Any) -> Any:
    """Addresses of this calendar, with something else in them."""

    def address(**other: Any) -> str:
        wanted = {"view": view, "day": day, "agent": agent_id} | other
        return url_for(".calendar", **{name: value for name, value in wanted.items() if value})

    return address


def title_of(period: Period) -> str:
    if period.month is not None:
        return month_name(period.month)
    return str(_("Week %(number)s", number=period.first.isocalendar().week))


def columns(period: Period, rows: Any, first_hour: int) -> list[DayColumn]:
    """One for each day, its appointments beside each other where they overlap."""
    found = {day: DayColumn(day) for day in period.days}
    for row in rows:
        made = row[0]
        day = made.starts_at.astimezone(OFFICE).date()
        if day in found:
            found[day].blocks.append(days.block_of(row, made.starts_at, made.ends_at, first_hour))
    for column in found.values():
        days.side_by_side(column.blocks)
    return list(found.values())


@bp.get("/calendar/plan", permission=Followup.USE)
def plan_for() -> ResponseReturnValue:
    """For which client? Found by what is remembered of them; `at` is the hour that was chosen in the calendar."""
    typed, at = request.args.get("q", "").strip()[:200], request.args.get("at", "")[:40]
    found = work.leads_like(typed) if typed else []
    if len(found) == 1:
        return redirect(url_for(".new_appointment", lead_id=found[0].id, at=at or None, back="calendar"), 303)
    return render("followup/plan_for.html", q=typed, at=at, found=found, tomorrow=days.today() + timedelta(days=1))
