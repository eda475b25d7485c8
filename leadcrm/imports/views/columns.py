"""The second step: where each column goes, with the first lines as they would be stored."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render, wants_fragment
from leadcrm.imports import jobs
from leadcrm.imports.forms import ColumnsForm
from leadcrm.imports.models import Import, Template
from leadcrm.imports.permissions import Imports
from leadcrm.imports.queries.known import Directories
from leadcrm.imports.services import steering
from leadcrm.imports.services.mapping import Mapping
from leadcrm.imports.services.suggest import apply_template
from leadcrm.imports.views import wizard
from leadcrm.imports.views.routes import bp


@bp.get("/<uuid:import_id>/columns", permission=Imports.RUN)
def edit_columns(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.the_import(import_id)
    if taken.state not in steering.STILL_OPEN:
        return redirect(wizard.page_of(taken), 303)
    return _page(taken, _form(taken))


@bp.post("/<uuid:import_id>/columns", permission=Imports.RUN)
def save_columns(import_id: UUID) -> ResponseReturnValue:
    """Whatever is pressed, what was chosen is kept."""
    taken = wizard.my_import(import_id)
    form = _form(taken)
    form.read(request.form)
    try:
        steering.map_columns(taken, form.mapping)
    except Invalid as problem:
        flash(str(problem), "warning")
        return wizard.go_to(wizard.page_of(taken))
    if wants_fragment():
        return _page(taken, form)
    match request.form.get("then", ""):
        case "check":
            return _to_check(taken, form)
        case "template":
            return _keep_template(taken, form)
        case _:
            return redirect(url_for("imports.edit_columns", import_id=import_id), 303)


@bp.post("/<uuid:import_id>/template", permission=Imports.RUN)
def use_template(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.my_import(import_id)
    named = select(Template).where(Template.company_id == taken.company_id)
    kept = session.scalars(named.where(Template.name == request.form.get("template", "").replace("\0", ""))).first()
    if kept is not None:
        steering.map_columns(taken, apply_template(Mapping.from_json(kept.mapping), taken.titles))
        flash(_("The columns are mapped as in %(name)s.", name=kept.name), "success")
    return redirect(url_for("imports.edit_columns", import_id=import_id), 303)


def _to_check(taken: Import, form: ColumnsForm) -> ResponseReturnValue:
    form.refuse_missing()
    if form.errors:
        return _page(taken, form), 422
    steering.begin_check(taken)
    jobs.defer_check(taken.id)
    return redirect(url_for("imports.show_check", import_id=taken.id), 303)


def _keep_template(taken: Import, form: ColumnsForm) -> ResponseReturnValue:
    try:
        name = Text(80).parse(request.form.get("template-name", ""))
        if name is None:
            raise Invalid(_("Give the mapping a name first."))
        steering.keep_template(signed_in_viewer(), name, form.mapping)
    except Invalid as problem:
        form.errors["template-name"] = str(problem)
        return _page(taken, form), 422
    flash(_("Kept as %(name)s: the next file like this is mapped by itself.", name=name), "success")
    return redirect(url_for("imports.edit_columns", import_id=taken.id), 303)


def _form(taken: Import) -> ColumnsForm:
    owners = signed_in_viewer().scope == Scope.COMPANY
    return ColumnsForm(taken, wizard.first_rows(taken), Directories(taken.company_id), owners)


def _page(taken: Import, form: ColumnsForm) -> str:
    named = select(Template.name).where(Template.company_id == taken.company_id)
    names = session.scalars(named.order_by(Template.name))
    return render(
        "imports/columns.html", "imports/_preview.html", taken=taken, form=form, steps=wizard.steps(taken),
        groups=form.groups(), fields=form.fields(), templates=[(name, name) for name in names], number=wizard.number,
        times=[(1, _("as it is")), (12, "× 12"), (100, "× 100"), (1_000, _("× 1,000")), (12_000, _("× 12,000"))],
    )  # fmt: skip
