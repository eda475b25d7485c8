"""The last step: how far it is, how it ended, and the way back."""

from uuid import UUID

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import defer
from leadcrm.core.web import render, wants_fragment
from leadcrm.imports import jobs
from leadcrm.imports.models import Import, State
from leadcrm.imports.permissions import Imports
from leadcrm.imports.queries.findings import first_findings
from leadcrm.imports.queries.progress import Progress, pace, progress_of
from leadcrm.imports.services import steering, undoing
from leadcrm.imports.services.giving_back import not_imported
from leadcrm.imports.views import wizard
from leadcrm.imports.views.routes import bp

KEPT_SHOWN = 50


@bp.get("/<uuid:import_id>", permission=Imports.RUN)
def show_import(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.the_import(import_id)
    if taken.state in steering.STILL_OPEN:
        return wizard.go_to(wizard.page_of(taken))
    found = progress_of(taken)
    if taken.state in (State.IMPORTING, State.UNDOING):
        return _under_way(taken, found)
    if wants_fragment():
        return wizard.go_to(url_for("imports.show_import", import_id=import_id))
    rate, _left = pace(found.done_lines, found.lines, taken.began_at, taken.ended_at)
    kept = session.scalars(undoing.leads_of(taken).limit(KEPT_SHOWN)).all() if taken.state == State.UNDONE else []
    return render(
        "imports/result.html", taken=taken, found=found, steps=wizard.steps(taken), number=wizard.number, kept=kept,
        findings=first_findings(taken), lead_url=wizard.lead_url, moment=Moment().show, rate=rate,
        can_go_on=taken.state in (State.CANCELLED, State.FAILED) and found.done_lines < found.lines,
        can_undo=taken.state in steering.HAS_LEADS and found.imported > 0,
        seconds=(taken.ended_at - taken.began_at).total_seconds() if taken.ended_at and taken.began_at else 0,
    )  # fmt: skip


def _under_way(taken: Import, found: Progress) -> ResponseReturnValue:
    undoing_it = taken.state == State.UNDOING
    importing = _("Importing %(file)s", file=taken.filename)
    title = _("Undoing the import of %(file)s", file=taken.filename) if undoing_it else importing
    job = {"id": "import", "title": title, "state": "running"}
    done, total = found.done_lines, found.lines
    if undoing_it:
        done, total = found.imported - undoing.leads_left(taken), found.imported
    job |= wizard.progress_texts(done, total, *pace(done, total, taken.began_at))
    return render(
        "imports/under_way.html", "imports/_under_way.html", taken=taken, job=job, steps=wizard.steps(taken),
        step=wizard.IMPORT, poll_url=url_for("imports.show_import", import_id=taken.id),
        cancel_url=None if undoing_it else url_for("imports.stop", import_id=taken.id),
    )  # fmt: skip


@bp.post("/<uuid:import_id>/stop", permission=Imports.RUN)
def stop(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.the_import(import_id)
    steering.stop(taken)
    return wizard.go_to(wizard.page_of(taken))


@bp.post("/<uuid:import_id>/go-on", permission=Imports.RUN)
def go_on(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.my_import(import_id)
    try:
        steering.go_on(taken)
    except Invalid as problem:
        flash(str(problem), "warning")
    else:
        jobs.defer_slices(taken.id)
    return redirect(wizard.page_of(taken), 303)


@bp.post("/<uuid:import_id>/undo", permission=Imports.RUN, step_up=True)
def undo(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.the_import(import_id)
    try:
        steering.begin_undo(taken)
    except Invalid as problem:
        flash(str(problem), "warning")
    else:
        defer(jobs.undo, taken.id)
    return redirect(wizard.page_of(taken), 303)


@bp.get("/<uuid:import_id>/not-imported", permission=Imports.RUN, step_up=True)
def download_not_imported(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.the_import(import_id)
    content, kind, name = not_imported(taken)
    audit.note("downloaded", taken)
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
