"""The menu above the list, and the page of all views."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import get_or_404
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.saved_views.models import View
from leadcrm.saved_views.permissions import SavedViews
from leadcrm.saved_views.services import at_hand, keeping
from leadcrm.saved_views.services.addresses import kept_part
from leadcrm.saved_views.views.near import url_of
from leadcrm.saved_views.views.routes import bp


@bp.get("/menu", permission=SavedViews.USE)
def show_menu() -> ResponseReturnValue:
    """Views to choose from, and what can be done with the list as it is now: its address comes along."""
    return _menu(request.query_string.decode("ascii", "replace"), request.args.get("view", ""), Form(View, ("name",)))


def _menu(query: str, view: str, form: Form, status: int = 200) -> ResponseReturnValue:
    views = keeping.views()
    current = next((each for each in views if str(each.id) == view), None)
    address = kept_part(query)
    return render(
        "saved_views/menu.html", "saved_views/_menu.html", views=views, current=current, address=address, form=form,
        changed=current is not None and current.address != address, may_change=keeping.may_change, url_of=url_of,
        may_share=signed_in_viewer().can(SavedViews.SHARE), looks_only=signed_in_viewer().read_only,
    ), status  # fmt: skip


@bp.post("/", permission=SavedViews.USE)
def keep_view() -> ResponseReturnValue:
    """The list under a name. Whoever may not share keeps it for themselves, whatever was sent."""
    form = Form(View, ("name",))
    address = request.form.get("address", "")
    if not form.read(request.form):
        return _menu(address, "", form, 422)
    shared = request.form.get("shared") == "true" and signed_in_viewer().can(SavedViews.SHARE)
    try:
        view = keeping.keep(form.values["name"], address, shared)
    except Invalid as problem:
        form.refuse("name", str(problem))
        return _menu(address, "", form, 422)
    if request.form.get("pinned") == "true" and not at_hand.pin(view.id, True):
        _say_too_many()
    flash(_("The view “%(name)s” was saved.", name=view.name), "success")
    return redirect(url_of(view.id, view.address), 303)


@bp.get("/", permission=SavedViews.USE)
def list_views() -> ResponseReturnValue:
    return render("saved_views/list.html", views=keeping.views(), near=at_hand.lines(), url_of=url_of,
                  may_change=keeping.may_change, looks_only=signed_in_viewer().read_only)  # fmt: skip


def _view_or_404(view_id: UUID) -> View:
    """To look at, pin or open with."""
    return keeping.view_of(view_id) or abort(404)


def _changeable_or_404(view_id: UUID) -> View:
    view = _view_or_404(view_id)
    return view if keeping.may_change(view) else abort(404)


@bp.route("/<uuid:view_id>", methods=["GET", "POST"], permission=SavedViews.USE)
def edit_view(view_id: UUID) -> ResponseReturnValue:
    view = _changeable_or_404(view_id)
    may_share = signed_in_viewer().can(SavedViews.SHARE)
    form = Form(View, ("name", "shared") if may_share else ("name",))
    if request.method == "GET":
        return render("saved_views/view.html", view=view, form=form.fill(view))
    if not form.read(request.form):
        return render("saved_views/view.html", view=view, form=form), 422
    keeping.change(view, form.values["name"], bool(form.values.get("shared")))
    flash(_("Saved."), "success")
    return redirect(url_for(".list_views"), 303)


@bp.post("/<uuid:view_id>/replace", permission=SavedViews.USE)
def replace_view(view_id: UUID) -> ResponseReturnValue:
    """The view becomes the list as it is now."""
    view = _changeable_or_404(view_id)
    try:
        keeping.replace(view, request.form.get("address", ""))
    except Invalid as problem:
        flash(str(problem), "warning")
    else:
        flash(_("The view “%(name)s” was changed.", name=view.name), "success")
    return redirect(url_of(view.id, view.address), 303)


@bp.post("/<uuid:view_id>/pin", permission=SavedViews.USE)
def pin_view(view_id: UUID) -> ResponseReturnValue:
    view, pinned = _view_or_404(view_id), request.form.get("pinned") == "true"
    if not at_hand.pin(view.id, pinned):
        _say_too_many()
    return redirect(url_for(".list_views"), 303)


def _say_too_many() -> None:
    flash(_("At most %(most)s views can stand in the menu. Take one out first.", most=at_hand.MOST_PINNED), "warning")


@bp.post("/<uuid:view_id>/open", permission=SavedViews.USE)
def open_view(view_id: UUID) -> ResponseReturnValue:
    """The list begins with this view, or again with all leads."""
    view = _view_or_404(view_id)
    at_hand.open_with(view.id if request.form.get("opens") == "true" else None)
    return redirect(url_for(".list_views"), 303)


@bp.post("/<uuid:view_id>/remove", permission=SavedViews.USE)
def remove_view(view_id: UUID) -> ResponseReturnValue:
    view = _changeable_or_404(view_id)
    keeping.remove(view)
    undo: Any = {"text": _("The view “%(name)s” was removed.", name=view.name), "action_label": _("Undo"),
                 "action_url": url_for(".restore_view", view_id=view.id)}  # fmt: skip
    flash(undo, "success")
    return redirect(url_for(".list_views"), 303)


@bp.post("/<uuid:view_id>/restore", permission=SavedViews.USE)
def restore_view(view_id: UUID) -> ResponseReturnValue:
    view = get_or_404(View, view_id)
    if not keeping.may_change(view):
        abort(404)
    keeping.bring_back(view)
    flash(_("The view “%(name)s” is back.", name=view.name), "success")
    return redirect(url_for(".list_views"), 303)
