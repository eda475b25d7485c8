"""My exports: how far they are, and the file as long as it is there."""

from uuid import UUID

from flask import Response, abort, flash, g, make_response, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.services import preferences
from leadcrm.bulk.services.actions import shown
from leadcrm.bulk.views.words import progress_texts
from leadcrm.core import audit, blobs, headers
from leadcrm.core.db import get_or_404, now, session
from leadcrm.core.fields.dates import OFFICE, Moment
from leadcrm.core.paging import Sort, paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import may_open, render, wants_fragment
from leadcrm.exports import jobs
from leadcrm.exports.models import Export, Form, State
from leadcrm.exports.permissions import Exports
from leadcrm.exports.services import making, rules
from leadcrm.exports.views.asking import refusal
from leadcrm.exports.views.routes import bp

NEWEST = Sort("created", Export.created_at, Export.id, descending=True)
MEDIA = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/", permission=Exports.MAKE)
def list_exports() -> ResponseReturnValue:
    size = preferences.taste().rows_per_page
    found = paginate(session, select(Export), NEWEST, request.args.get("page"), size)
    return render(
        "exports/list.html", "exports/_list.html", listed=found, moment=Moment().show, shown=shown, is_there=is_there,
        rule=rules.rule() if may_open("exports.save_rule") else None, may=rules.may_export(signed_in_viewer()),
    )  # fmt: skip


def is_there(export: Export) -> bool:
    """The file can be downloaded still."""
    return export.state == State.DONE and export.expires_at is not None and export.expires_at > now()


@bp.get("/<uuid:export_id>", permission=Exports.MAKE)
def show_export(export_id: UUID) -> ResponseReturnValue:
    export = get_or_404(Export, export_id)
    if export.state in making.UNDER_WAY:
        job = {"id": "export", "title": _("Export"), "state": str(export.state)}
        job |= progress_texts(export.rows, export.said, export.began_at)
        url = url_for("exports.show_export", export_id=export_id)
        return render(
            "exports/under_way.html", "exports/_under_way.html", job=job, poll_url=url,
            cancel_url=url_for("exports.stop", export_id=export_id),
        )  # fmt: skip
    if wants_fragment():
        return make_response("", 200, {"HX-Redirect": request.path})
    return render("exports/show.html", export=export, is_there=is_there(export), moment=Moment().show, shown=shown)


@bp.post("/<uuid:export_id>/stop", permission=Exports.MAKE)
def stop(export_id: UUID) -> ResponseReturnValue:
    export = get_or_404(Export, export_id)
    if export.state in making.UNDER_WAY:
        export.state, export.ended_at = State.CANCELLED, now()
    url = url_for("exports.show_export", export_id=export_id)
    return make_response("", 200, {"HX-Redirect": url}) if wants_fragment() else redirect(url, 303)


@bp.post("/<uuid:export_id>/remove", permission=Exports.MAKE)
def remove(export_id: UUID) -> ResponseReturnValue:
    """The file, before its day is over."""
    export = get_or_404(Export, export_id)
    if export.blob_id is not None:
        jobs.remove_file(export)
        export.state = State.EXPIRED
        flash(_("The file is gone."), "success")
    return redirect(url_for("exports.list_exports"), 303)


@bp.get("/<uuid:export_id>/file", permission=Exports.MAKE, step_up=True)
def download(export_id: UUID) -> ResponseReturnValue:
    """Only to who made it, only for a day, and only as long as they may export."""
    export = get_or_404(Export, export_id)
    if not is_there(export):
        abort(404)
    return refusal() or _sent(export)


def _sent(export: Export) -> Response:
    blob = session.get(blobs.Blob, export.blob_id) or abort(404)
    export.downloads += 1
    audit.note("exports.downloaded", export, lines=export.rows, form=str(export.form))
    response = Response(stream_with_context(blobs.read(blob)), mimetype=MEDIA[export.form])
    response.content_length = blob.size
    name = f"leads-{export.created_at.astimezone(OFFICE):%Y-%m-%d-%H%M}.{export.form}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    g.content_policy = headers.CLOSED
    return response


@bp.post("/rule", permission=Exports.MANAGE)
def save_rule() -> ResponseReturnValue:
    may = "agents_may" in request.form
    rules.decide(may)
    flash(_("Agents may export from now on.") if may else _("Agents may not export from now on."), "success")
    return redirect(url_for("exports.list_exports"), 303)
