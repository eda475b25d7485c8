"""Somebody's calendar under a secret address: making it, withdrawing it, and reading it without signing in."""

from math import ceil

from flask import abort, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.config import current_config
from leadcrm.core.limits import visitor
from leadcrm.core.web import Access, render
from leadcrm.followup.permissions import Followup
from leadcrm.followup.services import feeds
from leadcrm.followup.services.feeds import NoFeed, TooOften
from leadcrm.followup.views.routes import bp


@bp.post("/calendar/feed", permission=Followup.USE)
def make_feed() -> ResponseReturnValue:
    """Shown now, and never again: only its hash is kept. An earlier address ends."""
    address = f"{current_config().base_url}{url_for('.read_feed', token=feeds.make())}"
    return render("followup/feed.html", address=address)


@bp.post("/calendar/feed/revoke", permission=Followup.USE)
def revoke_feed() -> ResponseReturnValue:
    if not feeds.revoke():
        abort(404)
    flash(_("The address no longer works. Calendars that read it get nothing any more."), "success")
    return redirect(url_for(".calendar"), 303)


@bp.get("/agenda/<token>.ics", permission=Access.PUBLIC)
def read_feed(token: str) -> ResponseReturnValue:
    """Invented, withdrawn, or from where its owner may not come in: all the same."""
    try:
        calendar = feeds.read(token, visitor())
    except NoFeed:
        return "", 404
    except TooOften as problem:
        return "", 429, {"Retry-After": str(ceil(problem.seconds))}
    response = make_response(calendar)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="leadcrm.ics"'
    return response
