"""The page of news: newest first, reading one, reading all."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.paging import Page, paginate
from leadcrm.core.web import Access, render
from leadcrm.notifications.models import News
from leadcrm.notifications.services import reading
from leadcrm.notifications.services.kinds import kinds
from leadcrm.notifications.services.reading import NEWEST_FIRST
from leadcrm.notifications.views.bell import beside
from leadcrm.notifications.views.routes import bp

ROWS = 50


@bp.get("/", permission=Access.SIGNED_IN)
def list_news() -> ResponseReturnValue:
    only_unread = request.args.get("show") == "unread"
    page = paginate(session, reading.news(only_unread), NEWEST_FIRST, request.args.get("page"), ROWS)
    return render(
        "notifications/list.html", "notifications/_list.html", listed=page, only_unread=only_unread,
        address=_address, moment=Moment().show, labels={name: kind.label for name, kind in kinds().items()},
        beside=[(each, count) for each, count in beside() if count],
        **_ways_on(page, only_unread),
    )  # fmt: skip


def _ways_on(page: Page, only_unread: bool) -> dict[str, Any]:
    return {
        "newer_url": _address(only_unread, page.newer) if page.newer else None,
        "older_url": _address(only_unread, page.older) if page.older else None,
    }


def _address(only_unread: bool, page: str | None = None) -> str:
    given = {"show": "unread" if only_unread else None, "page": page}
    said = urlencode({name: value for name, value in given.items() if value})
    return url_for("notifications.list_news") + (f"?{said}" if said else "")


@bp.post("/read", permission=Access.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    read = reading.mark_all_read()
    told = ngettext("%(num)s notification read.", "%(num)s notifications read.", read)
    flash(told if read else _("Everything had been read."), "success" if read else "info")
    return redirect(url_for("notifications.list_news"), 303)


@bp.post("/<uuid:news_id>/read", permission=Access.SIGNED_IN)
def read_one(news_id: UUID) -> ResponseReturnValue:
    """And on to what it is about."""
    news = get_or_404(News, news_id)
    reading.mark_read(news)
    return redirect(news.url or url_for("notifications.list_news"), 303)


@bp.post("/<uuid:news_id>/unread", permission=Access.SIGNED_IN)
def unread_one(news_id: UUID) -> ResponseReturnValue:
    """For later."""
    reading.mark_unread(get_or_404(News, news_id))
    return redirect(url_for("notifications.list_news"), 303)
