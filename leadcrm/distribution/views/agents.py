"""What each agent takes on, and when they are there."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import get_or_404, now, session
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.distribution.forms import WholeForm, absence_form, profile_form, profile_values
from leadcrm.distribution.models.profile import Absence, Profile
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import eligible, loading, setting_up
from leadcrm.distribution.services.choosing import Candidate
from leadcrm.distribution.services.hours import Hours
from leadcrm.distribution.views.routes import bp


@bp.get("/agents", permission=Distribution.MANAGE)
def list_agents() -> ResponseReturnValue:
    company_id, moment = signed_in_viewer().company_id, now()
    people = session.scalars(eligible.able(company_id).order_by(User.name, User.id)).all()
    office = loading.office(company_id, moment)
    known = {each.user_id: each for each in office.candidates}
    busy = loading.open_leads([user.id for user in people])
    shown = [(user, known.get(user.id), busy.get(user.id, 0), _now(known.get(user.id), moment)) for user in people]
    return render("distribution/agents.html", people=shown, nobody=not any(who for _u, who, _b, _n in shown))


def _now(who: Candidate | None, moment: Any) -> str:
    if who is None or not who.takes_part:
        return "out"
    return "working" if who.hours.is_working(moment) else "off"


@bp.post("/agents/everybody", permission=Distribution.MANAGE)
def let_everybody_in() -> ResponseReturnValue:
    """Agents without a profile get one, in the hours of an office."""
    company_id = signed_in_viewer().company_id
    known = set(session.scalars(select(Profile.user_id))) if _manages() else abort(404)
    agents = session.scalars(eligible.able(company_id).where(User.role == "agent")).all()
    for user in agents:
        if user.id not in known:
            setting_up.save_profile(setting_up.fresh_profile(company_id, user.id), {})
    flash(_("Saved."), "success")
    return redirect(url_for(".list_agents"), 303)


def agent_or_404(user_id: UUID) -> User:
    user = get_or_404(User, user_id)
    return user if user.company_id == signed_in_viewer().company_id else abort(404)


def managed_or_404(user_id: UUID) -> User:
    return agent_or_404(user_id) if _manages() else abort(404)


@bp.get("/agents/<uuid:user_id>", permission=Distribution.MANAGE)
def show_profile(user_id: UUID) -> ResponseReturnValue:
    user = managed_or_404(user_id)
    return page(user, profile_form(setting_up.profile_of(user)))


@bp.post("/agents/<uuid:user_id>", permission=Distribution.MANAGE)
def save_profile(user_id: UUID) -> ResponseReturnValue:
    user = managed_or_404(user_id)
    profile = setting_up.profile_of(user)
    form = profile_form(profile)
    if not form.read(request.form):
        return page(user, form, status=422)
    setting_up.save_profile(profile, profile_values(form))
    flash(_("Saved."), "success")
    return redirect(url_for(".show_profile", user_id=user.id), 303)


def page(user: User, form: WholeForm, absence: Form | None = None, status: int = 200) -> ResponseReturnValue:
    return render(
        "distribution/profile.html", user=user, form=form, absence=absence or absence_form(),
        absences=absences_of(user.id), day=Date().show,
    ), status  # fmt: skip


def absences_of(user_id: UUID) -> Any:
    """Those to come, and the latest."""
    known = select(Absence).where(Absence.user_id == user_id).order_by(Absence.last_on.desc(), Absence.id)
    return session.scalars(known.limit(20)).all()


@bp.get("/mine", permission=Distribution.RECEIVE)
def show_mine() -> ResponseReturnValue:
    return mine(absence_form())


def mine(absence: Form, status: int = 200) -> ResponseReturnValue:
    user = agent_or_404(signed_in_viewer().user_id)
    profile = setting_up.profile_of(user)
    return render(
        "distribution/mine.html", profile=profile, form=profile_form(profile), absence=absence,
        absences=absences_of(user.id), day=Date().show, week=Hours(profile.hours).week,
    ), status  # fmt: skip


@bp.post("/agents/<uuid:user_id>/absences", permission=Distribution.RECEIVE)
def add_absence(user_id: UUID) -> ResponseReturnValue:
    """By a manager, or of oneself."""
    user, form = _own_or_managed(user_id), absence_form()
    if form.read(request.form):
        try:
            setting_up.add_absence(user, by=signed_in_viewer(), **form.values)
        except Invalid as problem:
            form.refuse("last_on", str(problem))
    if not form.valid:
        return _again(user, form)
    flash(_("Saved."), "success")
    return _back(user_id)


def _own_or_managed(user_id: UUID) -> User:
    return agent_or_404(user_id) if user_id == signed_in_viewer().user_id or _manages() else abort(404)


def _manages() -> bool:
    """An agent sees colleagues' names, and nothing of what they take on."""
    viewer = signed_in_viewer()
    return viewer.scope == Scope.COMPANY and viewer.can(Distribution.MANAGE)


def _again(user: User, absence: Form) -> ResponseReturnValue:
    if _manages():
        return page(user, profile_form(setting_up.profile_of(user)), absence, 422)
    return mine(absence, 422)


def _back(user_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".show_profile", user_id=user_id) if _manages() else url_for(".show_mine"), 303)


@bp.post("/agents/<uuid:user_id>/absences/<uuid:absence_id>/remove", permission=Distribution.RECEIVE)
def remove_absence(user_id: UUID, absence_id: UUID) -> ResponseReturnValue:
    _own_or_managed(user_id)
    absence = get_or_404(Absence, absence_id)
    if absence.user_id != user_id:
        abort(404)
    setting_up.remove_absence(absence, signed_in_viewer())
    flash(_("It is removed."), "success")
    return _back(user_id)
