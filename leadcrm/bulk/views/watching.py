"""Batches: how far one is, what became of its leads, the way back; and those of before."""

from typing import Any
from uuid import UUID

from flask import abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.auth.services import preferences
from leadcrm.bulk import jobs, queries
from leadcrm.bulk.models import Batch, Result, State
from leadcrm.bulk.permissions import Bulk
from leadcrm.bulk.services import actions, batches, running
from leadcrm.bulk.services.actions import Action
from leadcrm.bulk.services.batches import Figures
from leadcrm.bulk.views import words
from leadcrm.bulk.views.asking import AT_ONCE, to_prove
from leadcrm.bulk.views.routes import bp
from leadcrm.core import audit, downloads
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.paging import paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render, wants_fragment

RESULTS = (Result.DONE, Result.UNDONE, Result.KEPT, Result.SKIPPED, Result.GONE)


@bp.get("/", permission=Bulk.USE)
def list_batches() -> ResponseReturnValue:
    size = preferences.taste().rows_per_page
    page = paginate(session, queries.all_batches(), queries.NEWEST, request.args.get("page"), size)
    return render(
        "bulk/list.html", "bulk/_list.html", listed=page, label_of=label_of, shown=actions.shown, moment=Moment().show,
        me=signed_in_viewer().user_id,
    )  # fmt: skip


def label_of(batch: Batch) -> str:
    """What it did, also when the plugin that brought the action is gone."""
    action = actions.known(batch.action)
    return str(action.label) if action else batch.action


def title_of(batch: Batch) -> str:
    action = actions.known(batch.action)
    return action.said(batch.said, batch.arguments) if action else batch.action


@bp.get("/<uuid:batch_id>", permission=Bulk.USE)
def show_batch(batch_id: UUID) -> ResponseReturnValue:
    batch = get_or_404(Batch, batch_id)
    figures = batches.figures_of(batch)
    if batch.state in batches.UNDER_WAY:
        return _under_way(batch, figures)
    if wants_fragment() and "result" not in request.args:  # the poll, whose work has ended
        return make_response("", 200, {"HX-Redirect": request.path})
    return render("bulk/show.html", "bulk/_results.html", **_result_values(batch, figures))


def _under_way(batch: Batch, figures: Figures) -> ResponseReturnValue:
    undoing = batch.state == State.UNDOING
    title = _("Undoing: %(what)s", what=title_of(batch)) if undoing else title_of(batch)
    state = "waiting" if batch.state == State.WAITING else "running"
    done, total = (figures.looked_back, figures.succeeded) if undoing else (figures.done, figures.leads or batch.said)
    job = {"id": "bulk", "title": title, "state": state} | words.progress_texts(done, total, batch.began_at)
    return render(
        "bulk/under_way.html", "bulk/_under_way.html", job=job,
        poll_url=url_for("bulk.show_batch", batch_id=batch.id),
        cancel_url=None if undoing else url_for("bulk.stop", batch_id=batch.id),
    )  # fmt: skip


def _result_values(batch: Batch, figures: Figures) -> dict[str, Any]:
    result = _result_asked(figures)
    size = preferences.taste().rows_per_page
    page = paginate(session, queries.results(batch, result), queries.IN_ORDER, request.args.get("page"), size)
    action = actions.known(batch.action)
    mine = signed_in_viewer().can(action.permission) if action else False
    return {
        "batch": batch, "title": title_of(batch), "figures": figures, "result": result, "listed": page,
        "tabs": [(each, figures.of(each)) for each in RESULTS if figures.of(each)], "shown": actions.shown,
        "left": max(0, (figures.leads or batch.said) - figures.done), "moment": Moment().show,
        "undo_url": _undo_url(batch, action) if mine and figures.of(Result.DONE) else None,
        "may_go_on": mine and batch.user_id == signed_in_viewer().user_id,
    }  # fmt: skip


