"""A lead to another step: from the board, from its own page, or from the form that both fall back to."""

from uuid import UUID

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.views.cells import DayWords
from leadcrm.leads.views.page import lead_or_404
from leadcrm.pipelines.forms import MoveForm
from leadcrm.pipelines.services import steps
from leadcrm.pipelines.services.layout import layout_of
from leadcrm.pipelines.services.rules import Refused
from leadcrm.pipelines.views.routes import bp


@bp.get("/leads/<uuid:lead_id>/move", permission=Leads.EDIT)
def choose_step(lead_id: UUID) -> ResponseReturnValue:
    """To which step, and why when it is closed. With `step` in the address that one is asked about."""
    lead = lead_or_404(lead_id)
    return _form(lead, MoveForm(lead, layout_of(lead.company_id), request.args.get("step", "")))


def _form(lead: Lead, form: MoveForm, status: int = 200) -> ResponseReturnValue:
    back = _back(lead.id)
    return render("pipelines/move.html", "pipelines/_move.html", lead=lead, form=form, back=back), status


@bp.post("/leads/<uuid:lead_id>/move", permission=Leads.EDIT)
def move_lead(lead_id: UUID) -> ResponseReturnValue:
    """The board asks for JSON and has shown the card in its new place by then: a refusal makes it go back."""
    lead = lead_or_404(lead_id)
    form = MoveForm(lead, layout_of(lead.company_id), request.form.get("step", ""))
    if not form.read(request.form) or form.stop is None:
        return _refused(lead, form)
    if form.stop == form.here:
        return _moved(lead, form.stop.name)
    try:
        steps.move(
            lead, form.stop, signed_in_viewer(), form.reason, form.return_reason, form.lost_reason_id
        )
    except Invalid as problem:
        form.refuse(problem)
        return _refused(lead, form)
    return _moved(lead, form.stop.name)


def _refused(lead: Lead, form: MoveForm) -> ResponseReturnValue:
    if _wants_json():
        return jsonify(problem=form.problem, name=lead.household_name or lead.reference), 422
    return _form(lead, form, 422)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _moved(lead: Lead, step: str) -> ResponseReturnValue:
    session.flush()
    done = steps.move_made(lead)
    undo = url_for("pipelines.undo_move", lead_id=lead.id, move_id=done.id, back=_back(lead.id)) if done else ""
    text = _("%(name)s is now in “%(step)s”.", name=lead.household_name or lead.reference, step=step)
    if _wants_json():
        return jsonify(said=text, undo=undo, undo_label=_("Undo"), since=DayWords(now()).day(lead.stage_since))
    flash({"text": text, "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]  # see core/_notices.html
    return redirect(_back(lead.id), 303)


@bp.post("/leads/<uuid:lead_id>/moves/<uuid:move_id>/undo", permission=Leads.EDIT)
def undo_move(lead_id: UUID, move_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    try:
        steps.undo(lead, steps.move_of(lead, move_id) or abort(404), signed_in_viewer())
    except Refused as problem:
        return _too_late(lead, str(problem.message))
    text = _("%(name)s is back where it was.", name=lead.household_name or lead.reference)
    if _wants_json():
        stop = layout_of(lead.company_id).of(lead)
        return jsonify(said=text, step=str(stop.id) if stop else "")
    flash(text, "success")
    return redirect(_back(lead.id), 303)


def _too_late(lead: Lead, text: str) -> ResponseReturnValue:
    if _wants_json():
        return jsonify(problem=text), 422
    flash(text, "warning")
    return redirect(_back(lead.id), 303)


def _back(lead_id: UUID) -> str:
    """The board as it was, or the lead; never another page or site."""
    asked = request.values.get("back", "")
    board = url_for("pipelines.show_board")
    if asked == board or (asked.startswith(f"{board}?") and asked.isprintable()):
        return asked
    return url_for("leads.show_lead", lead_id=lead_id)
