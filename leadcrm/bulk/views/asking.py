"""From the rows chosen in a list, or the whole list, to a batch: what is filled in, what is confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from leadcrm.bulk import jobs
from leadcrm.bulk.models import Batch
from leadcrm.bulk.permissions import Bulk
from leadcrm.bulk.services import actions, batches, running
from leadcrm.bulk.services.actions import Action, Arguments, Asked, Options, Refused
from leadcrm.bulk.views.routes import bp
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.leads.services.many import references
from leadcrm.leads.views import listed
from leadcrm.leads.views.list import back_to_list

AT_ONCE = 100  # as many as one page shows: done within the request
MOST_BY_HAND = 500


@dataclass
class Selection:
    """Leads chosen by hand, or everything that a list shows (`query`: what its address says)."""

    ids: list[UUID] = field(default_factory=list)
    query: str | None = None
    count: int = 0
    capped: bool = False
    back: str = ""  # the list it came from

    @property
    def is_small(self) -> bool:
        return self.query is None and self.count <= AT_ONCE


def selection_in(form: MultiDict[str, str]) -> Selection:
    """404 when one of those chosen by hand is not there for this viewer: nothing is done with the others either."""
    back = back_to_list(form.get("back", ""))
    if "everything" in form:
        return _whole_list(back)
    ids = _ids(form.getlist("id"))
    if len(ids) > MOST_BY_HAND or len(references(ids)) != len(ids):
        abort(404)
    return Selection(ids, None, len(ids), back=back)


def _whole_list(back: str) -> Selection:
    query = back.partition("?")[2]
    try:
        state = listed.state_of(query, signed_in_viewer())
    except Invalid as problem:
        flash(str(problem), "warning")
        abort(redirect(back, 303))
    count = listed.count_of(state)
    return Selection([], query, count, listed.is_capped(state, count), back)


def _ids(typed: list[str]) -> list[UUID]:
    try:
        return list(dict.fromkeys(UUID(each) for each in typed))
    except ValueError:
        abort(404)


@dataclass(frozen=True)
class Shown:
    """A field as the form draws it."""

    asked: Asked
    options: Options = ()
    groups: Sequence[tuple[str, Options]] = ()

    @property
    def is_choice(self) -> bool:
        return bool(self.options or self.groups or self.asked.options)


def _shown(asked: Asked, typed: Mapping[str, Any]) -> Shown | None:
    if asked.depending is not None:
        options = asked.depending(typed)
        return None if options is None else Shown(asked, options)
    return Shown(asked, asked.options() if asked.options else (), asked.groups() if asked.groups else ())


@dataclass
class Filled:
    """The fields of an action as they were filled in, and what is wrong with them."""

    action: Action
    typed: dict[str, Any]
    arguments: Arguments | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @cached_property
    def shown(self) -> list[Shown]:
        """The fields that are asked for, by what is filled in so far."""
        drawn = (_shown(each, self.typed) for each in self.action.fields)
        return [each for each in drawn if each is not None]

    @property
    def begun(self) -> bool:
        """Somebody filled in something already: in the bar itself."""
        return any(self.typed.values()) or not self.action.fields


def filled_in(action: Action, form: MultiDict[str, str]) -> Filled:
    filled = typed_in(action, form)
    for each in (shown.asked for shown in filled.shown):
        if each.required and not filled.typed[each.name]:
            filled.errors[each.name] = _("Fill in this field.")
    if not filled.errors:
        _read(filled)
    return filled


def typed_in(action: Action, form: MultiDict[str, str]) -> Filled:
    """What is not asked for any more is forgotten."""
    filled = Filled(action, {each.name: _typed(each, form) for each in action.fields})
    asked_for = {shown.asked.name for shown in filled.shown}
    filled.typed |= {each.name: "" for each in action.fields if each.name not in asked_for}
    return filled


def _typed(asked: Asked, form: MultiDict[str, str]) -> str | list[str]:
    return form.getlist(asked.name) if asked.several else form.get(asked.name, "").strip()


def _read(filled: Filled) -> None:
    try:
        filled.arguments = filled.action.read(filled.typed)
    except Refused as problem:
        filled.errors[problem.field] = str(problem)
    except Invalid as problem:
        filled.errors[""] = str(problem)


def action_in(form: Mapping[str, str]) -> Action:
    action = actions.known(form.get("action", ""))
    if action is None:
        abort(404)
    if not signed_in_viewer().can(action.permission):
        abort(403)
    return action


def to_prove(action: Action, endpoint: str, **values: Any) -> ResponseReturnValue | None:
    """The same form once more to the door that asks for the second factor, where this action asks for it."""
    return redirect(url_for(endpoint, **values), 307) if action.step_up else None


@bp.post("/ask", permission=Bulk.USE)
def ask() -> ResponseReturnValue:
    action = action_in(request.form)
    return to_prove(action, "bulk.ask_proved") or _ask(action)


@bp.post("/ask/proved", permission=Bulk.USE, step_up=True)
def ask_proved() -> ResponseReturnValue:
    return _ask(action_in(request.form))


def _ask(action: Action) -> ResponseReturnValue:
    """What exactly, and to how many. A small selection that can be undone is done when nothing is left to ask."""
    selection, filled = selection_in(request.form), filled_in(action, request.form)
    if not selection.count:
        flash(_("Select at least one lead first."), "info")
        return redirect(selection.back, 303)
    if filled.arguments is not None and selection.is_small and action.at_once and action.undo:
        return _do(selection, action, filled.arguments)
    if not filled.begun:
        filled.errors = {}
    return _page(selection, filled, 422 if filled.errors else 200)


def _page(selection: Selection, filled: Filled, status: int = 200) -> ResponseReturnValue:
    action = filled.action
    url = url_for("bulk.begin_proved" if action.step_up else "bulk.begin")
    return render(
        "bulk/ask.html", selection=selection, filled=filled, action=action, begin_url=url, shown=actions.shown
    ), status


@bp.post("/fields", permission=Bulk.USE)
def fields() -> ResponseReturnValue:
    """What else the action asks now that something that decides was chosen."""
    return render_template("bulk/_fields.html", filled=typed_in(action_in(request.form), request.form))


@bp.post("/begin", permission=Bulk.USE)
def begin() -> ResponseReturnValue:
    action = action_in(request.form)
    return to_prove(action, "bulk.begin_proved") or _begin(action)


@bp.post("/begin/proved", permission=Bulk.USE, step_up=True)
def begin_proved() -> ResponseReturnValue:
    return _begin(action_in(request.form))


def _begin(action: Action) -> ResponseReturnValue:
    selection, filled = selection_in(request.form), filled_in(action, request.form)
    if not selection.count:
        flash(_("There is no lead left in this selection."), "info")
        return redirect(selection.back, 303)
    if filled.arguments is None:
        return _page(selection, filled, 422)
    if selection.count > request.form.get("said", 0, type=int):
        filled.errors[""] = _("In the meantime there are more leads than you confirmed. Look at the number again.")
        return _page(selection, filled, 422)
    return _do(selection, action, filled.arguments)


def _do(selection: Selection, action: Action, arguments: Arguments) -> ResponseReturnValue:
    batch = batches.begin(action, arguments, selection.count, selection.query)
    if selection.query is None:
        batches.gather(batch, references(selection.ids).items())
    if not selection.is_small:
        jobs.defer_run(batch)
        return redirect(url_for("bulk.show_batch", batch_id=batch.id), 303)
    running.run_here(batch)
    return _told(batch, action, selection.back)


def _told(batch: Batch, action: Action, back: str) -> ResponseReturnValue:
    """Back to the list with the way to undo it; to the list of results when something was not done."""
    figures = batches.figures_of(batch)
    if figures.succeeded < figures.leads:
        return redirect(url_for("bulk.show_batch", batch_id=batch.id), 303)
    text = (action.told or action.said)(figures.succeeded, batch.arguments)
    undo = url_for("bulk.undo_proved" if action.step_up else "bulk.undo", batch_id=batch.id)
    flash({"text": text, "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]  # see core/_notices.html
    return redirect(back, 303)
