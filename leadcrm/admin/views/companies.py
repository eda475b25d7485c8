"""Companies: the offices that use the product."""

import re
import unicodedata
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.admin import queries
from leadcrm.admin.permissions import Admin
from leadcrm.admin.views.routes import bp
from leadcrm.auth.models.people import Company
from leadcrm.auth.services import sessions
from leadcrm.core.claims import Taken, claiming
from leadcrm.core.db import PLATFORM_ID, get_or_404, session
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render

FIELDS = ("name", "totp_required", "active")
MOST_AT_ONCE = 10


def company_options() -> list[tuple[str, str]]:
    """What an admin may choose from; nothing for who has one company only."""
    if not signed_in_viewer().can(Admin.COMPANIES):
        return []
    return [(str(row.Company.id), row.Company.name) for row in session.execute(queries.companies_by_name())]


def slug_of(name: str) -> str:
    """`Café De Hoek B.V.` → `cafe-de-hoek-b-v`, with a number when it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "company"
    taken = set(session.scalars(select(Company.slug).where(Company.slug.startswith(stem, autoescape=True))))
    free = (candidate for number in range(1, len(taken) + 2) if (candidate := numbered(stem, number)) not in taken)
    return next(free)


def numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def founded(values: dict[str, Any], attempts: int = MOST_AT_ONCE) -> Company:
    """A company with a mark of its own; when somebody takes that mark just now, the next one."""
    company = Company(slug=slug_of(values["name"]), active=True, **values)
    try:
        with claiming({"uq_auth_company_slug": _("Somebody adds this company just now.")}):
            session.add(company)
    except Taken:
        if attempts == 1:
            raise
        return founded(values, attempts - 1)
    return company


@bp.get("/companies", permission=Admin.COMPANIES)
def list_companies() -> ResponseReturnValue:
    return render("admin/companies.html", rows=session.execute(queries.companies_by_name()).all())


@bp.get("/companies/new", permission=Admin.COMPANIES)
def new_company() -> ResponseReturnValue:
    form = Form(Company, ("name", "totp_required"))
    form.totp_required.value = "yes"
    return render("admin/company.html", company=None, form=form)


@bp.post("/companies/new", permission=Admin.COMPANIES, step_up=True)
def add_company() -> ResponseReturnValue:
    form = Form(Company, ("name", "totp_required"))
    if not form.read(request.form):
        return render("admin/company.html", company=None, form=form), 422
    try:
        company = founded(form.values)
    except Taken as problem:
        form.refuse("name", str(problem))
        return render("admin/company.html", company=None, form=form), 422
    flash(_("%(name)s is added. Now invite its company manager.", name=company.name), "success")
    return redirect(url_for("admin.new_user", company=company.id), 303)


@bp.get("/companies/<uuid:company_id>", permission=Admin.COMPANIES)
def show_company(company_id: UUID) -> ResponseReturnValue:
    company = get_or_404(Company, company_id)
    return render("admin/company.html", company=company, form=Form(Company, FIELDS).fill(company))


@bp.post("/companies/<uuid:company_id>", permission=Admin.COMPANIES, step_up=True)
def save_company(company_id: UUID) -> ResponseReturnValue:
    company = get_or_404(Company, company_id)
    form = Form(Company, FIELDS)
    valid = form.read(request.form)
    if valid and company.id == PLATFORM_ID and not form.values["active"]:
        form.refuse("active", _("The platform's own company stays on: its admins would lock themselves out."))
    if not form.valid:
        return render("admin/company.html", company=company, form=form), 422
    stops = company.active and not form.values["active"]
    form.apply(company)
    if stops:
        sessions.end_company(company)  # otherwise they would live again when it is switched on again
    flash(_("%(name)s is saved.", name=company.name), "success")
    return redirect(url_for("admin.list_companies"), 303)