def _result_asked(figures: Figures) -> Result:
    """The one of the tab; what did not go well comes first."""
    asked = request.args.get("result", "")
    if asked in {str(each) for each in Result}:
        return Result(asked)
    worrying = (each for each in (Result.SKIPPED, Result.GONE, Result.KEPT) if figures.of(each))
    usual = Result.UNDONE if figures.looked_back else Result.DONE
    return next(worrying, usual)


def _undo_url(batch: Batch, action: Action | None) -> str | None:
    if action is None or action.undo is None or batch.state not in batches.ENDED:
        return None
    return url_for("bulk.undo_proved" if action.step_up else "bulk.undo", batch_id=batch.id)


@bp.get("/<uuid:batch_id>/results.csv", permission=Bulk.USE)
def download_results(batch_id: UUID) -> ResponseReturnValue:
    """All results of one sort, as CSV."""
    batch = get_or_404(Batch, batch_id)
    result = _result_asked(batches.figures_of(batch))
    audit.note("downloaded", batch, result=str(result))
    titles = [_("Reference"), _("Client"), _("Result"), _("Reason")]
    name = f"{batch.action}-{batch.created_at:%Y-%m-%d}-{result}.csv"
    return downloads.as_csv(name, titles, queries.results(batch, result), queries.IN_ORDER, _cells)


def _cells(row: Any) -> tuple[str, ...]:
    return row.reference, row.household_name or "", row.result.label, row.reason


@bp.post("/<uuid:batch_id>/stop", permission=Bulk.USE)
def stop(batch_id: UUID) -> ResponseReturnValue:
    batch = _locked_or_404(batch_id)
    batches.stop(batch)
    url = url_for("bulk.show_batch", batch_id=batch_id)
    return make_response("", 200, {"HX-Redirect": url}) if wants_fragment() else redirect(url, 303)


@bp.post("/<uuid:batch_id>/go-on", permission=Bulk.USE)
def go_on(batch_id: UUID) -> ResponseReturnValue:
    """Only by who asked for it: its leads are found within their own sight."""
    batch = _locked_or_404(batch_id)
    if batch.user_id != signed_in_viewer().user_id:
        abort(404)
    try:
        running.action_of(batch)
        batches.go_on(batch)
    except Invalid as problem:
        flash(str(problem), "warning")
    else:
        jobs.defer_run(batch)
    return redirect(url_for("bulk.show_batch", batch_id=batch_id), 303)


@bp.post("/<uuid:batch_id>/undo", permission=Bulk.USE)
def undo(batch_id: UUID) -> ResponseReturnValue:
    batch = _locked_or_404(batch_id)
    action = actions.known(batch.action)
    again = to_prove(action, "bulk.undo_proved", batch_id=batch_id) if action else None
    return again or _undo(batch)


@bp.post("/<uuid:batch_id>/undo/proved", permission=Bulk.USE, step_up=True)
def undo_proved(batch_id: UUID) -> ResponseReturnValue:
    return _undo(_locked_or_404(batch_id))


def _undo(batch: Batch) -> ResponseReturnValue:
    figures = batches.figures_of(batch)
    try:
        batches.begin_undo(batch, running.action_of(batch))
    except Invalid as problem:
        flash(str(problem), "warning")
        return redirect(url_for("bulk.show_batch", batch_id=batch.id), 303)
    audit.note("bulk.undone", batch, what=batch.action, leads=figures.succeeded)
    if figures.leads > AT_ONCE:
        jobs.defer_undo(batch)
        return redirect(url_for("bulk.show_batch", batch_id=batch.id), 303)
    running.undo_here(batch)
    return _told_undone(batch)


def _told_undone(batch: Batch) -> ResponseReturnValue:
    figures = batches.figures_of(batch)
    if figures.of(Result.KEPT):
        return redirect(url_for("bulk.show_batch", batch_id=batch.id), 303)
    back = figures.of(Result.UNDONE)
    flash(ngettext("%(num)s lead is back where it was.", "%(num)s leads are back where they were.", back), "success")
    return redirect(url_for("leads.list_leads"), 303)


def _locked_or_404(batch_id: UUID) -> Batch:
    """As it is, once whatever works on it has finished its chunk."""
    return running.locked(batch_id) or abort(404)
