"""What the company asks for, for its managers to change."""

from itertools import groupby
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.checklists import jobs
from leadcrm.checklists.forms import RuleForm
from leadcrm.checklists.models.terms import Per, Situation
from leadcrm.checklists.permissions import Checklists
from leadcrm.checklists.services import template
from leadcrm.checklists.services.defaults import DEFAULTS, Want
from leadcrm.checklists.views.routes import bp
from leadcrm.core.web import render
from leadcrm.leads.models.terms import Employment, Goal


@bp.get("/", permission=Checklists.MANAGE)
def list_rules() -> ResponseReturnValue:
    lines = sorted(template.mine().values(), key=lambda want: list(Per).index(want.per))
    groups = [(per, [(want, conditions(want)) for want in wants]) for per, wants in groupby(lines, lambda w: w.per)]
    return render("checklists/rules.html", groups=groups)


def conditions(want: Want) -> str:
    """When it is asked for, in words."""
    said = [want.situation.label] if want.situation != Situation.ALWAYS else []
    for terms, chosen in ((Goal, want.goals), (Employment, want.incomes)):
        said += [_any_of(terms, chosen)] if chosen else []
    return "; ".join(said) or str(_("Always"))


def _any_of(terms: Any, chosen: frozenset[str]) -> str:
    """Of a long choice it is shorter to say what it leaves out."""
    without = [term.label for term in terms if term not in chosen]
    if 0 < len(without) <= 2:
        return str(_("all but: %(what)s", what=", ".join(without)))
    return ", ".join(term.label for term in terms if term in chosen)


@bp.get("/rules/new", permission=Checklists.MANAGE)
def new_rule() -> ResponseReturnValue:
    return form_page(None, RuleForm())


@bp.post("/rules/new", permission=Checklists.MANAGE)
def add_rule() -> ResponseReturnValue:
    return save(None)


def want_or_404(rule_id: UUID) -> Want:
    return template.find(rule_id) or abort(404)


@bp.get("/rules/<uuid:rule_id>", permission=Checklists.MANAGE)
def show_rule(rule_id: UUID) -> ResponseReturnValue:
    want = want_or_404(rule_id)
    return form_page(want, RuleForm(want))


@bp.post("/rules/<uuid:rule_id>", permission=Checklists.MANAGE)
def save_rule(rule_id: UUID) -> ResponseReturnValue:
    return save(want_or_404(rule_id))


def save(want: Want | None) -> ResponseReturnValue:
    form = RuleForm(want)
    if not form.read(request.form):
        return form_page(want, form, 422)
    template.save(want, form.main.values, form.goals.chosen, form.incomes.chosen)
    jobs.template_changed()
    flash(_("Saved. The lists of your leads follow in a moment."), "success")
    return redirect(url_for(".list_rules"), 303)


def form_page(want: Want | None, form: RuleForm, status: int = 200) -> ResponseReturnValue:
    is_default = want is not None and want.key in DEFAULTS
    changed = want is not None and is_default and template.rule_of(want) is not None
    values: dict[str, Any] = {"want": want, "form": form, "is_default": is_default, "changed": changed}
    return render("checklists/rule.html", **values), status


@bp.post("/rules/<uuid:rule_id>/restore", permission=Checklists.MANAGE)
def restore_rule(rule_id: UUID) -> ResponseReturnValue:
    """A changed default as it was delivered; a line of the company's own is gone."""
    want = want_or_404(rule_id)
    if template.put_back(want):
        jobs.template_changed()
        flash(_("It is as it was delivered.") if want.key in DEFAULTS else _("It is removed."), "success")
    return redirect(url_for(".list_rules"), 303)
