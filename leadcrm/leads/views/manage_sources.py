"""Where leads come from and what they cost: sources, labels and suppliers, for managers."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from leadcrm.core.claims import Taken
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.forms import Form
from leadcrm.core.web import render
from leadcrm.leads.forms import Pick, Picks, Together, refuse_all
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import agreements
from leadcrm.leads.views.routes import bp

KINDS: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "source": (Source, lazy_gettext("Lead source"), ("name", "key", "active")),
    "label": (Label, lazy_gettext("Label"), ("name", "price", "return_days", "exclusive", "active")),
    "supplier": (Supplier, lazy_gettext("Supplier"), ("name", "kvk", "afm_licence", "active")),
}


@bp.get("/sources", permission=Leads.MANAGE_SOURCES)
def list_sources() -> ResponseReturnValue:
    tables = [_table(kind) for kind in KINDS]
    return render("leads/sources.html", tables=tables)


def _table(kind: str) -> dict[str, Any]:
    model, title, names = KINDS[kind]
    facts = facts_of(model)
    rows = session.scalars(select(model).order_by(model.active.desc(), model.name)).all()
    shown = [(row.id, [_shown(facts[name].kind, getattr(row, name)) for name in names]) for row in rows]
    return {"kind": kind, "title": title, "headings": [facts[name].label for name in names], "rows": shown}


def _shown(kind: Any, value: Any) -> str:
    unit = f" {kind.unit}" if kind.unit and kind.unit != "€" and value is not None else ""
    return f"{kind.show(value)}{unit}"


@bp.route("/sources/<kind>/new", methods=["GET", "POST"], permission=Leads.MANAGE_SOURCES)
def add_source(kind: str) -> ResponseReturnValue:
    return _edit(kind, None)


@bp.route("/sources/<kind>/<uuid:row_id>", methods=["GET", "POST"], permission=Leads.MANAGE_SOURCES)
def edit_source(kind: str, row_id: UUID) -> ResponseReturnValue:
    return _edit(kind, get_or_404(_kind(kind)[0], row_id))


def _kind(kind: str) -> tuple[Any, Any, tuple[str, ...]]:
    return KINDS.get(kind) or abort(404)


def _edit(kind: str, row: Any) -> ResponseReturnValue:
    model, title, names = _kind(kind)
    form, picks = Form(model, names), _picks(kind, row)
    whole = Together([form, picks])
    if request.method == "GET":
        if row is not None:
            form.fill(row)
        else:
            form["active"].value = "yes"
        return _form(title, whole)
    if whole.read(request.form):
        refuse_all(form, agreements.problems(model, form.values, row))
    if not whole.valid:
        return _form(title, whole, 422)
    try:
        _save(model, row, form.values | picks.values)
    except Taken as problem:  # by somebody who saved at the same time
        form.refuse(agreements.unique_of(model), str(problem))
        return _form(title, whole, 422)
    flash(_("Saved."), "success")
    return redirect(url_for("leads.list_sources"), 303)


def _save(model: Any, row: Any, values: dict[str, Any]) -> None:
    if row is None:
        agreements.add(model, values)
    else:
        agreements.change(row, values)


def _picks(kind: str, row: Any) -> Picks:
    if kind != "label":
        return Picks()
    suppliers = session.execute(select(Supplier.id, Supplier.name).where(Supplier.active).order_by(Supplier.name))
    pick = Pick("supplier_id", _("Supplier"), [(str(ident), name) for ident, name in suppliers])
    pick.value = str(getattr(row, "supplier_id", None) or "")
    return Picks([pick])


def _form(title: Any, whole: Together, status: int = 200) -> ResponseReturnValue:
    return render("leads/source_form.html", title=title, whole=whole), status
