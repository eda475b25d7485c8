"""Where a lead stands and who has it: stage, owner, notes, removal."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.leads.forms import STAGE, refuse_all
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import leads, rules
from leadcrm.leads.views.list import agent_named
from leadcrm.leads.views.page import lead_or_404
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
    if not form.valid or not _moved(lead, form):
        return render("leads/stage.html", lead=lead, form=form), 422
    flash(_("The stage is now: %(stage)s.", stage=lead.stage.label), "success")
    return _back(lead_id)


def _moved(lead: Lead, form: Form) -> bool:
    """False when a rule of somebody who listens refuses it."""
    try:
        leads.move(lead, by=signed_in_viewer(), **_named(form.values))
    except Invalid as problem:
        form.errors.append(str(problem.message))
    return form.valid


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
