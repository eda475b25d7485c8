"""Asking for the second factor again, and going on with what was sent: core.web sends whoever needs it here."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, abort, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import second_factor as factor
from leadcrm.auth.services.attempts import TooManyAttempts
from leadcrm.auth.services.factors import stepping_up
from leadcrm.auth.services.factors.stepping_up import NotProved
from leadcrm.auth.services.viewers import SignedIn
from leadcrm.auth.views.loading import own_session, turn_at_the_end
from leadcrm.auth.views.next_page import safe_next
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.core.web import Access, render, wants_fragment

MARK = "step_up_"  # names of our own fields begin with it; the others are what the person was sending
ON_TOP = {"HX-Retarget": "body", "HX-Reswap": "beforeend", "HX-Push-Url": "false"}


def ask() -> ResponseReturnValue:
    """Instead of what was asked for. A part of a page gets a dialog on top, and the page stays as it is."""
    return _page(stand(), request.full_path.rstrip("?"), request.method)


def stand() -> tuple[SignedIn, Any]:
    """Who is signed in, and where their second factors stand."""
    viewer = own_session()
    state = factor.of_session(viewer.id_hash) if viewer else None
    return (viewer, state) if viewer and state is not None else abort(401)


def _page(there: tuple[SignedIn, Any], to: str, method: str, problem: str = "") -> ResponseReturnValue:
    values = {"state": there[1], "to": to, "method": method, "kept": _kept(), "problem": problem}
    if wants_fragment():
        again = request.endpoint == "auth.step_up"  # the dialog asks for its own next edition
        return make_response(render("auth/_step_up_dialog.html", **values), 401, {} if again else ON_TOP)
    return render("auth/step_up.html", **values), 401


def _kept() -> list[tuple[str, str]]:
    """What was sent, to be sent again; but for secrets, which never come back into a page."""
    return [
        (name, value) for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not name.startswith(MARK) and "password" not in name
    ]


@bp.post("/step-up", permission=Access.SIGNED_IN, passes_on=True)
def step_up() -> ResponseReturnValue:
    there, form = stand(), request.form
    to, method = form.get("step_up_to", ""), form.get("step_up_method", "GET")
    try:
        stepping_up.prove(
            there[1], there[0].id_hash, visitor(), code=form.get("step_up_code", ""),
            answer=form.get("step_up_answer", ""), password=form.get("step_up_password", ""),
        )
    except NotProved as problem:
        return _page(there, to, method, wrong(problem))
    except TooManyAttempts as refused:
        answer = make_response(_page(there, to, method, str(refused.message)))
        answer.status_code, answer.headers["Retry-After"] = 429, str(refused.seconds)
        return answer
    turn_at_the_end()
    if wants_fragment():
        return "", 200, {"HX-Trigger": "stepped-up", "HX-Reswap": "none"}
    return _go_on(to, method)


def wrong(problem: NotProved) -> str:
    match problem.reason:
        case Reason.WRONG_PASSWORD:
            return str(_("This is not your current password."))
        case Reason.REPLAYED_CODE:
            return str(_("This code has been used already. Wait until your app shows the next one."))
        case Reason.STEP_UP | Reason.WRONG_CODE:
            return str(_("This code is not right. Type the code that your app shows now."))
        case _:
            return str(_("That passkey was not accepted. Try it once more."))


def _go_on(to: str, method: str) -> Response:
    """307: the browser sends the very same form on, as it would have been sent without us."""
    if method == "GET":
        return make_response(redirect(safe_next(to), 303))
    address = safe_target(to, method)
    return make_response(redirect(address, 307) if address else redirect(url_for("core.home"), 303))


def safe_target(to: str, method: str) -> str | None:
    """An address of ours that takes this method, built anew from the address map; never the text as it came."""
    path, _mark, query = to.partition("?")
    if method != "POST" or not path.startswith("/") or path.startswith("//"):
        return None
    try:
        endpoint, arguments = current_app.url_map.bind("").match(path, method=method)
    except (HTTPException, RequestRedirect, ValueError):
        return None
    if not getattr(current_app.view_functions[endpoint], "step_up", False):
        return None
    kept = urlencode(parse_qsl(query, keep_blank_values=True))
    return url_for(endpoint, **arguments) + (f"?{kept}" if kept else "")
