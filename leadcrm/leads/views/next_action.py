"""What is to be done next with a lead: always in its head, one key away; finishing it asks what comes after."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.timeline import line_of
from leadcrm.leads.services import next_action
from leadcrm.leads.views.cells import shown_day
from leadcrm.leads.views.page import lead_or_404
from leadcrm.leads.views.routes import bp
from leadcrm.leads.views.timeline import of_lead

FIELDS = ("next_action", "next_action_at")
IN_DAYS = (1, 3, 7)
MORNING = time(9)


@bp.get("/<uuid:lead_id>/next", permission=Leads.EDIT)
def ask_next(lead_id: UUID) -> ResponseReturnValue:
    """The form, in the head of the lead. `text` and `days` are what another page proposes."""
    lead, form = lead_or_404(lead_id), Form(Lead, FIELDS)
    if "text" in request.args:
        form["next_action"].value = request.args["text"][:200]
        form["next_action_at"].value = in_days(request.args.get("days", 0, type=int))
    else:
        form.fill(lead)
    return asked(lead, form)


def in_days(days: int) -> str:
    """The morning of a working day so far from now, as it is typed."""
    day = now().astimezone(OFFICE).date() + timedelta(days=min(max(days, 0), 365))
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    form = Form(Lead, FIELDS)
    return form["next_action_at"].kind.edit(datetime.combine(day, MORNING, OFFICE)) if days else ""


def asked(lead: Lead, form: Form, status: int = 200) -> ResponseReturnValue:
    values: dict[str, Any] = {
        "lead": lead, "form": form, "base": url_for("leads.show_lead", lead_id=lead.id), "back": _back_to(),
        "proposals": [(days, in_days(days)) for days in IN_DAYS], "shown_day": shown_day, "now": now(),
        "may_edit": True, "is_closed": lead.stage.is_closed,
    }
    return render("leads/next.html", "leads/_next_form.html", **values), status


def _back_to() -> str:
    """Where somebody was when they finished an action: today's work, or the lead."""
    return "today" if request.values.get("back") == "today" else ""


@bp.post("/<uuid:lead_id>/next", permission=Leads.EDIT)
def save_next(lead_id: UUID) -> ResponseReturnValue:
    lead, form = lead_or_404(lead_id), Form(Lead, FIELDS)
    if not form.read(request.form):
        return asked(lead, form, 422)
    if form.values["next_action_at"] and not form.values["next_action"]:
        form.refuse("next_action", _("Say what is to be done then."))
        return asked(lead, form, 422)
    next_action.set_next(lead, **{"action": form.values["next_action"], "at": form.values["next_action_at"]})
    return shown(lead)


def shown(lead: Lead) -> ResponseReturnValue:
    """The head's part anew; without a script back to where somebody came from."""
    session.flush()
    if not wants_fragment():
        today = "followup.today" if _back_to() else ""
        return redirect(url_for(today) if today else url_for("leads.show_lead", lead_id=lead.id), 303)
    return render_template("leads/_next_swapped.html", **parts(lead))


def parts(lead: Lead) -> dict[str, Any]:
    return of_lead(lead) | {"shown_day": shown_day, "now": now(), "is_closed": lead.stage.is_closed}


@bp.get("/<uuid:lead_id>/next/shown", permission=Leads.EDIT)
def show_next(lead_id: UUID) -> ResponseReturnValue:
    """The form is left as it was."""
    return shown(lead_or_404(lead_id))


@bp.post("/<uuid:lead_id>/next/done", permission=Leads.EDIT)
def finish_next(lead_id: UUID) -> ResponseReturnValue:
    """Finished: what comes next? Undo brings it back as it was."""
    lead = lead_or_404(lead_id)
    if lead.next_action is None and lead.next_action_at is None:
        abort(404)
    done = next_action.finish(lead)
    session.flush()
    undo = url_for(".undo_next", lead_id=lead_id, entry_id=done.id)
    text = _("Finished: %(action)s", action=done.text or _("Next action"))
    flash({"text": text, "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]
    if not wants_fragment():
        return redirect(url_for(".ask_next", lead_id=lead_id, back=_back_to() or None), 303)
    form = Form(Lead, FIELDS)
    values = parts(lead) | {"form": form, "proposals": [(days, in_days(days)) for days in IN_DAYS], "back": ""}
    return render_template("leads/_next_finished.html", **values)


@bp.post("/<uuid:lead_id>/next/<uuid:entry_id>/undo", permission=Leads.EDIT)
def undo_next(lead_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Only whoever finished it, and once."""
    lead, line = lead_or_404(lead_id), line_of(lead_id, entry_id)
    mine = line is not None and line.entry.by_id == signed_in_viewer().user_id and not line.amendments
    if line is None or not mine or line.entry.kind != EntryKind.ACTION:
        abort(404)
    next_action.take_up_again(lead, line.entry)
    flash(_("It is to be done again."), "success")
    return redirect(url_for("leads.show_lead", lead_id=lead_id), 303)
