"""The second step of signing in, and setting up the first factor."""

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

WAYS = ("passkey", "totp", "recovery")


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
    return second_factor_page(there[1], wanted, way=request.args.get("with", ""))


def second_factor_page(state: Any, wanted: str, problem: str = "", way: str = "") -> str:
    """One way at a time: the one asked for, else the one used last. The others are a click away."""
    had = zip(WAYS, (state.passkeys, state.has_totp, state.codes_left), strict=True)
    open_to = [name for name, has in had if has]
    usual = state.last_factor if state.last_factor in open_to else open_to[0]
    shown = way if way in open_to else usual
    others = [each for each in open_to if each != shown]
    values: dict[str, Any] = {"wanted": wanted, "problem": problem, "way": shown, "others": others}
    return render("auth/second_factor.html", email=state.email, **values)


@bp.post("/second-factor", permission=Access.PUBLIC)
def check_second_factor() -> ResponseReturnValue:
    there, wanted = half_way(), request.form.get("next", "")
    if there is None or not there[1].has_totp:
        return redirect(url_for("auth.sign_in", next=wanted or None), 303)
    viewer, state = there
    try:
        factor.check(request.form.get("code", ""), state, viewer.id_hash, who_comes())
    except WrongCode as problem:
        return second_factor_page(state, wanted, wrong(problem), "totp"), 422
    except TooManyAttempts as refused:
        return limited(second_factor_page(state, wanted, str(refused.message), "totp"), refused)
    return finished(state, viewer, wanted)


def finished(state: Any, viewer: SignedIn, wanted: str, first: bool = False) -> ResponseReturnValue:
    """In, after a factor that also counts for what is grave."""
    token = factor.finish(state, viewer.id_hash, strong=True)
    if token is None:
        return redirect(url_for("auth.sign_in"), 303)
    if first:
        ask_for_codes()
    return redirected(token, wanted)


def ask_for_codes() -> None:
    """Who has just set up a factor has no way in yet when it is lost."""
    said = {
        "text": _("The second step is on. Keep recovery codes for when your telephone is lost."),
        "action_url": url_for("auth.make_codes"), "action_label": _("Make recovery codes"),
    }
    flash(said, "success")  # type: ignore[arg-type]  # see core/_notices.html


def to_set_up() -> tuple[SignedIn, Any] | None:
    """A session that was offered a secret: half in and without a factor, or in and about to have another app."""
    viewer = own_session()
    state = factor.of_session(viewer.id_hash) if viewer else None
    if viewer is None or state is None or not state.offered:
        return None
    return None if state.confirmed and not viewer.is_authenticated else (viewer, state)


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
    if not viewer.is_authenticated:
        return finished(state, viewer, wanted, first=True)
    if not state.codes_made:
        ask_for_codes()
    else:
        flash(_("The app is set up. Codes of an app that you used before no longer work."), "success")
    return redirect(url_for("auth.security"), 303)


def enrol_page(state: Any, wanted: str, problem: str = "") -> str:
    secret = factor.offered_secret(state)
    return render(
        "auth/enrol.html", wanted=wanted, problem=problem, email=state.email, required=state.required,
        confirmed=state.confirmed, half=state.auth_level == 1,
        qr=factor.qr_code(factor.address_of(secret, state.email)), secret=factor.in_groups(secret),
    )


@bp.post("/account/second-factor", permission=Access.SIGNED_IN, step_up=True)
def begin_enrol() -> ResponseReturnValue:
    """An app for codes: the first one, or another; the one before works until the new one is confirmed."""
    viewer = own_session()
    state = factor.of_session(viewer.id_hash) if viewer else None
    if viewer is None or state is None:
        return redirect(url_for("auth.security"), 303)
    factor.offer(state, viewer.id_hash)
    return make_response(redirect(url_for("auth.enrol"), 303))
