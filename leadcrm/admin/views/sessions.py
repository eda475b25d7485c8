"""Where somebody is signed in, seen and ended by who manages them; and signing out a whole company."""

from uuid import UUID

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.admin.permissions import Admin
from leadcrm.admin.views.routes import bp
from leadcrm.auth.models.people import Company, User
from leadcrm.auth.services import devices, sessions
from leadcrm.auth.services.visitors import in_words
from leadcrm.core.db import get_or_404
from leadcrm.core.fields.dates import Moment
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render


@bp.get("/users/<uuid:user_id>/sessions", permission=Admin.USERS)
def show_sessions(user_id: UUID) -> ResponseReturnValue:
    user = get_or_404(User, user_id)
    return render(
        "admin/sessions.html", user=user, sessions=sessions.of_user(user.id), devices=devices.of_user(user.id),
        here=signed_in_viewer().session_id, in_words=in_words, moment=Moment().show,
        address_of_session=lambda ident: url_for("admin.end_session", user_id=user.id, session_id=ident),
    )


def back(user_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("admin.show_sessions", user_id=user_id), 303)


@bp.post("/users/<uuid:user_id>/sessions/<uuid:session_id>/end", permission=Admin.USERS)
def end_session(user_id: UUID, session_id: UUID) -> ResponseReturnValue:
    if not sessions.end_one_of(get_or_404(User, user_id), session_id):
        abort(404)
    flash(_("That device is signed out."), "success")
    return back(user_id)


@bp.post("/users/<uuid:user_id>/devices/forget", permission=Admin.USERS)
def forget_devices(user_id: UUID) -> ResponseReturnValue:
    user = get_or_404(User, user_id)
    gone = devices.forget_all_of(user)
    said = ngettext("One device of %(name)s is forgotten and signed out.",
                    "%(num)s devices of %(name)s are forgotten and signed out.", gone, name=user.name)
    flash(said, "success")
    return back(user_id)


@bp.post("/companies/<uuid:company_id>/sign-out", permission=Admin.COMPANIES, step_up=True)
def sign_company_out(company_id: UUID) -> ResponseReturnValue:
    company = get_or_404(Company, company_id)
    ended = sessions.end_company(company)
    flash(ngettext("One session at %(name)s is ended.", "%(num)s sessions at %(name)s are ended.", ended,
                   name=company.name), "success")
    return redirect(url_for("admin.show_company", company_id=company.id), 303)
