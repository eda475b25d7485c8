"""Break-glass: who looked into which company and why, taking it, and stopping it."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.admin.permissions import Admin
from leadcrm.admin.views.routes import bp
from leadcrm.auth.models.glass import SHORTEST_REASON, BrokenGlass
from leadcrm.auth.models.people import Company
from leadcrm.auth.services import glass
from leadcrm.auth.services.viewers import SignedIn
from leadcrm.core.db import PLATFORM_ID, get_or_404, now, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render

FIELDS = ("reason", "minutes", "reveals")
SHOWN = 200


@bp.get("/break-glass", permission=Admin.GLASS_LOG)
def list_glass() -> ResponseReturnValue:
    found = select(BrokenGlass, Company.name.label("company")).join(Company, Company.id == BrokenGlass.company_id)
    rows = session.execute(found.order_by(BrokenGlass.started_at.desc()).limit(SHOWN)).all()
    viewer = signed_in_viewer()
    return render(
        "admin/glass.html", rows=rows, moment=Moment().show, now=now(), may_take=viewer.can(Admin.GLASS),
        may_stop=not viewer.read_only,
    )


def company_options() -> list[tuple[str, str]]:
    found = select(Company.id, Company.name).where(Company.active, Company.id != PLATFORM_ID).order_by(Company.name)
    return [(str(row.id), row.name) for row in session.execute(found)]


def take_page(form: Form, problem: str = "") -> str:
    return render("admin/take_glass.html", form=form, companies=company_options(), problem=problem,
                  chosen=request.values.get("company", ""))  # fmt: skip


@bp.get("/break-glass/new", permission=Admin.GLASS, step_up=True)
def new_glass() -> ResponseReturnValue:
    form = Form(BrokenGlass, FIELDS)
    form.minutes.value, form.reveals.value = "15", "no"
    return take_page(form)


@bp.post("/break-glass/new", permission=Admin.GLASS, step_up=True)
def take_glass() -> ResponseReturnValue:
    form, chosen = Form(BrokenGlass, FIELDS), request.form.get("company", type=UUID)
    if form.read(request.form) and len(form.values["reason"]) < SHORTEST_REASON:
        form.refuse("reason", _("Say a little more: the company reads this, and so does an auditor."))
    if chosen is None or not form.valid:
        return take_page(form, "" if chosen else _("Choose a company.")), 422
    try:
        glass.start(get_or_404(Company, chosen), **form.values)
    except Invalid as problem:
        return take_page(form, str(problem)), 422
    return redirect(url_for("core.home"), 303)


@bp.post("/break-glass/<uuid:glass_id>/stop", permission=Admin.GLASS_LOG, harmless=True)
def stop_glass(glass_id: UUID) -> ResponseReturnValue:
    """By the admin who looks, who may change nothing but this; or by a manager of the company."""
    if not glass.stop(glass_id):
        abort(404)
    flash(_("The emergency access has ended."), "success")
    mine = isinstance(viewer := signed_in_viewer(), SignedIn) and viewer.glass
    return redirect(url_for("core.home") if mine else url_for("admin.list_glass"), 303)
