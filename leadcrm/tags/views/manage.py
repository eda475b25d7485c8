"""Which tags the office uses, for its managers to decide."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.claims import Taken
from leadcrm.core.db import get_or_404
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.web import render
from leadcrm.tags import jobs
from leadcrm.tags.models import Colour, Tag
from leadcrm.tags.permissions import Tags
from leadcrm.tags.services import tags
from leadcrm.tags.views.routes import bp

FIELDS = ("name", "colour", "about")


@bp.get("/", permission=Tags.MANAGE)
def list_tags() -> ResponseReturnValue:
    counts = tags.counts()
    return render("tags/list.html", tags=tags.all_tags(), counts=counts, most=tags.MOST_COUNTED)


@bp.route("/new", methods=["GET", "POST"], permission=Tags.MANAGE)
def new_tag() -> ResponseReturnValue:
    form = Form(Tag, FIELDS)
    if request.method == "GET":
        form["colour"].value = Colour.GREY
        return _form_page(None, form)
    if not form.read(request.form):
        return _form_page(None, form, 422)
    try:
        tag = tags.add(form.values)
    except Invalid as problem:  # its name is taken, or there are too many
        form.refuse("name", str(problem))
        return _form_page(None, form, 422)
    flash(_("The tag “%(name)s” can be put on leads now.", name=tag.name), "success")
    return redirect(url_for(".list_tags"), 303)


def _tag_or_404(tag_id: UUID) -> Tag:
    tag = get_or_404(Tag, tag_id)
    return abort(404) if tag.removed_at is not None else tag


@bp.route("/<uuid:tag_id>", methods=["GET", "POST"], permission=Tags.MANAGE)
def edit_tag(tag_id: UUID) -> ResponseReturnValue:
    tag, form = _tag_or_404(tag_id), Form(Tag, FIELDS)
    if request.method == "GET":
        return _form_page(tag, form.fill(tag))
    if not form.read(request.form):
        return _form_page(tag, form, 422)
    try:
        tags.change(tag, form.values)
    except Taken as problem:
        form.refuse("name", str(problem))
        return _form_page(tag, form, 422)
    flash(_("Saved."), "success")
    return redirect(url_for(".list_tags"), 303)


def _form_page(tag: Tag | None, form: Form, status: int = 200) -> ResponseReturnValue:
    others = [(str(each.id), each.name) for each in tags.all_tags() if tag is not None and each.id != tag.id]
    return render("tags/tag.html", tag=tag, form=form, others=others), status


@bp.post("/<uuid:tag_id>/remove", permission=Tags.MANAGE)
def remove_tag(tag_id: UUID) -> ResponseReturnValue:
    tag = _tag_or_404(tag_id)
    tags.remove(tag)
    _tell_undo(_("The tag “%(name)s” was removed.", name=tag.name), tag)
    return redirect(url_for(".list_tags"), 303)


@bp.post("/<uuid:tag_id>/merge", permission=Tags.MANAGE)
def merge_tag(tag_id: UUID) -> ResponseReturnValue:
    """Into another one of the company's."""
    tag, into = _tag_or_404(tag_id), _chosen(request.form.get("into", ""))
    if into.id == tag.id:
        abort(404)
    if not tags.merge(tag, into):
        jobs.go_on_merging(tag.id)
    _tell_undo(_("“%(name)s” is part of “%(into)s” now.", name=tag.name, into=into.name), tag)
    return redirect(url_for(".list_tags"), 303)


def _chosen(typed: str) -> Tag:
    try:
        return _tag_or_404(UUID(typed))
    except ValueError:
        abort(404)


def _tell_undo(text: str, tag: Tag) -> None:
    undo: Any = {"text": text, "action_url": url_for(".restore_tag", tag_id=tag.id), "action_label": _("Undo")}
    flash(undo, "success")


@bp.post("/<uuid:tag_id>/restore", permission=Tags.MANAGE)
def restore_tag(tag_id: UUID) -> ResponseReturnValue:
    tag = get_or_404(Tag, tag_id)
    try:
        tags.bring_back(tag)
    except Taken as problem:
        flash(str(problem), "warning")
    else:
        flash(_("The tag “%(name)s” is back.", name=tag.name), "success")
    return redirect(url_for(".list_tags"), 303)
