"""From a selection in the list to an export: which sort of file, and whether hidden values are opened in it."""

from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.services import preferences
from leadcrm.bulk.services.actions import shown
from leadcrm.bulk.views.asking import Selection, selection_in
from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.exports import jobs
from leadcrm.exports.models import Export, Form
from leadcrm.exports.permissions import Exports
from leadcrm.exports.services import rules
from leadcrm.exports.services.parts import hidden_in, is_hidden
from leadcrm.exports.views.routes import bp
from leadcrm.leads.permissions import Leads
from leadcrm.leads.views import listed
from leadcrm.leads.views.cells import heading
from leadcrm.leads.views.list_state import NAMES, ListState


@bp.post("/ask", permission=Exports.MAKE, step_up=True)
def ask() -> ResponseReturnValue:
    return refusal() or _page(selection_in(request.form))


def refusal() -> ResponseReturnValue | None:
    """An agent whose company does not allow it is told so; the guard of the route knows only of rights."""
    if rules.may_export(signed_in_viewer()):
        return None
    return render("exports/refused.html"), 403


def _page(chosen: Selection, problem: str = "", status: int = 200) -> ResponseReturnValue:
    if not chosen.count:
        flash(_("Select at least one lead first."), "info")
        return redirect(chosen.back, 303)
    columns = _list_of(chosen).columns
    hidden = [column for column in columns if is_hidden(column)]
    return render(
        "exports/ask.html", chosen=chosen, columns=[heading(column) for column in columns], forms=list(Form),
        hidden=[heading(column) for column in hidden] if signed_in_viewer().can(Leads.REVEAL) else [],
        masked=[heading(column) for column in hidden], shown=shown, problem=problem,
        form=request.form.get("form", Form.XLSX), reveal="reveal" in request.form,
    ), status  # fmt: skip


def _list_of(chosen: Selection) -> ListState:
    """In the columns that the list shows to this person."""
    return listed.state_of(chosen.back.partition("?")[2], signed_in_viewer(), preferences.taste())


@bp.post("/begin", permission=Exports.MAKE, step_up=True)
def begin() -> ResponseReturnValue:
    return refusal() or _begin(selection_in(request.form))


def _begin(chosen: Selection) -> ResponseReturnValue:
    if not chosen.count:
        return _page(chosen)
    if request.form.get("form") not in set(Form):
        return _page(chosen, _("Choose which sort of file you want."), 422)
    if chosen.count > request.form.get("said", 0, type=int):
        more = _("In the meantime there are more leads than you confirmed. Look at the number again.")
        return _page(chosen, more, 422)
    viewer, state = signed_in_viewer(), _list_of(chosen)
    reveals = "reveal" in request.form and viewer.can(Leads.REVEAL) and bool(hidden_in(state.columns))
    export = Export(
        company_id=viewer.company_id, user_id=viewer.user_id, form=Form(request.form["form"]), revealed=reveals,
        listed=urlencode(state.kept("column")), lead_ids=_by_hand(chosen), said=chosen.count,
        columns=[column.name for column in state.columns],
    )  # fmt: skip
    session.add(export)
    session.flush()
    audit.note(
        "exports.asked", export, leads=chosen.count, form=str(export.form), columns=list(export.columns),
        filters=_filters_of(state), chosen_by_hand=export.lead_ids is not None, revealed=reveals,
    )  # fmt: skip
    jobs.defer_make(export)
    return redirect(url_for("exports.show_export", export_id=export.id), 303)


def _by_hand(chosen: Selection) -> list[UUID] | None:
    return chosen.ids if chosen.query is None else None


def _filters_of(state: ListState) -> dict[str, str]:
    """What the list was narrowed to. What was searched for may be somebody's name, as may be a field of the company's
    own: of those only that they were on."""
    plain = [name for name in NAMES if name != "q"]
    return {name: typed if name in plain else "…" for name, typed in state.typed.items()}
