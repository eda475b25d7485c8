"""The pipelines of the company, for its managers to change."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.jobs import defer
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.leads.forms import Pick
from leadcrm.pipelines.forms import StepForm, steps_to_go_to
from leadcrm.pipelines.jobs import empty_step
from leadcrm.pipelines.models.pipeline import Pipeline, Reason, Step
from leadcrm.pipelines.permissions import Pipelines
from leadcrm.pipelines.services import setup
from leadcrm.pipelines.services.demands import DEMANDS
from leadcrm.pipelines.services.layout import Line, Stop
from leadcrm.pipelines.services.reasons import all_reasons, save_reason
from leadcrm.pipelines.views.routes import bp

REASON = ("name", "stage", "active")


def _done(said: str, line: Line | None = None) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("pipelines.list_pipelines") + (f"#line-{line.id}" if line else ""), 303)


def line_or_404(line_id: UUID) -> Line:
    return next((line for line in setup.mine().lines if line.id == line_id), None) or abort(404)


def stop_or_404(step_id: UUID) -> Stop:
    return next((stop for stop in setup.mine() if stop.id == step_id), None) or abort(404)


@bp.get("/", permission=Pipelines.MANAGE)
def list_pipelines() -> ResponseReturnValue:
    layout = setup.mine()
    return render("pipelines/pipelines.html", layout=layout, asked=asked_by, reasons=all_reasons(layout.company_id))


def asked_by(stop: Stop) -> str:
    """What a step asks, in words."""
    said = [DEMANDS[name].label() for name in stop.required if name in DEMANDS]
    if stop.min_attempts:
        said.append(_("%(times)s times tried to make contact", times=stop.min_attempts))
    return ", ".join(said)


@bp.route("/new", methods=["GET", "POST"], permission=Pipelines.MANAGE)
def add_pipeline() -> ResponseReturnValue:
    """With a short row of steps, or with those of a pipeline that is there."""
    form, lines = Form(Pipeline, ("name",)), setup.mine().lines
    steps = [(str(line.id), _("The steps of %(name)s", name=line.name)) for line in lines]
    like = Pick("like", str(_("Begin with")), steps)
    if _sent(form, like):
        chosen = next((line for line in lines if str(line.id) == like.value), None)
        if _tried(form, lambda: setup.add_pipeline(form.values["name"], chosen)):
            return _done(_("The pipeline is added."))
    return _page("pipelines/pipeline.html", form, like=like, line=None)


@bp.route("/<uuid:line_id>", methods=["GET", "POST"], permission=Pipelines.MANAGE)
def edit_pipeline(line_id: UUID) -> ResponseReturnValue:
    line, form = line_or_404(line_id), Form(Pipeline, ("name",))
    form["name"].value = line.name
    if _sent(form) and _tried(form, lambda: setup.rename_pipeline(line, form.values["name"])):
        return _done(_("Saved."), line)
    return _page("pipelines/pipeline.html", form, like=None, line=line)


@bp.post("/<uuid:line_id>/remove", permission=Pipelines.MANAGE)
def remove_pipeline(line_id: UUID) -> ResponseReturnValue:
    line = line_or_404(line_id)
    try:
        steps = setup.remove_pipeline(line)
    except Invalid as problem:
        flash(str(problem.message), "warning")
        return redirect(url_for("pipelines.list_pipelines"), 303)
    for step in steps:
        defer(empty_step, step.id)
    return _done(_("The pipeline is removed; its leads are in the standard one."))


@bp.route("/<uuid:line_id>/steps/new", methods=["GET", "POST"], permission=Pipelines.MANAGE)
def add_step(line_id: UUID) -> ResponseReturnValue:
    line, form = line_or_404(line_id), StepForm()
    after = Pick("after", str(_("Place it after")), [(str(stop.id), stop.name) for stop in line.stops])
    if _sent(form, after) and _tried(form.main, lambda: setup.add_step(line, form.values, after.chosen)):
        return _done(_("The step is added."), line)
    return _page("pipelines/step.html", form, line=line, stop=None, after=after)


@bp.route("/steps/<uuid:step_id>", methods=["GET", "POST"], permission=Pipelines.MANAGE)
def edit_step(step_id: UUID) -> ResponseReturnValue:
    stop = stop_or_404(step_id)
    line, form = setup.mine().line(stop.pipeline_id), StepForm(stop)
    if _sent(form) and _tried(form.main, lambda: setup.change_step(stop, form.values)):
        return _done(_("Saved."), line)
    return _page("pipelines/step.html", form, line=line, stop=stop, after=None)


def _sent(form: Any, pick: Pick | None = None) -> bool:
    """Whether it was sent, and nothing in it is wrong by itself."""
    if request.method != "POST":
        return False
    if pick is not None:
        pick.read(request.form)
    return bool(form.read(request.form)) and not (pick and pick.errors)


def _tried(form: Form, change: Any) -> bool:
    """False when it is refused; the message stands beside the name then."""
    try:
        change()
    except Invalid as problem:
        form.refuse("name", str(problem.message))
        return False
    return True


def _page(template: str, form: Any, **values: Any) -> ResponseReturnValue:
    status = 422 if request.method == "POST" else 200
    if status == 422:
        session.expire_all()
    return render(template, form=form, **values), status


@bp.post("/steps/<uuid:step_id>/<way>", permission=Pipelines.MANAGE)
def shift_step(step_id: UUID, way: str) -> ResponseReturnValue:
    """One place earlier or later."""
    stop, places = stop_or_404(step_id), {"earlier": -1, "later": 1}
    if way not in places:
        abort(404)
    setup.shift(stop, places[way])
    return redirect(f"{url_for('pipelines.list_pipelines')}#step-{stop.id}", 303)


@bp.route("/steps/<uuid:step_id>/remove", methods=["GET", "POST"], permission=Pipelines.MANAGE)
def remove_step(step_id: UUID) -> ResponseReturnValue:
    """Asks where its leads go; they go there in the background, and are seen there at once."""
    stop, layout = stop_or_404(step_id), setup.mine()
    target = Pick("to", str(_("Its leads go to")), steps_to_go_to(layout.lines, stop), required=True)
    if request.method == "POST":
        target.read(request.form)
        if not target.errors and _removed(stop, target):
            return _done(_("The step is removed; its leads go to the other one."), layout.line(stop.pipeline_id))
    status = 422 if target.errors else 200
    return render("pipelines/remove_step.html", stop=stop, target=target), status


def _removed(stop: Stop, target: Pick) -> bool:
    wanted = next(each for each in setup.mine() if str(each.id) == target.value)
    try:
        step: Step = setup.remove_step(stop, wanted)
    except Invalid as problem:
        target.errors.append(str(problem.message))
        return False
    defer(empty_step, step.id)
    return True


@bp.route("/reasons/new", methods=["GET", "POST"], permission=Pipelines.MANAGE)
def add_reason() -> ResponseReturnValue:
    return _edit_reason(None)


@bp.route("/reasons/<uuid:reason_id>", methods=["GET", "POST"], permission=Pipelines.MANAGE)
def edit_reason(reason_id: UUID) -> ResponseReturnValue:
    return _edit_reason(get_or_404(Reason, reason_id))


def _edit_reason(reason: Reason | None) -> ResponseReturnValue:
    form = Form(Reason, REASON)
    form["stage"].options = setup.closing_stages()
    if reason is None:
        form["active"].value = "yes"
    else:
        form.fill(reason)
    if _sent(form):
        values = form.values | {"company_id": signed_in_viewer().company_id}
        if _tried(form, lambda: save_reason(reason, values)):
            return _done(_("Saved."))
    return _page("pipelines/reason.html", form, reason=reason)
