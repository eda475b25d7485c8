"""Which fields of its own the office has, for its managers to decide."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import get_or_404
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.web import render
from leadcrm.custom_fields.forms import DefinitionForm
from leadcrm.custom_fields.models import Definition, RegisterCategory, RegisterPurpose
from leadcrm.custom_fields.permissions import CustomFields
from leadcrm.custom_fields.services import definitions
from leadcrm.custom_fields.views.routes import bp


@bp.get("/", permission=CustomFields.MANAGE)
def list_fields() -> ResponseReturnValue:
    return render("custom_fields/list.html", rows=definitions.rows())


@bp.route("/new", methods=["GET", "POST"], permission=CustomFields.MANAGE)
def new_field() -> ResponseReturnValue:
    form = DefinitionForm()
    if request.method == "GET":
        usual = {"category": RegisterCategory.PROCESS, "purpose": RegisterPurpose.ADVICE, "personal": "yes",
                 "required": "no", "on_new": "no", "sensitive": "no"}  # fmt: skip
        for name, value in usual.items():
            form[name].value = value
        return _form_page(None, form)
    return _saved(None, form, _("The field “%(name)s” stands with every lead now.", name=request.form.get("name", "")))


@bp.route("/<uuid:own_field_id>", methods=["GET", "POST"], permission=CustomFields.MANAGE)
def edit_field(own_field_id: UUID) -> ResponseReturnValue:
    row = _row_or_404(own_field_id)
    form = DefinitionForm(row)
    if request.method == "GET":
        form.fill(row)
        return _form_page(row, form)
    return _saved(row, form, _("Saved."))


def _row_or_404(own_field_id: UUID) -> Definition:
    row = get_or_404(Definition, own_field_id)
    return abort(404) if row.removed_at is not None else row


def _saved(row: Definition | None, form: DefinitionForm, said: str) -> ResponseReturnValue:
    if not form.read(request.form):
        return _form_page(row, form, 422)
    try:
        if row is None:
            definitions.add(form.values, form.new_labels)
        else:
            definitions.change(row, form.values, form.labels, form.new_labels)
    except Invalid as problem:  # there are too many, or it would hold what may not be kept
        form.refuse("name", str(problem))
        return _form_page(row, form, 422)
    flash(said, "success")
    return redirect(url_for(".list_fields"), 303)


def _form_page(row: Definition | None, form: DefinitionForm, status: int = 200) -> ResponseReturnValue:
    return render("custom_fields/field.html", row=row, form=form), status


@bp.post("/<uuid:own_field_id>/move", permission=CustomFields.MANAGE)
def move_field(own_field_id: UUID) -> ResponseReturnValue:
    row = _row_or_404(own_field_id)
    definitions.move(row, -1 if request.form.get("step") == "up" else 1)
    return redirect(url_for(".list_fields"), 303)


@bp.post("/<uuid:own_field_id>/remove", permission=CustomFields.MANAGE)
def remove_field(own_field_id: UUID) -> ResponseReturnValue:
    row = _row_or_404(own_field_id)
    definitions.remove(row)
    undo: Any = {"text": _("The field “%(name)s” was removed. What was filled in is kept.", name=row.name),
                 "action_url": url_for(".restore_field", own_field_id=row.id), "action_label": _("Undo")}  # fmt: skip
    flash(undo, "success")
    return redirect(url_for(".list_fields"), 303)


@bp.post("/<uuid:own_field_id>/restore", permission=CustomFields.MANAGE)
def restore_field(own_field_id: UUID) -> ResponseReturnValue:
    row = get_or_404(Definition, own_field_id)
    try:
        definitions.bring_back(row)
    except Invalid as problem:
        flash(str(problem), "warning")
    else:
        flash(_("The field “%(name)s” is back, with what was filled in.", name=row.name), "success")
    return redirect(url_for(".list_fields"), 303)
