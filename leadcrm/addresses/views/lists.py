"""The lists: who has one, and the page of one, for a company or a person."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.addresses import queries
from leadcrm.addresses.forms import ListForm
from leadcrm.addresses.permissions import Addresses
from leadcrm.addresses.services import affected, ranges, rules
from leadcrm.addresses.services.rules import List, LocksYouOut
from leadcrm.addresses.views.routes import bp
from leadcrm.auth.models.people import Company, User
from leadcrm.core.db import PLATFORM_ID, get_or_404, session
from leadcrm.core.proxy import client_address
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render

MINE = "mine"


@bp.get("/", permission=Addresses.MANAGE)
def overview() -> ResponseReturnValue:
    """Every company's, for who looks after more than one."""
    viewer = signed_in_viewer()
    if viewer.scope != Scope.NONE:
        return redirect(url_for("addresses.show_company_list", company_id=viewer.company_id), 303)
    rows = session.execute(queries.companies_with_ranges()).all()
    return render("addresses/overview.html", rows=rows, platform=PLATFORM_ID)


def list_page(which: List, form: ListForm, locked_out: bool = False) -> str:
    networks = [entry.network for entry in form.entries]
    address = client_address()
    return render(
        "addresses/list.html", which=which, form=form, company=get_or_404(Company, which.company_id),
        user=get_or_404(User, which.user_id) if which.user_id else None, locked_out=locked_out, address=address,
        mine=ranges.shown(ranges.around(address)) if address else "", warnings=list(ranges.warnings(form.entries)),
        people=affected.of(which, networks), holds_for_me=which.holds_for(signed_in_viewer()),
        is_platform=which.company_id == PLATFORM_ID, own_address=address_of(which), draft=address_of(which, "draft"),
    )


def address_of(which: List, what: str = "show") -> str:
    if which.user_id:
        return url_for(f"addresses.{what}_user_list", user_id=which.user_id)
    return url_for(f"addresses.{what}_company_list", company_id=which.company_id)


def draft_page(which: List) -> ResponseReturnValue:
    """What the list would do, with nothing saved yet; and a line more when somebody asks for their own address."""
    form, address = ListForm.read(request.form), client_address()
    mine = ranges.around(address) if address else None
    if request.form.get("add") == MINE and mine and all(entry.network != mine for entry in form.entries):
        form.take(ranges.shown(mine), _("%(name)s, here", name=signed_in_viewer().name)[:80])
    return list_page(which, form), 200 if form.valid else 422


def save(which: List) -> ResponseReturnValue:
    form = ListForm.read(request.form)
    if not form.valid:
        return list_page(which, form), 422
    try:
        rules.refuse_lock_out(which, form.entries, signed_in_viewer(), client_address())
    except LocksYouOut:
        return list_page(which, form, locked_out=True), 422
    rules.save(which, form.entries)
    flash(_("The list is saved. It holds from everybody's next click.") if form.entries else
          _("The list is empty: everybody may come from everywhere."), "success")
    return redirect(address_of(which), 303)


def refuse_without_lists() -> None:
    """Whose scope no list is for finds none, whatever right they were given: not an empty form that seems to save."""
    if signed_in_viewer().scope not in Addresses.MANAGE.within:
        abort(404)


def of_company(company_id: UUID) -> List:
    refuse_without_lists()
    return List(get_or_404(Company, company_id).id)


def of_user(user_id: UUID) -> List:
    refuse_without_lists()
    user = get_or_404(User, user_id)
    return List(user.company_id, user.id)


@bp.get("/company/<uuid:company_id>", permission=Addresses.MANAGE)
def show_company_list(company_id: UUID) -> ResponseReturnValue:
    which = of_company(company_id)
    return list_page(which, ListForm(rules.entries_of(which)))


@bp.post("/company/<uuid:company_id>", permission=Addresses.MANAGE, step_up=True)
def save_company_list(company_id: UUID) -> ResponseReturnValue:
    return save(of_company(company_id))


@bp.post("/company/<uuid:company_id>/draft", permission=Addresses.MANAGE)
def draft_company_list(company_id: UUID) -> ResponseReturnValue:
    return draft_page(of_company(company_id))


@bp.get("/user/<uuid:user_id>", permission=Addresses.MANAGE)
def show_user_list(user_id: UUID) -> ResponseReturnValue:
    which = of_user(user_id)
    return list_page(which, ListForm(rules.entries_of(which)))


@bp.post("/user/<uuid:user_id>", permission=Addresses.MANAGE, step_up=True)
def save_user_list(user_id: UUID) -> ResponseReturnValue:
    return save(of_user(user_id))


@bp.post("/user/<uuid:user_id>/draft", permission=Addresses.MANAGE)
def draft_user_list(user_id: UUID) -> ResponseReturnValue:
    return draft_page(of_user(user_id))
