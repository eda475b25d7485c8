"""Was it fair? For a manager who must be able to show it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core import audit
from leadcrm.core.db import now
from leadcrm.core.downloads import shielded
from leadcrm.core.fields.money import Money
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import setting_up
from leadcrm.distribution.services.fairness import Asked, Report, Row, report
from leadcrm.distribution.views import words
from leadcrm.distribution.views.routes import bp

PERIODS = ("7", "30", "90", "365")
WIDTH, LEFT, LINE, BAR = 640, 150, 46, 14


@dataclass(frozen=True)
class Bars:
    """Of one agent: what they got beside what was due, as shares of all."""

    name: str
    y: int
    real: float
    due: float
    real_words: str
    due_words: str


def asked_for() -> tuple[Asked, str]:
    days = request.values.get("days", "30")
    days = days if days in PERIODS else "30"
    until = now()
    try:
        rule_id = UUID(request.values.get("rule", ""))
    except ValueError:
        rule_id = None
    return Asked(until - timedelta(days=int(days)), until, rule_id), days


@bp.get("/report", permission=Distribution.MANAGE)
def show_report() -> ResponseReturnValue:
    asked, days = asked_for()
    found = named(report(asked))
    rules = [(str(rule.id), rule.name) for rule in setting_up.all_rules(signed_in_viewer().company_id)]
    return render(
        "distribution/report.html", report=found, bars=bars(found.agents), days=days, rule=str(asked.rule_id or ""),
        rules=rules, periods=[(each, period_words(each)) for each in PERIODS], money=Money().show, minutes=duration,
        percent=percent, width=WIDTH, left=LEFT, bar=BAR, height=LINE * min(len(found.agents), 20) + 8,
    )  # fmt: skip


def named(found: Report) -> Report:
    names = words.names_of(row.id for row in found.agents)
    for row in found.agents:
        row.name = names.get(str(row.id), "?")
    return found


def period_words(days: str) -> str:
    return str(_("the last %(days)s days", days=days))


def percent(share: float) -> str:
    return f"{round(share * 100)}%"


def duration(minutes: float | None) -> str:
    """As people say it; working time is not taken into account."""
    if minutes is None:
        return "–"
    if minutes < 120:
        return str(_("%(count)s min", count=round(minutes)))
    if minutes < 48 * 60:
        return str(_("%(count)s hours", count=round(minutes / 60)))
    return str(_("%(count)s days", count=round(minutes / 1440)))


def bars(rows: Iterable[Row]) -> list[Bars]:
    shown = [row for row in rows if row.offered or row.expected][:20]
    most = max((max(row.share, row.expected_share) for row in shown), default=0.0) or 1.0
    room = WIDTH - LEFT - 60
    return [
        Bars(row.name, number * LINE + 4, round(row.share / most * room, 1), round(row.expected_share / most * room, 1),
             percent(row.share), percent(row.expected_share))
        for number, row in enumerate(shown)
    ]  # fmt: skip


@bp.post("/report/export", permission=Distribution.MANAGE, step_up=True)
def export_report() -> ResponseReturnValue:
    asked, days = asked_for()
    found = named(report(asked))
    audit.note("exported", company_id=signed_in_viewer().company_id, subject="distribution_claim",
               rows=len(found.agents), days=days, rule=str(asked.rule_id or ""))  # fmt: skip
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    for line in (titles(), *(cells(row) for row in found.agents)):
        writer.writerow([shielded(cell) for cell in line])
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    name = _("distribution-%(day)s.csv", day=f"{now():%Y-%m-%d}")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def titles() -> list[str]:
    return [str(each) for each in (
        _("Agent"), _("Offered by rules"), _("Taken up"), _("Not in time"), _("Given back"), _("Lapsed"),
        _("Given by colleagues"), _("Share"), _("Expected share"), _("Cost of the leads"), _("Mortgage amount"),
        _("Minutes until taken up"),
    )]  # fmt: skip


def cells(row: Row) -> list[Any]:
    minutes = "" if row.minutes is None else round(row.minutes)
    return [
        row.name, row.offered, row.claimed, row.handed_back, row.declined, row.lapsed, row.given, percent(row.share),
        percent(row.expected_share), row.cost / 100, row.amount / 100, minutes,
    ]  # fmt: skip
