"""Sources that take leads: what counts for them, their keys, and the page that tells a supplier how to deliver."""

from typing import Any
from uuid import UUID

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.forms import Form
from leadcrm.core.web import render
from leadcrm.intake.models.inlet import Inlet, Key
from leadcrm.intake.models.webform import WebForm
from leadcrm.intake.permissions import Intake
from leadcrm.intake.services import describing, offering, polling, sources
from leadcrm.intake.views.routes import bp
from leadcrm.leads.forms import Pick, Picks, Together
from leadcrm.leads.models.source import Label, Source

SETTINGS = ("goal", "on_duplicate", "tells_duplicates", "per_minute", "active")


@bp.get("/intake/sources", permission=Intake.MANAGE)
def list_sources() -> ResponseReturnValue:
    return render("intake/sources.html", listed=sources.listed())


@bp.post("/intake/sources/open", permission=Intake.MANAGE)
def open_inlet() -> ResponseReturnValue:
    source = get_or_404(Source, request.form.get("source", type=UUID) or abort(404))
    return redirect(url_for(".show_inlet", inlet_id=sources.open_inlet(source.id).id), 303)


@bp.get("/intake/sources/<uuid:inlet_id>", permission=Intake.MANAGE)
def show_inlet(inlet_id: UUID) -> ResponseReturnValue:
    return page(get_or_404(Inlet, inlet_id))


def page(inlet: Inlet, naming: Form | None = None, status: int = 200, **more: Any) -> ResponseReturnValue:
    forms = session.scalars(select(WebForm).where(WebForm.inlet_id == inlet.id).order_by(WebForm.name)).all()
    values: dict[str, Any] = {
        "inlet": inlet, "source": source_of(inlet), "keys": sources.keys_of(inlet), "forms": forms,
        "naming": naming or Form(Key, ("name",)), "moment": Moment().show, "mailbox": polling.of_inlet(inlet.id),
        "words_for": polling.words_for, "address": describing.address_of(source_of(inlet).key),
        "lacks": offering.left_out, **more,
    }
    return render("intake/inlet.html", **values), status


def source_of(inlet: Inlet) -> Source:
    return get_or_404(Source, inlet.source_id)


def labels(inlet: Inlet) -> Picks:
    rows = session.execute(select(Label.id, Label.name).where(Label.active).order_by(Label.name))
    pick = Pick("label_id", _("Label"), [(str(ident), name) for ident, name in rows])
    pick.value = str(inlet.label_id or "")
    return Picks([pick])


@bp.get("/intake/sources/<uuid:inlet_id>/settings", permission=Intake.MANAGE)
def edit_inlet(inlet_id: UUID) -> ResponseReturnValue:
    inlet = get_or_404(Inlet, inlet_id)
    return settings_page(inlet, Together([Form(Inlet, SETTINGS).fill(inlet), labels(inlet)]))


def settings_page(inlet: Inlet, whole: Together, status: int = 200) -> ResponseReturnValue:
    return render("intake/settings.html", inlet=inlet, source=source_of(inlet), whole=whole), status


@bp.post("/intake/sources/<uuid:inlet_id>/settings", permission=Intake.MANAGE)
def save_inlet(inlet_id: UUID) -> ResponseReturnValue:
    inlet = get_or_404(Inlet, inlet_id)
    form, picks = Form(Inlet, SETTINGS), labels(inlet)
    whole = Together([form, picks])
    if not whole.read(request.form):
        return settings_page(inlet, whole, 422)
    form.apply(inlet)
    inlet.label_id = picks.values["label_id"]
    flash(_("Saved."), "success")
    return redirect(url_for(".show_inlet", inlet_id=inlet_id), 303)


@bp.post("/intake/sources/<uuid:inlet_id>/keys", permission=Intake.MANAGE, step_up=True)
def make_key(inlet_id: UUID) -> ResponseReturnValue:
    """Shown in this answer, and never again."""
    inlet = get_or_404(Inlet, inlet_id)
    naming = Form(Key, ("name",))
    if not naming.read(request.form):
        return page(inlet, naming, 422)
    _key, secret = sources.make_key(inlet, naming.values["name"])
    session.flush()
    return page(inlet, secret=secret, example=describing.example(source_of(inlet).key, secret))


@bp.post("/intake/keys/<uuid:key_id>/revoke", permission=Intake.MANAGE)
def revoke_key(key_id: UUID) -> ResponseReturnValue:
    key = get_or_404(Key, key_id)
    if sources.revoke(key):
        flash(_("The key is revoked: nothing comes in with it any more."), "success")
    return redirect(url_for(".show_inlet", inlet_id=key.inlet_id), 303)


@bp.get("/intake/sources/<uuid:inlet_id>/fields", permission=Intake.MANAGE)
def show_fields(inlet_id: UUID) -> ResponseReturnValue:
    """To be passed on to who builds the connection."""
    inlet = get_or_404(Inlet, inlet_id)
    source = source_of(inlet)
    return render(
        "intake/fields.html", inlet=inlet, source=source, address=describing.address_of(source.key),
        example=describing.example(source.key), form_example=describing.form_example(source.key),
        parts=describing.parts(inlet), answers=describing.answers(), extras=describing.extras(),
    )


@bp.get("/intake/sources/<uuid:inlet_id>/openapi.json", permission=Intake.MANAGE)
def download_openapi(inlet_id: UUID) -> ResponseReturnValue:
    inlet = get_or_404(Inlet, inlet_id)
    answer = jsonify(describing.openapi(inlet, source_of(inlet)))
    answer.headers["Content-Disposition"] = "attachment; filename=openapi.json"
    return answer
