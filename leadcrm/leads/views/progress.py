"""Where a lead stands and who has it: stage, owner, notes, removal."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.forms import STAGE, refuse_all
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import leads, rules
from leadcrm.leads.services.timeline import write_note
from leadcrm.leads.views.list import agent_named
from leadcrm.leads.views.page import house_or_404, lead_or_404, page_values
from leadcrm.leads.views.routes import bp


def _back(lead_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("leads.show_lead", lead_id=lead_id), 303)


@bp.get("/<uuid:lead_id>/stage", permission=Leads.EDIT)
def change_stage(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    return render("leads/stage.html", lead=lead, form=Form(Lead, STAGE, required=("stage",)).fill(lead))


@bp.post("/<uuid:lead_id>/stage", permission=Leads.EDIT)
def save_stage(lead_id: UUID) -> ResponseReturnValue:
    """To another stage; closing one may ask why."""
    lead, form = lead_or_404(lead_id), Form(Lead, STAGE, required=("stage",))
    if form.read(request.form):
        refuse_all(form, rules.stage_problems(**_named(form.values)))
    if not form.valid:
        return render("leads/stage.html", lead=lead, form=form), 422
    leads.move(lead, by=signed_in_viewer(), **_named(form.values))
    flash(_("The stage is now: %(stage)s.", stage=lead.stage.label), "success")
    return _back(lead_id)


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {"stage": values["stage"], "reason": values["stage_reason"], "return_reason": values["return_reason"]}


@bp.post("/<uuid:lead_id>/owner", permission=Leads.ASSIGN)
def assign_lead(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    agent = agent_named(request.form.get("owner", ""))
    batch = leads.assign([lead], agent, by=signed_in_viewer())
    if batch:
        text = _("Assigned to %(name)s.", name=agent.name if agent else _("nobody"))
        undo = url_for("leads.undo_assign", batch=batch)
        flash({"text": text, "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/notes", permission=Leads.EDIT)
def add_note(lead_id: UUID) -> ResponseReturnValue:
    """What was said, for the timeline; nothing typed is lost when it cannot be kept."""
    lead, form = lead_or_404(lead_id), Form(Entry, ("text",), required=("text",))
    if not form.read(request.form):
        values = page_values(house_or_404(lead_id)) | {"note": form}
        return render("leads/show.html", "leads/_timeline.html", **values), 422
    write_note(lead, form.values["text"], called="called" in request.form)
    if not wants_fragment():
        return _back(lead_id)
    session.flush()
    return render_template("leads/_noted.html", **page_values(house_or_404(lead_id)))


@bp.post("/<uuid:lead_id>/delete", permission=Leads.DELETE)
def delete_lead(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    leads.delete(lead)
    text = _("%(name)s was removed.", name=lead.household_name or lead.reference)
    undo = url_for("leads.restore_lead", lead_id=lead_id)
    flash({"text": text, "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]
    return redirect(url_for("leads.list_leads"), 303)


@bp.post("/<uuid:lead_id>/restore", permission=Leads.DELETE)
def restore_lead(lead_id: UUID) -> ResponseReturnValue:
    lead = session.scalars(select(Lead).where(Lead.id == lead_id, Lead.deleted_at.is_not(None))).one_or_none()
    if lead is None:
        abort(404)
    leads.bring_back(lead)
    flash(_("%(name)s is back.", name=lead.household_name or lead.reference), "success")
    return _back(lead_id)
