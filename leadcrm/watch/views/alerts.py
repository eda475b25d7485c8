"""Alerts: the list, and marking as read."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from leadcrm.admin.views import filters
from leadcrm.core import notices
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.notices import Notice
from leadcrm.core.paging import paginate
from leadcrm.core.web import render
from leadcrm.watch import queries
from leadcrm.watch.permissions import Watch
from leadcrm.watch.queries import NEWEST_NOTICE
from leadcrm.watch.views.routes import bp

ROWS = 50


@bp.get("/alerts", permission=Watch.NOTICES)
def list_alerts() -> ResponseReturnValue:
    listed = paginate(session, queries.notices(), NEWEST_NOTICE, request.args.get("cursor"), ROWS)
    return render(
        "watch/alerts.html", "watch/_alerts.html", listed=listed, address=filters.address, moment=Moment().show
    )


@bp.post("/alerts/read", permission=Watch.NOTICES)
def read_all() -> ResponseReturnValue:
    notices.mark_read([])
    return redirect(url_for("watch.list_alerts"), 303)


@bp.post("/alerts/<uuid:notice_id>/read", permission=Watch.NOTICES)
def read_one(notice_id: UUID) -> ResponseReturnValue:
    """And on to what it is about."""
    notice = get_or_404(Notice, notice_id)
    notices.mark_read([notice.id])
    return redirect(notice.url or url_for("watch.list_alerts"), 303)
