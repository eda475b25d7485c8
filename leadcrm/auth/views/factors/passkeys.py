"""What a browser is asked to make or sign, and giving a passkey as the second step of signing in."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.services import second_factor as factor
from leadcrm.auth.services.attempts import TooManyAttempts
from leadcrm.auth.services.factors import passkeys
from leadcrm.auth.services.factors.passkeys import NotThisPasskey
from leadcrm.auth.services.viewers import SignedIn
from leadcrm.auth.views.factors.stepping_up import stand
from leadcrm.auth.views.loading import own_session
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.auth.views.second_factor import enrol_page, finished, half_way, second_factor_page, to_set_up
from leadcrm.auth.views.signing_in import limited
from leadcrm.core.web import Access

Options = dict[str, Any]


@bp.post("/second-factor/passkey/options", permission=Access.PUBLIC)
def passkey_to_sign_in() -> ResponseReturnValue:
    there = half_way()
    if there is None or not there[1].passkeys:
        abort(404)
    return passkeys.to_sign(there[1], there[0].id_hash, passkeys.SIGN_IN)


@bp.post("/second-factor/passkey", permission=Access.PUBLIC)
def check_passkey() -> ResponseReturnValue:
    there, wanted = half_way(), request.form.get("next", "")
    if there is None or not there[1].passkeys:
        return redirect(url_for("auth.sign_in", next=wanted or None), 303)
    viewer, state = there
    try:
        passkeys.check(request.form.get("answer", ""), state, viewer.id_hash, visitor(), passkeys.SIGN_IN)
    except NotThisPasskey:
        return second_factor_page(state, wanted, str(_("That passkey was not accepted. Try it once more."))), 422
    except TooManyAttempts as refused:
        return limited(second_factor_page(state, wanted, str(refused.message)), refused)
    return finished(state, viewer, wanted)


@bp.post("/step-up/passkey", permission=Access.SIGNED_IN)
def passkey_to_step_up() -> ResponseReturnValue:
    viewer, state = stand()
    if not state.passkeys:
        abort(404)
    return passkeys.to_sign(state, viewer.id_hash, passkeys.STEP_UP)


@bp.post("/enrol/passkey/options", permission=Access.PUBLIC)
def passkey_to_enrol() -> ResponseReturnValue:
    """For who is in and stepped up, or is half in and has no second factor yet; the database says who that is."""
    viewer = own_session()
    state = factor.of_session(viewer.id_hash) if viewer else None
    if viewer is None or state is None:
        abort(404)
    try:
        return passkeys.to_enrol(state, viewer.id_hash)
    except NotThisPasskey:
        abort(403)


@bp.post("/enrol/passkey", permission=Access.PUBLIC)
def enrol_passkey() -> ResponseReturnValue:
    """The first factor of who is half in."""
    there, wanted = to_set_up(), request.form.get("next", "")
    if there is None or there[0].is_authenticated:
        return redirect(url_for("auth.sign_in"), 303)
    viewer, state = there
    try:
        passkeys.enrol(request.form.get("answer", ""), label_of(), state, viewer.id_hash)
    except NotThisPasskey:
        return enrol_page(state, wanted, not_kept()), 422
    return finished(state, viewer, wanted, first=True)


def label_of() -> str:
    """As it was typed, else after the device."""
    return request.form.get("label", "").strip() or visitor().device


def not_kept() -> str:
    return str(_("That passkey could not be kept. Perhaps this account has it already. Try it once more."))


@bp.post("/account/security/passkeys", permission=Access.SIGNED_IN, step_up=True)
def add_passkey() -> ResponseReturnValue:
    viewer, state = stand()
    return _added(viewer, state)


def _added(viewer: SignedIn, state: Any) -> ResponseReturnValue:
    try:
        passkeys.enrol(request.form.get("answer", ""), label_of(), state, viewer.id_hash)
    except NotThisPasskey:
        flash(not_kept(), "danger")
    else:
        flash(_("The passkey is added."), "success")
    return redirect(url_for("auth.security"), 303)
