"""The way in and out."""

from flask import Response, make_response, redirect, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import attempts, devices, failures, second_factor, sessions, signing_in
from leadcrm.auth.services.attempts import TooManyAttempts
from leadcrm.auth.services.passwords import Busy
from leadcrm.auth.services.signing_in import NotLetIn
from leadcrm.auth.views.loading import give_cookie, give_device_cookie, own_session, take_cookie
from leadcrm.auth.views.next_page import safe_next
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.core import errors
from leadcrm.core.web import Access, render


@bp.get("/sign-in", permission=Access.PUBLIC)
def sign_in() -> ResponseReturnValue:
    wanted = request.args.get("next", "")
    if current_user.is_authenticated:
        return redirect(safe_next(wanted), 303)
    return sign_in_page(wanted)


@bp.post("/sign-in", permission=Access.PUBLIC)
def do_sign_in() -> ResponseReturnValue:
    wanted, typed = request.form.get("next", ""), request.form.get("email", "")
    try:
        token, level = signing_in.sign_in(typed, request.form.get("password", ""), visitor())
    except NotLetIn:
        problem = _("This e-mail address and password do not belong together. Check both and try again.")
        return sign_in_page(wanted, typed, problem), 422
    except TooManyAttempts as refused:
        return limited(sign_in_page(wanted, typed, str(refused.message)), refused)
    end_what_was()
    form_session.pop("csrf_token", None)
    if level == sessions.FULL:
        return redirected(token, wanted)
    return give_cookie(make_response(redirect(to_second_factor(token, wanted), 303)), token)


def sign_in_page(wanted: str, typed: str = "", problem: str = "") -> str:
    return render("auth/sign_in.html", wanted=wanted, typed=typed[:254], problem=problem)


def limited(page: str, refused: TooManyAttempts) -> ResponseReturnValue:
    return page, 429, {"Retry-After": str(refused.seconds)}


def to_second_factor(token: str, wanted: str) -> str:
    """Where the second factor is asked, or set up when there is none yet."""
    id_hash = sessions.hash_of(token)
    state = second_factor.of_session(id_hash)
    endpoint = "auth.second_factor"
    if state is not None and not state.confirmed:
        second_factor.offer(state, id_hash)
        endpoint = "auth.enrol"
    return url_for(endpoint, next=wanted or None)


def end_what_was() -> None:
    """The session that this browser had before, half or full: nobody may go on with it."""
    before = own_session()
    if before is not None:
        sessions.end(before.id_hash)


@bp.post("/sign-out", permission=Access.PUBLIC)
def sign_out() -> ResponseReturnValue:
    end_what_was()
    language = form_session.get("language")
    form_session.clear()
    if language:
        form_session["language"] = language
    return take_cookie(make_response(redirect(url_for("auth.sign_in"), 303)))


@bp.errorhandler(CSRFError)
def form_not_ours(error: CSRFError) -> ResponseReturnValue:
    """A forged or stale sign-in form is a failed login too."""
    if request.endpoint == "auth.do_sign_in" and attempts.worth_recording(visitor()):
        failures.record(Reason.CSRF, request.form.get("email", ""), visitor())
    return errors.form_too_old(error)


@bp.errorhandler(Busy)
def too_busy(_error: Busy) -> ResponseReturnValue:
    return errors.page(503)


def redirected(token: str, wanted: str) -> Response:
    """Into the application, with the token of a full session; the device is known from now on."""
    form_session.pop("csrf_token", None)
    response = give_cookie(make_response(redirect(safe_next(wanted), 303)), token)
    return give_device_cookie(response, devices.remember(sessions.hash_of(token), visitor()))
