"""The second step of signing in, and setting it up."""

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import second_factor as factor
from leadcrm.auth.services.attempts import TooManyAttempts
from leadcrm.auth.services.second_factor import WrongCode
from leadcrm.auth.services.viewers import SignedIn
from leadcrm.auth.views.loading import half_signed_in, own_session
from leadcrm.auth.views.routes import bp
from leadcrm.auth.views.routes import visitor as who_comes
from leadcrm.auth.views.signing_in import limited, redirected
from leadcrm.core.web import Access, render


def wrong(problem: WrongCode) -> str:
    if problem.reason == Reason.REPLAYED_CODE:
        return str(_("This code has been used already. Wait until your app shows the next one."))
    return str(_("This code is not right. Check the time of your telephone and type the code that your app shows now."))


def half_way() -> tuple[SignedIn, Any] | None:
    """Who has given the password, and where that session stands; None when it ended meanwhile."""
    viewer = half_signed_in()
    state = factor.of_session(viewer.id_hash) if viewer else None
    return None if viewer is None or state is None else (viewer, state)


@bp.get("/second-factor", permission=Access.PUBLIC)
def second_factor() -> ResponseReturnValue:
    there, wanted = half_way(), request.args.get("next", "")
    if there is None:
        return redirect(url_for("auth.sign_in", next=wanted or None), 303)
    if not there[1].confirmed:
        return redirect(url_for("auth.enrol", next=wanted or None), 303)
    return render("auth/second_factor.html", email=there[1].email, wanted=wanted)


@bp.post("/second-factor", permission=Access.PUBLIC)
def check_second_factor() -> ResponseReturnValue:
    there, wanted = half_way(), request.form.get("next", "")
    if there is None or not there[1].confirmed:
        return redirect(url_for("auth.sign_in", next=wanted or None), 303)
    viewer, state = there
    try:
        factor.check(request.form.get("code", ""), state, viewer.id_hash, who_comes())
    except WrongCode as problem:
        return render("auth/second_factor.html", email=state.email, wanted=wanted, problem=wrong(problem)), 422
    except TooManyAttempts as refused:
        page = render("auth/second_factor.html", email=state.email, wanted=wanted, problem=refused.message)
        return limited(page, refused)
    token = factor.finish(state, viewer.id_hash)
    return redirected(token, wanted) if token else redirect(url_for("auth.sign_in"), 303)


def to_set_up() -> tuple[SignedIn, Any] | None:
    """A session, half or full, that was offered a secret and has no second factor yet."""
    viewer = own_session()
    state = factor.of_session(viewer.id_hash) if viewer else None
    return (viewer, state) if viewer and state is not None and not state.confirmed and state.offered else None


@bp.get("/enrol", permission=Access.PUBLIC)
def enrol() -> ResponseReturnValue:
    there = to_set_up()
    if there is None:
        return redirect(url_for("auth.sign_in"), 303)
    return enrol_page(there[1], request.args.get("next", ""))


@bp.post("/enrol", permission=Access.PUBLIC)
def do_enrol() -> ResponseReturnValue:
    there, wanted = to_set_up(), request.form.get("next", "")
    if there is None:
        return redirect(url_for("auth.sign_in"), 303)
    viewer, state = there
    try:
        factor.confirm(request.form.get("code", ""), state, viewer.id_hash, who_comes())
    except WrongCode as problem:
        return enrol_page(state, wanted, wrong(problem)), 422
    except TooManyAttempts as refused:
        return limited(enrol_page(state, wanted, str(refused.message)), refused)
    if viewer.is_authenticated:
        flash(_("The second step is on. From now on we ask a code when you sign in."), "success")
        return redirect(url_for("auth.account"), 303)
    token = factor.finish(state, viewer.id_hash)
    return redirected(token, wanted) if token else redirect(url_for("auth.sign_in"), 303)


def enrol_page(state: Any, wanted: str, problem: str = "") -> str:
    secret = factor.offered_secret(state)
    return render(
        "auth/enrol.html", wanted=wanted, problem=problem, email=state.email, required=state.required,
        qr=factor.qr_code(factor.address_of(secret, state.email)), secret=factor.in_groups(secret),
    )


@bp.post("/account/second-factor", permission=Access.SIGNED_IN)
def begin_enrol() -> ResponseReturnValue:
    """Somebody whose company does not ask it wants it all the same."""
    viewer = own_session()
    state = factor.of_session(viewer.id_hash) if viewer else None
    if viewer is None or state is None or state.confirmed:
        return redirect(url_for("auth.account"), 303)
    factor.offer(state, viewer.id_hash)
    return make_response(redirect(url_for("auth.enrol"), 303))
