"""The register of hosting partners and sub-processors."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.annex.checks import EEA
from leadcrm.annex.models import Supplier
from leadcrm.annex.permissions import Annex
from leadcrm.annex.views.routes import bp
from leadcrm.core.db import PLATFORM_ID, get_or_404, now, session
from leadcrm.core.forms import Form
from leadcrm.core.web import render

FIELDS = ("name", "service", "country", "certificate", "valid_until", "contract")


@bp.get("/suppliers", permission=Annex.VIEW)
def list_suppliers() -> ResponseReturnValue:
    rows = session.scalars(select(Supplier).order_by(Supplier.name, Supplier.id)).all()
    return render("annex/suppliers.html", rows=rows, today=now().date())


@bp.get("/suppliers/new", permission=Annex.KEEP)
def new_supplier() -> ResponseReturnValue:
    form = Form(Supplier, FIELDS)
    form.country.value = "NL"
    return render("annex/supplier.html", supplier=None, form=form)


@bp.post("/suppliers/new", permission=Annex.KEEP)
def add_supplier() -> ResponseReturnValue:
    form = Form(Supplier, FIELDS)
    if not _read(form):
        return render("annex/supplier.html", supplier=None, form=form), 422
    session.add(Supplier(company_id=PLATFORM_ID, **form.values))
    flash(_("%(name)s is recorded.", name=form.values["name"]), "success")
    return redirect(url_for("annex.list_suppliers"), 303)


def _read(form: Form) -> bool:
    """Processing outside the EEA is not agreed upon (art. 6), so it cannot be recorded as if it were."""
    if form.read(request.form) and form.values["country"] not in EEA:
        form.refuse("country", _("The agreement allows processing within the EEA only."))
    return form.valid


@bp.get("/suppliers/<uuid:supplier_id>", permission=Annex.KEEP)
def show_supplier(supplier_id: UUID) -> ResponseReturnValue:
    supplier = get_or_404(Supplier, supplier_id)
    return render("annex/supplier.html", supplier=supplier, form=Form(Supplier, FIELDS).fill(supplier))


@bp.post("/suppliers/<uuid:supplier_id>", permission=Annex.KEEP)
def save_supplier(supplier_id: UUID) -> ResponseReturnValue:
    supplier = get_or_404(Supplier, supplier_id)
    form = Form(Supplier, FIELDS)
    if not _read(form):
        return render("annex/supplier.html", supplier=supplier, form=form), 422
    form.apply(supplier)
    flash(_("%(name)s is saved.", name=supplier.name), "success")
    return redirect(url_for("annex.list_suppliers"), 303)


@bp.post("/suppliers/<uuid:supplier_id>/remove", permission=Annex.KEEP)
def remove_supplier(supplier_id: UUID) -> ResponseReturnValue:
    supplier = get_or_404(Supplier, supplier_id)
    session.delete(supplier)
    flash(_("%(name)s is no longer in the register.", name=supplier.name), "success")
    return redirect(url_for("annex.list_suppliers"), 303)
