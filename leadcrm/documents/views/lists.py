"""The documents of a lead: the panel on its page and the page of their own, the bin, all of them at once."""

from uuid import UUID

from flask import Response, abort, flash, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.core.web import render
from leadcrm.documents.permissions import Documents
from leadcrm.documents.services import finding, keeping, reading
from leadcrm.documents.views.files import sent
from leadcrm.documents.views.page import back_to_list, document_or_404, lead_or_404, list_values, shared
from leadcrm.documents.views.routes import bp

ZIP = "application/zip"


@bp.get("/lead/<uuid:lead_id>", permission=Documents.VIEW)
def list_documents(lead_id: UUID) -> ResponseReturnValue:
    return render("documents/list.html", "documents/_panel.html", **list_values(lead_or_404(lead_id)))


@bp.get("/lead/<uuid:lead_id>/rows", permission=Documents.VIEW)
def list_rows(lead_id: UUID) -> ResponseReturnValue:
    """Another page of them, or what was searched."""
    return render("documents/list.html", "documents/_list.html", **list_values(lead_or_404(lead_id)))


@bp.get("/lead/<uuid:lead_id>/all", permission=Documents.VIEW)
def download_all(lead_id: UUID) -> ResponseReturnValue:
    """One archive, made while it leaves."""
    lead = lead_or_404(lead_id)
    response = Response(stream_with_context(reading.zip_of(lead)), mimetype=ZIP)
    return sent(response, f"{_('Documents')} {lead.household_name or lead.reference}.zip")


@bp.get("/lead/<uuid:lead_id>/bin", permission=Documents.DELETE)
def show_bin(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    listed = finding.listed(finding.search(lead.id, removed=True), request.args.get("cursor"))
    return render("documents/bin.html", lead=lead, listed=listed, **shared())


@bp.post("/<uuid:document_id>/remove", permission=Documents.DELETE)
def remove(document_id: UUID) -> ResponseReturnValue:
    """To the bin; undone with one press."""
    document = document_or_404(document_id)
    keeping.trash([document])
    undo = url_for("documents.bring_back", document_id=document.id)
    said = {"text": _("%(name)s is in the bin.", name=document.name), "action_url": undo, "action_label": _("Undo")}
    return back_to_list(document.lead_id, said)


@bp.post("/<uuid:document_id>/bring-back", permission=Documents.DELETE)
def bring_back(document_id: UUID) -> ResponseReturnValue:
    document = document_or_404(document_id, removed=True)
    keeping.restore([document])
    flash(_("%(name)s is back.", name=document.name), "success")
    return redirect(url_for("documents.list_documents", lead_id=document.lead_id), 303)


@bp.post("/<uuid:document_id>/purge", permission=Documents.DELETE, step_up=True)
def purge(document_id: UUID) -> ResponseReturnValue:
    """For good, with every version."""
    document = document_or_404(document_id, removed=True)
    keeping.purge([document])
    flash(_("%(name)s was removed for good.", name=document.name), "success")
    return redirect(url_for("documents.show_bin", lead_id=document.lead_id), 303)


@bp.post("/lead/<uuid:lead_id>/bin/empty", permission=Documents.DELETE, step_up=True)
def empty_bin(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    removed = finding.all_of(finding.search(lead.id, removed=True)) or abort(404)
    keeping.purge(removed)
    said = ngettext("%(num)s document was removed for good.", "%(num)s documents were removed for good.", len(removed))
    flash(said, "success")
    return redirect(url_for("documents.list_documents", lead_id=lead.id), 303)


