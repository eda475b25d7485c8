"""Where I am signed in, on which devices, and "it was not me"."""

from uuid import UUID

from flask import abort, current_app, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import attempts, devices, failures, new_device, sessions
from leadcrm.auth.services.new_device import DeadNotice
from leadcrm.auth.services.visitors import in_words
from leadcrm.auth.views.loading import take_cookie
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.core.fields.dates import Moment
from leadcrm.core.web import Access, render

FORGOTTEN = "auth.forgotten"


def back() -> ResponseReturnValue:
    return redirect(url_for("auth.account"), 303)


@bp.post("/account/sessions/<uuid:session_id>/end", permission=Access.SIGNED_IN)
def end_session(session_id: UUID) -> ResponseReturnValue:
    if not sessions.end_mine(session_id):
        abort(404)
    flash(_("That device is signed out."), "success")
    return back()


@bp.post("/account/sessions/end-others", permission=Access.SIGNED_IN)
def end_other_sessions() -> ResponseReturnValue:
    ended = sessions.end_my_others()
    flash(ngettext("One other device is signed out.", "%(num)s other devices are signed out.", ended), "success")
    return back()


@bp.post("/account/devices/<uuid:device_id>/forget", permission=Access.SIGNED_IN)
def forget_device(device_id: UUID) -> ResponseReturnValue:
    if not devices.forget_mine(device_id):
        abort(404)
    flash(_("That device is forgotten, and signed out. Signing in on it is reported to you again."), "success")
    return back()


@bp.get("/not-me/<token>", permission=Access.PUBLIC)
def not_me(token: str) -> ResponseReturnValue:
    """Only asks: what reads mail opens every link in it."""
    try:
        notice = new_device.read(token)
    except DeadNotice:
        return dead()
    return render("auth/not_me.html", notice=notice, token=token, in_words=in_words, moment=Moment().show)


@bp.post("/not-me/<token>", permission=Access.PUBLIC)
def end_everything(token: str) -> ResponseReturnValue:
    try:
        new_device.end_everything(token)
    except DeadNotice:
        return dead()
    asked_anew = url_for(FORGOTTEN) if FORGOTTEN in current_app.view_functions else ""
    return take_cookie(make_response(render("auth/not_me_done.html", forgotten=asked_anew)))


def dead() -> ResponseReturnValue:
    if attempts.worth_recording(visitor()):
        failures.record(Reason.BAD_LINK, "", visitor())
    return render("auth/not_me_dead.html"), 404
