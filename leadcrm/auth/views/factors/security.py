"""One's own second factors: what there is, when it was used, and changing it."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.services import second_factor as factor
from leadcrm.auth.services.factors import passkeys, recovery
from leadcrm.auth.views.factors.stepping_up import stand
from leadcrm.auth.views.routes import bp
from leadcrm.core.fields.dates import Moment
from leadcrm.core.web import Access, has_stepped_up, render


@bp.get("/account/security", permission=Access.SIGNED_IN)
def security() -> ResponseReturnValue:
    viewer, state = stand()
    keys = passkeys.mine(viewer.id_hash)
    factors = len(keys) + state.has_totp
    return render(
        "auth/security.html", state=state, keys=keys, moment=Moment().show, few=recovery.FEW,
        may_remove=factors > 1 or not state.required, must_verify=passkeys.must_verify(state.role),
        longest=passkeys.LONGEST_LABEL, stepped_up=has_stepped_up(viewer),
    )


@bp.get("/account/security/change", permission=Access.SIGNED_IN, step_up=True)
def change_security() -> ResponseReturnValue:
    """The same page, for who has just proved to be it: now a passkey can be made."""
    return redirect(url_for("auth.security", _anchor="passkeys"), 303)


@bp.post("/account/security/app/remove", permission=Access.SIGNED_IN, step_up=True)
def remove_app() -> ResponseReturnValue:
    viewer, state = stand()
    return _back(factor.remove(state, viewer.id_hash), _("The app is removed."))


@bp.post("/account/security/passkeys/<uuid:passkey_id>/remove", permission=Access.SIGNED_IN, step_up=True)
def remove_passkey(passkey_id: UUID) -> ResponseReturnValue:
    viewer, state = stand()
    _refuse_foreign(passkey_id, viewer.id_hash)
    return _back(passkeys.remove(passkey_id, state, viewer.id_hash), _("The passkey is removed."))


@bp.post("/account/security/passkeys/<uuid:passkey_id>/label", permission=Access.SIGNED_IN, step_up=True)
def rename_passkey(passkey_id: UUID) -> ResponseReturnValue:
    viewer, _state = stand()
    _refuse_foreign(passkey_id, viewer.id_hash)
    done = passkeys.rename(passkey_id, request.form.get("label", ""), viewer.id_hash)
    return _back(done, _("Saved."), _("Give the passkey a name."))


def _refuse_foreign(passkey_id: UUID, id_hash: bytes) -> None:
    """Somebody else's is not there, as one that never was."""
    if passkey_id not in {key.id for key in passkeys.mine(id_hash)}:
        abort(404)


def _back(done: bool, said: str, refused: str = "") -> ResponseReturnValue:
    problem = refused or _("This is your only second factor, and your account must have one. Add another one first.")
    flash(said if done else problem, "success" if done else "danger")
    return redirect(url_for("auth.security"), 303)
