"""Signing in with a recovery code, and making a set of them."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.auth.services import second_factor as factor
from leadcrm.auth.services.attempts import TooManyAttempts
from leadcrm.auth.services.factors import recovery
from leadcrm.auth.services.factors.recovery import NotACode
from leadcrm.auth.views.factors.stepping_up import stand
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.auth.views.second_factor import half_way, second_factor_page
from leadcrm.auth.views.signing_in import limited, redirected
from leadcrm.core.web import Access, render


@bp.post("/second-factor/recovery", permission=Access.PUBLIC)
def check_recovery_code() -> ResponseReturnValue:
    there, wanted = half_way(), request.form.get("next", "")
    if there is None or not there[1].codes_left:
        return redirect(url_for("auth.sign_in", next=wanted or None), 303)
    viewer, state = there
    try:
        left = recovery.use(request.form.get("recovery_code", ""), state, viewer.id_hash, visitor())
    except NotACode:
        problem = _("This is not one of your recovery codes, or it was used before. Each works once.")
        return second_factor_page(state, wanted, str(problem), "recovery"), 422
    except TooManyAttempts as refused:
        return limited(second_factor_page(state, wanted, str(refused.message), "recovery"), refused)
    token = factor.finish(state, viewer.id_hash, strong=False)
    if token is None:
        return redirect(url_for("auth.sign_in"), 303)
    tell_left(left)
    return redirected(token, wanted)


def tell_left(left: int) -> None:
    said = ngettext("You have one recovery code left.", "You have %(num)s recovery codes left.", left)
    if left == 0:
        said = _("That was your last recovery code.")
    flash(said, "warning" if left <= recovery.FEW else "info")


@bp.post("/account/security/recovery-codes", permission=Access.SIGNED_IN, step_up=True)
def make_codes() -> ResponseReturnValue:
    viewer, state = stand()
    codes = recovery.make(state, viewer.id_hash)
    if not codes:
        flash(_("First set up an app or a passkey: recovery codes are for when that is lost."), "warning")
        return redirect(url_for("auth.security"), 303)
    return render("auth/recovery_codes.html", codes=codes, email=state.email)
