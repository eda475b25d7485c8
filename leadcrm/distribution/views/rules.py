"""The rules of a company: added, changed, moved, removed, put back."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.distribution.forms import Offered, WholeForm, rule_form, rule_values
from leadcrm.distribution.models.rule import Rule
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import eligible, setting_up
from leadcrm.distribution.views.routes import bp
from leadcrm.leads.models.source import Label, Source


@bp.get("/rules/new", permission=Distribution.MANAGE)
def new_rule() -> ResponseReturnValue:
    return page(None, rule_form(offered()))


@bp.post("/rules/new", permission=Distribution.MANAGE)
def add_rule() -> ResponseReturnValue:
    return save(None)


@bp.get("/rules/<uuid:way_id>", permission=Distribution.MANAGE)
def show_rule(way_id: UUID) -> ResponseReturnValue:
    rule = rule_or_404(way_id)
    return page(rule, rule_form(offered(), rule))


@bp.post("/rules/<uuid:way_id>", permission=Distribution.MANAGE)
def save_rule(way_id: UUID) -> ResponseReturnValue:
    return save(rule_or_404(way_id))


def offered() -> Offered:
    labels, sources = (
        [(str(ident), name) for ident, name in session.execute(
            select(model.id, model.name).where(model.active).order_by(model.name)
        )]
        for model in (Label, Source)
    )  # fmt: skip
    return Offered(labels, sources, eligible.colleagues(signed_in_viewer().company_id))


def rule_or_404(way_id: UUID, also_removed: bool = False) -> Rule:
    rule = get_or_404(Rule, way_id)
    return rule if rule.removed_at is None or also_removed else abort(404)


def save(rule: Rule | None) -> ResponseReturnValue:
    form = rule_form(offered())
    if not form.read(request.form):
        return page(rule, form, 422)
    try:
        setting_up.save_rule(rule, rule_values(form), signed_in_viewer())
    except Invalid as problem:
        form.main.errors.append(str(problem))
        return page(rule, form, 422)
    flash(_("Saved."), "success")
    return redirect(url_for(".overview"), 303)


def page(rule: Rule | None, form: WholeForm, status: int = 200) -> ResponseReturnValue:
    return render("distribution/rule.html", rule=rule, form=form), status


@bp.post("/rules/<uuid:way_id>/move", permission=Distribution.MANAGE)
def move_rule(way_id: UUID) -> ResponseReturnValue:
    setting_up.move_rule(rule_or_404(way_id), up=request.form.get("to") != "down")
    return redirect(f"{url_for('.overview')}#rules", 303)


@bp.post("/rules/<uuid:way_id>/remove", permission=Distribution.MANAGE)
def remove_rule(way_id: UUID) -> ResponseReturnValue:
    rule = rule_or_404(way_id)
    setting_up.remove_rule(rule)
    undo = url_for(".put_back_rule", way_id=rule.id)
    flash({"text": _("%(name)s is removed.", name=rule.name), "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]  # see core/_notices.html
    return redirect(url_for(".overview"), 303)


@bp.post("/rules/<uuid:way_id>/put-back", permission=Distribution.MANAGE)
def put_back_rule(way_id: UUID) -> ResponseReturnValue:
    setting_up.put_back_rule(rule_or_404(way_id, also_removed=True))
    flash(_("The rule is back, as the last one."), "success")
    return redirect(url_for(".overview"), 303)
