"""The timeline of a lead: writing in it, mending one's own note, reading on."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import session
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.timeline import Line, line_of
from leadcrm.leads.services.timeline import may_mend, mend, write_note
from leadcrm.leads.views.page import lead_or_404, owner_values, timeline_values
from leadcrm.leads.views.routes import bp


@bp.get("/<uuid:lead_id>/timeline", permission=Leads.VIEW)
def show_timeline(lead_id: UUID) -> ResponseReturnValue:
    """The timeline alone, of one kind perhaps; `cursor` asks for what is older than what is shown."""
    values = of_lead(lead_or_404(lead_id))
    part = "leads/_timeline_lines.html" if request.args.get("cursor") else "leads/_timeline.html"
    return render("leads/timeline.html", part, **values)


def of_lead(lead: Lead) -> dict[str, Any]:
    viewer = signed_in_viewer()
    names = dict(owner_values(viewer)["agents"])
    shown = timeline_values(lead.id, names, request.args.get("kind", ""), request.args.get("cursor"))
    return shown | {
        "lead": lead, "base": url_for("leads.show_lead", lead_id=lead.id), "may_edit": viewer.can(Leads.EDIT),
    }  # fmt: skip


@bp.post("/<uuid:lead_id>/notes", permission=Leads.EDIT)
def add_note(lead_id: UUID) -> ResponseReturnValue:
    """What was said, for the timeline; nothing typed is lost when it cannot be kept."""
    lead, form = lead_or_404(lead_id), Form(Entry, ("text",), required=("text",))
    if not form.read(request.form):
        return anew(lead, form, 422)
    write_note(lead, form.values["text"])
    return anew(lead)


def anew(lead: Lead, note: Form | None = None, status: int = 200, told: bool = False) -> ResponseReturnValue:
    """The timeline in its place; without a script the page of the lead, or the box with what is wrong in it."""
    session.flush()
    if note is None and not wants_fragment():
        return redirect(f"{url_for('leads.show_lead', lead_id=lead.id)}#timeline", 303)
    part = "leads/_timeline_told.html" if told else "leads/_timeline.html"
    return render("leads/timeline.html", part, note=note, **of_lead(lead)), status


def mendable_or_404(lead: Lead, entry_id: UUID) -> Line:
    line = line_of(lead.id, entry_id)
    return line if line is not None and may_mend(line.entry) else abort(404)


@bp.route("/<uuid:lead_id>/notes/<uuid:entry_id>/edit", methods=["GET", "POST"], permission=Leads.EDIT)
def edit_note(lead_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """One's own words, shortly after writing them. What stood there is kept."""
    lead = lead_or_404(lead_id)
    line, form = mendable_or_404(lead, entry_id), Form(Entry, ("text",), required=("text",))
    form["text"].value = line.words or ""
    status = 200
    if request.method == "POST":
        if form.read(request.form):
            if form.values["text"] != line.words:
                mend(lead, line.entry, form.values["text"])
            return anew(lead)
        status = 422
    values: dict[str, Any] = {"lead": lead, "form": form, "entry": line.entry, "action": request.path}
    return render("leads/note.html", "leads/_note_form.html", **values), status


@bp.post("/<uuid:lead_id>/notes/<uuid:entry_id>/remove", permission=Leads.EDIT)
def remove_note(lead_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    line = mendable_or_404(lead, entry_id)
    if line.taken_back or line.entry.kind != "note":
        abort(404)
    mend(lead, line.entry, None)
    undo = url_for(".restore_note", lead_id=lead_id, entry_id=entry_id)
    flash({"text": _("The note was removed."), "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]
    return anew(lead, told=True)


@bp.post("/<uuid:lead_id>/notes/<uuid:entry_id>/restore", permission=Leads.EDIT)
def restore_note(lead_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    line = mendable_or_404(lead, entry_id)
    if line.taken_back:
        mend(lead, line.entry, line.earlier[-1].text)
        flash(_("The note is back."), "success")
    return anew(lead, told=True)
