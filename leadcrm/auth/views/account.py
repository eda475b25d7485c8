"""My account: name, language and appearance, password, second step, and where I am signed in."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.events import password_changed
from leadcrm.auth.forms import PasswordForm
from leadcrm.auth.models.people import Preference, User
from leadcrm.auth.services import devices, doors, passwords, preferences, sessions, signing_in
from leadcrm.auth.services.attempts import TooManyAttempts
from leadcrm.auth.services.visitors import in_words
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.core import audit
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import Access, render


def account_page(
    profile: Form | None = None, taste: Form | None = None, password: PasswordForm | None = None
) -> str:
    viewer = signed_in_viewer()
    user = get_or_404(User, viewer.user_id)
    taste = taste or Form(Preference, ("language", "theme")).fill(preferences.mine())
    return render(
        "auth/account.html", user=user, profile=profile or Form(User, ("name",)).fill(user), taste=taste,
        password=password or PasswordForm(), moment=Moment().show, in_words=in_words, **where_signed_in(),
    )


def where_signed_in() -> dict[str, Any]:
    """Sessions and devices, and which of them these are."""
    here, visits = signed_in_viewer().session_id, sessions.mine()
    return {
        "sessions": visits, "here": here, "devices": devices.mine(),
        "here_device": next((visit.device_id for visit in visits if visit.id == here), None),
        "address_of_session": lambda ident: url_for("auth.end_session", session_id=ident),
        "address_of_device": lambda ident: url_for("auth.forget_device", device_id=ident),
    }


@bp.get("/account", permission=Access.SIGNED_IN)
def account() -> ResponseReturnValue:
    return account_page()


@bp.post("/account", permission=Access.SIGNED_IN)
def save_account() -> ResponseReturnValue:
    profile, taste = Form(User, ("name",)), Form(Preference, ("language", "theme"))
    if not (profile.read(request.form) & taste.read(request.form)):
        return account_page(profile, taste), 422
    viewer = signed_in_viewer()
    if profile.values["name"] != viewer.name:
        doors.rename(session, profile.values["name"])
        audit.note("renamed", company_id=viewer.company_id, subject="auth_user", user=str(viewer.user_id))
    taste.apply(preferences.mine_to_change())
    flash(_("Saved."), "success")
    return redirect(url_for("auth.account"), 303)


@bp.post("/account/password", permission=Access.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    viewer = signed_in_viewer()
    form = PasswordForm(viewer.name, viewer.email, viewer.company_name)
    if not form.read(request.form):
        return account_page(password=form), 422
    try:
        right = signing_in.is_my_password(form.current, visitor(), viewer.email)
    except TooManyAttempts as refused:
        form.errors["current"].append(str(refused.message))
        return account_page(password=form), 429, {"Retry-After": str(refused.seconds)}
    if not right:
        form.errors["current"].append(_("This is not your current password."))
        return account_page(password=form), 422
    doors.set_password(session, viewer.user_id, passwords.hashed(form.new))
    sessions.end_my_others()
    audit.note("password changed", company_id=viewer.company_id, subject="auth_user", user=str(viewer.user_id))
    password_changed.send(viewer.user_id, company_id=viewer.company_id)
    flash(_("Your password is changed. You are signed out everywhere else."), "success")
    return redirect(url_for("auth.account"), 303)
