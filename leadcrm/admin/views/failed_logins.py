"""Who was not let in, when, from where, and why."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.admin import queries
from leadcrm.admin.permissions import Admin
from leadcrm.admin.queries import NEWEST_FIRST, FailureFilter
from leadcrm.admin.views import filters
from leadcrm.admin.views.companies import company_options
from leadcrm.admin.views.routes import bp
from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core.db import session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.paging import capped_count, paginate
from leadcrm.core.web import render

ROWS = 50
PERIODS = ("1", "7", "30", "90", "0")
DEFAULT_PERIOD = "7"


def period_words(days: str) -> str:
    if days == "0":
        return str(_("everything"))
    return str(_("the last day") if days == "1" else _("the last %(days)s days", days=days))


@bp.get("/failed-logins", permission=Admin.FAILED_LOGINS)
def list_failed_logins() -> ResponseReturnValue:
    days = filters.one_of("days", PERIODS, DEFAULT_PERIOD)
    reason = filters.term("reason", Reason)
    wanted = FailureFilter(int(days), reason, filters.words("account"), filters.ident("company"))
    found = queries.failed_logins_with(wanted)
    companies = company_options()
    listed = paginate(session, found, NEWEST_FIRST, request.args.get("cursor"), ROWS)
    chips = filters.chips(
        (_("Period"), period_words(days) if days != DEFAULT_PERIOD else "", "days"),
        (_("Reason"), reason.label if reason else "", "reason"),
        (_("Account"), wanted.account, "account"),
        (_("Company"), dict(companies).get(str(wanted.company_id), ""), "company"),
    )
    return render(
        "admin/failed_logins.html", "admin/_failed_logins.html", listed=listed, days=days, wanted=wanted, chips=chips,
        count=min(capped_count(session, found), 1000), companies=companies,
        reasons=[(str(each), each.label) for each in Reason],
        periods=[(each, period_words(each)) for each in PERIODS], address=filters.address, moment=Moment().show,
        device=lambda failure: Visitor(failure.address, failure.user_agent).device,
    )
