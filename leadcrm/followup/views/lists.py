"""The lists behind today's page: all tasks, and all appointments of a day."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from leadcrm.core.db import session
from leadcrm.core.fields.dates import Date
from leadcrm.core.paging import Page, Sort, paginate
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.task import Task
from leadcrm.followup.permissions import Followup
from leadcrm.followup.queries import groups, work
from leadcrm.followup.services import days
from leadcrm.followup.services.tasks import is_late
from leadcrm.followup.views.calendar import day_asked, day_name
from leadcrm.followup.views.parts import capped, chosen, clock, due_word
from leadcrm.followup.views.routes import bp

ROWS = 25
EARLIEST_DUE = Sort("due", Task.due_at, Task.id)
EARLIEST = Sort("starts", Appointment.starts_at, Appointment.id)
WHICH: Mapping[str, Callable[[groups.Moments], groups.Conditions]] = {
    "": groups.tasks_open, "late": groups.tasks_late, "today": groups.tasks_due, "later": groups.tasks_later,
}  # fmt: skip


def whose() -> dict[str, Any]:
    """A manager may look at one colleague; an agent looks at herself."""
    viewer = signed_in_viewer()
    team = viewer.scope == Scope.COMPANY
    agent_id = chosen(request.args.get("agent")) if team else viewer.user_id
    return {"team": team, "agent_id": agent_id, "colleagues": work.colleagues() if team else []}


def address_of(endpoint: str, agent: Any, **usual: Any) -> Callable[..., str]:
    """Addresses of this list, with something else in them."""

    def address(**other: Any) -> str:
        said = {"agent": agent} | usual | other
        return url_for(endpoint, **{name: value for name, value in said.items() if value})

    return address


@bp.get("/tasks", permission=Followup.USE)
def list_tasks() -> ResponseReturnValue:
    """Open tasks, the earliest due first."""
    at, who, which = groups.moments(), whose(), request.args.get("due", "")
    which = which if which in WHICH else ""
    conditions = WHICH[which](at)
    listed = work.listed_tasks(conditions, who["agent_id"])
    counting = groups.tasks_of(conditions, who["agent_id"])
    page = paginate(session, listed, EARLIEST_DUE, request.args.get("page"), ROWS, counting)
    address = address_of(".list_tasks", who["agent_id"] if who["team"] else None, due=which)
    values = who | _shown(page, address) | {
        "which": which, "due_word": due_word, "is_late": is_late, "now": at.now, "back": f"tasks-{which}".strip("-")
    }  # fmt: skip
    return render("followup/tasks.html", "followup/_tasks.html", **values)


@bp.get("/calendar/day", permission=Followup.USE)
def list_day() -> ResponseReturnValue:
    """All appointments of a day, the earliest first."""
    day, who = day_asked(request.args.get("day", "")), whose()
    conditions = groups.within(days.start_of(day), days.start_of(day + timedelta(days=1)))
    listed = work.listed_appointments(conditions, who["agent_id"])
    counting = groups.plans_of(conditions, who["agent_id"])
    page = paginate(session, listed, EARLIEST, request.args.get("page"), ROWS, counting)
    address = address_of(".list_day", who["agent_id"] if who["team"] else None, day=day)
    values = who | _shown(page, address) | {
        "day": day, "today": days.today(), "earlier": day - timedelta(days=1), "later": day + timedelta(days=1),
        "day_name": day_name(day), "date": Date().show, "clock": clock, "now": groups.moments().now,
    }  # fmt: skip
    return render("followup/day.html", "followup/_day.html", **values)


def _shown(page: Page, address: Callable[..., str]) -> dict[str, Any]:
    return {
        "rows": page.rows, "count": page.count or 0, "counted": capped, "address": address,
        "newer_url": address(page=page.newer) if page.newer else None,
        "older_url": address(page=page.older) if page.older else None,
    }  # fmt: skip
