"""Who was not let in, when, from where, and why: drawn, listed, and as a file."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.admin.views import filters
from leadcrm.admin.views.companies import company_options
from leadcrm.auth.models.failures import FailedLogin, Reason
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit, downloads
from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE, Moment, shown_date
from leadcrm.core.paging import capped_count, paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.watch import queries
from leadcrm.watch.permissions import Watch
from leadcrm.watch.queries import NEWEST_FIRST, FailureFilter
from leadcrm.watch.services import charts
from leadcrm.watch.services.charts import Bar, Chart
from leadcrm.watch.views.routes import bp

ROWS = 50
PERIODS = ("1", "7", "30", "90", "0")
DEFAULT_PERIOD = "7"
KIND = "failed logins"


def period_words(days: str) -> str:
    if days == "0":
        return str(_("everything"))
    return str(_("the last day") if days == "1" else _("the last %(days)s days", days=days))


def moment_in(name: str) -> datetime | None:
    """A bar of the chart, as the address bar holds it."""
    try:
        found = datetime.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo and 2000 <= found.year <= 9000 else None


def asked_for() -> FailureFilter:
    days = filters.one_of("days", PERIODS, DEFAULT_PERIOD)
    since, until = moment_in("since"), moment_in("until")
    return FailureFilter(
        int(days), filters.term("reason", Reason), filters.words("account"), filters.ident("company"),
        filters.words("network")[:49], since if until else None, until if since else None,
    )


@bp.get("/failed-logins", permission=Watch.FAILED_LOGINS)
def list_failed_logins() -> ResponseReturnValue:
    wanted, companies = asked_for(), company_options()
    found = queries.failed_logins_with(wanted)
    return render(
        "watch/failed_logins.html", "watch/_failed_logins.html", wanted=wanted, days=str(wanted.days),
        listed=paginate(session, found, NEWEST_FIRST, request.args.get("cursor"), ROWS),
        count=min(capped_count(session, found), 1000), companies=companies, chips=chips_of(wanted, dict(companies)),
        reasons=[(str(each), each.label) for each in Reason], chart=chart_of(wanted), bar_words=bar_words,
        periods=[(each, period_words(each)) for each in PERIODS], address=filters.address, moment=Moment().show,
        device=lambda failure: Visitor(failure.address, failure.user_agent).device,
    )


def chips_of(wanted: FailureFilter, companies: dict[str, str]) -> list[filters.Chip]:
    chips = filters.chips(
        (_("Period"), period_words(str(wanted.days)) if str(wanted.days) != DEFAULT_PERIOD else "", "days"),
        (_("Reason"), wanted.reason.label if wanted.reason else "", "reason"),
        (_("Account"), wanted.account, "account"),
        (_("Network"), wanted.prefix, "network"),
        (_("Company"), companies.get(str(wanted.company_id), ""), "company"),
    )
    if wanted.since and wanted.until:
        words = between_words(wanted.since, wanted.until)
        chips.append((_("Time"), words, filters.address(since=None, until=None)))
    return chips


def chart_of(wanted: FailureFilter) -> Chart:
    """Hours of one day, days of a longer time; what a bar was chosen for stays in sight among the others."""
    unit, last = "hour" if wanted.days == 1 else "day", now()
    whole = replace(wanted, since=None, until=None)
    rows = session.execute(queries.counted_by(unit, whole)).all()
    first = last - timedelta(days=wanted.days or queries.LONGEST_CHART_DAYS)
    return charts.drawn(rows, first, last, unit)


def between_words(since: datetime, until: datetime) -> str:
    local = since.astimezone(OFFICE)
    if until - since <= timedelta(hours=1):
        return f"{shown_date(local)} {local:%H}:00"
    return shown_date(local)


def bar_words(bar: Bar) -> str:
    return between_words(bar.begins, bar.ends)


@bp.post("/failed-logins/export", permission=Watch.EXPORT, step_up=True)
def export_failed_logins() -> ResponseReturnValue:
    """Noted before anything leaves; then a link that expires."""
    wanted = asked_for()
    count = capped_count(session, queries.failed_logins_with(wanted), cap=downloads.MOST_ROWS)
    given = {name: str(value) for name, value in asdict(wanted).items() if value}
    named = {name: value for name, value in given.items() if name not in ("account", "prefix")}  # those are personal
    audit.note("exported", company_id=signed_in_viewer().company_id, subject="auth_failed_login", rows=count, **named)
    return redirect(url_for("watch.download_failed_logins", token=downloads.issue(KIND, **given)), 303)


@bp.get("/failed-logins/export/<token>", permission=Watch.EXPORT)
def download_failed_logins(token: str) -> ResponseReturnValue:
    wanted = filter_from(downloads.redeem(KIND, token))
    titles = [_("Time"), _("Company"), _("Account"), _("Reason"), _("IP address"), _("Network"), _("Device")]
    name = _("failed-logins-%(day)s.csv", day=f"{now():%Y-%m-%d}")
    return downloads.as_csv(name, titles, queries.failed_logins_with(wanted), NEWEST_FIRST, cells)


def filter_from(what: dict[str, str]) -> FailureFilter:
    made: dict[str, Any] = dict(what)
    readers: dict[str, Any] = {"days": int, "reason": Reason, "company_id": UUID, "since": datetime.fromisoformat,
                               "until": datetime.fromisoformat}  # fmt: skip
    return FailureFilter(**{name: readers.get(name, str)(value) for name, value in made.items()})


def cells(row: Any) -> list[str]:
    failure: FailedLogin = row.FailedLogin
    local = failure.at.astimezone(OFFICE)
    return [f"{local:%Y-%m-%d %H:%M:%S}", row.company or "", failure.account, failure.reason.label, failure.address,
            failure.prefix, Visitor(failure.address, failure.user_agent).device]  # fmt: skip
