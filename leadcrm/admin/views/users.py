"""Users: find, invite, change, and help back in."""

from datetime import date
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from leadcrm.admin import queries
from leadcrm.admin.permissions import Admin
from leadcrm.admin.queries import BY_NAME, UserFilter
from leadcrm.admin.views import filters
from leadcrm.admin.views.companies import company_options
from leadcrm.admin.views.routes import bp
from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.auth.services import links, rights, users
from leadcrm.auth.services.users import Misfit
from leadcrm.core import outbox
from leadcrm.core.config import current_config
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Date, Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.paging import capped_count, paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render

ROWS = 50
INVITED = ("name", "email", "role", "starts_on", "ends_on")
CHANGED = ("name", "role", "starts_on", "ends_on", "active")


def state_words(state: str) -> str:
    return str({"active": _("active"), "invited": _("invited"), "disabled": _("disabled")}.get(state, ""))


def role_options(company_id: UUID) -> list[tuple[str, str]]:
    return [(str(role), role.label) for role in users.roles_for(company_id)]


@bp.get("/users", permission=Admin.VIEW)
def list_users() -> ResponseReturnValue:
    state = filters.one_of("state", queries.STATES)
    wanted = UserFilter(filters.words("q"), filters.term("role", Role), state, filters.ident("company"))
    found = queries.users_with(wanted)
    companies = company_options()
    chips = filters.chips(
        (_("Search"), wanted.words, "q"),
        (_("Role"), wanted.role.label if wanted.role else "", "role"),
        (_("Status"), state_words(state), "state"),
        (_("Company"), dict(companies).get(str(wanted.company_id), ""), "company"),
    )
    return render(
        "admin/users.html", "admin/_users.html",
        listed=paginate(session, found, BY_NAME, request.args.get("cursor"), ROWS),
        wanted=wanted, chips=chips, count=min(capped_count(session, found), 1000), companies=companies,
        roles=[(str(role), role.label) for role in Role], states=[(each, state_words(each)) for each in queries.STATES],
        address=filters.address, moment=Moment().show,
    )


def company_for_new_user() -> UUID:
    """The company that an admin chose, else one's own; foreign ones do not exist."""
    chosen = request.values.get("company", type=UUID)
    viewer = signed_in_viewer()
    own: UUID = viewer.company_id
    return own if chosen is None else get_or_404(Company, chosen).id


@bp.get("/users/new", permission=Admin.USERS)
def new_user() -> ResponseReturnValue:
    return new_user_page(company_for_new_user(), Form(User, INVITED))


def new_user_page(company_id: UUID, form: Form) -> str:
    form.offer("role", role_options(company_id))
    return render("admin/new_user.html", form=form, company_id=company_id, companies=company_options())


@bp.post("/users/new", permission=Admin.USERS, step_up=True)
def invite_user() -> ResponseReturnValue:
    company_id, form = company_for_new_user(), Form(User, INVITED)
    if not form.read(request.form):
        return new_user_page(company_id, form), 422
    try:
        user, token = users.invite(company_id, **form.values)
    except Invalid as problem:
        form.refuse(problem.name if isinstance(problem, Misfit) else "email", str(problem))
        return new_user_page(company_id, form), 422
    return link_page(user, token)


def link_page(user: User, token: str) -> str:
    """The mail that goes out; where no mail server is set up, the link itself to hand over, this once."""
    config = current_config()
    address = config.base_url + url_for("auth.set_password", token=token)
    if config.mail_server:
        outbox.send(user.email, *links.mail_about(user.joined_at is None, user.name, address))
    return render("admin/link.html", user=user, address=None if config.mail_server else address)


def user_page(user: User, form: Form | None = None) -> str:
    form = form or Form(User, CHANGED).fill(user)
    form.offer("role", role_options(user.company_id))
    return render(
        "admin/user.html", user=user, form=form, rights=rights, groups=rights.rights_of(user), by=givers(),
        company=users.company_of(user), may_change=signed_in_viewer().can(Admin.USERS), today=users.today(),
        is_me=user.id == signed_in_viewer().user_id, moment=Moment().show, day=Date(),
    )


def givers() -> dict[UUID, str]:
    """The names of those who may have given a right, as far as the viewer sees them."""
    return {row.id: row.name for row in session.execute(select(User.id, User.name).where(User.role != Role.AGENT))}


@bp.get("/users/<uuid:user_id>", permission=Admin.VIEW)
def show_user(user_id: UUID) -> ResponseReturnValue:
    return user_page(get_or_404(User, user_id))


@bp.post("/users/<uuid:user_id>", permission=Admin.USERS, step_up=True)
def save_user(user_id: UUID) -> ResponseReturnValue:
    user, form = get_or_404(User, user_id), Form(User, CHANGED)
    if not form.read(request.form):
        return user_page(user, form), 422
    try:
        users.change(user, **form.values)
    except Misfit as problem:
        form.refuse(problem.name, str(problem))
    except Invalid as problem:
        form.errors.append(str(problem))
    if not form.valid:
        session.rollback()
        return user_page(get_or_404(User, user_id), form), 422
    flash(_("%(name)s is saved.", name=user.name), "success")
    return redirect(url_for("admin.show_user", user_id=user.id), 303)


def wanted_rights() -> dict[str, date | None]:
    """Those that are ticked, each with its last day. Raises Invalid."""
    return {name: Date().parse(request.form.get(f"until {name}", "")) for name in request.form.getlist("right")}


@bp.post("/users/<uuid:user_id>/rights", permission=Admin.USERS, step_up=True)
def save_rights(user_id: UUID) -> ResponseReturnValue:
    user = get_or_404(User, user_id)
    try:
        rights.set_rights(user, wanted_rights())
    except Invalid as problem:
        form = Form(User, CHANGED).fill(user)
        form.errors.append(str(problem))
        return user_page(user, form), 422
    flash(_("The rights of %(name)s are saved. They hold from the next click.", name=user.name), "success")
    return redirect(url_for("admin.show_user", user_id=user.id), 303)


@bp.post("/users/<uuid:user_id>/password-link", permission=Admin.USERS, step_up=True)
def make_password_link(user_id: UUID) -> ResponseReturnValue:
    user = get_or_404(User, user_id)
    try:
        return link_page(user, users.password_link(user))
    except Invalid as problem:
        flash(str(problem), "danger")
    return redirect(url_for("admin.show_user", user_id=user.id), 303)


@bp.post("/users/<uuid:user_id>/sign-out", permission=Admin.USERS)
def sign_user_out(user_id: UUID) -> ResponseReturnValue:
    user = get_or_404(User, user_id)
    ended = users.sign_out_everywhere(user)
    said = ngettext("%(name)s is signed out on one device.", "%(name)s is signed out on %(num)s devices.", ended,
                    name=user.name)
    flash(said, "success")
    return redirect(url_for("admin.show_user", user_id=user.id), 303)


@bp.post("/users/<uuid:user_id>/reset-second-factor", permission=Admin.USERS, step_up=True)
def reset_second_factor(user_id: UUID) -> ResponseReturnValue:
    user = get_or_404(User, user_id)
    try:
        users.reset_second_factor(user)
    except Invalid as problem:
        flash(str(problem), "danger")
    else:
        flash(_("%(name)s sets up the second step anew at the next sign-in.", name=user.name), "success")
    return redirect(url_for("admin.show_user", user_id=user.id), 303)
