"""Tasks of a lead."""

from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.followup.forms import TaskForm
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import Priority, TaskKind
from leadcrm.followup.permissions import Followup
from leadcrm.followup.queries import work
from leadcrm.followup.services import people, tasks
from leadcrm.followup.views.parts import back_word, done, lead_or_404, way_back
from leadcrm.followup.views.routes import bp
from leadcrm.leads.models.lead import Lead


def task_or_404(lead: Lead, task_id: UUID) -> Task:
    return work.task_of(lead.id, task_id) or abort(404)


def form_page(lead: Lead, form: TaskForm, task: Task | None, status: int = 200) -> ResponseReturnValue:
    values: dict[str, Any] = {
        "lead": lead, "form": form, "task": task, "back": back_word(), "base": f"/followup/{lead.id}",
        "way_back": way_back(lead),
    }  # fmt: skip
    return render("followup/task.html", "followup/_task.html", **values), status


@bp.route("/followup/<uuid:lead_id>/tasks/new", methods=["GET", "POST"], permission=Followup.USE)
def new_task(lead_id: UUID) -> ResponseReturnValue:
    lead, me = lead_or_404(lead_id), signed_in_viewer().user_id
    form = TaskForm(people.who_see(lead), me)
    form.task["kind"].value, form.task["priority"].value = str(TaskKind.TODO), str(Priority.NORMAL)
    if request.method == "GET":
        return form_page(lead, form, None)
    if not form.read(request.form):
        return form_page(lead, form, None, 422)
    try:
        tasks.add(lead, form.task.values, form.whom.values["assignee_id"])
    except Invalid as problem:
        form.task.errors.append(str(problem))
        return form_page(lead, form, None, 422)
    return done(lead, _("The task was saved."))


@bp.route("/followup/<uuid:lead_id>/tasks/<uuid:task_id>", methods=["GET", "POST"], permission=Followup.USE)
def edit_task(lead_id: UUID, task_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    task = task_or_404(lead, task_id)
    form = TaskForm(people.who_see(lead), task.assignee_id)
    form.task.fill(task)
    if request.method == "GET":
        return form_page(lead, form, task)
    if not form.read(request.form):
        return form_page(lead, form, task, 422)
    tasks.change(task, lead, form.task.values, form.whom.values["assignee_id"])
    return done(lead, _("The task was saved."))


@bp.post("/followup/<uuid:lead_id>/tasks/<uuid:task_id>/<deed>", permission=Followup.USE)
def settle_task(lead_id: UUID, task_id: UUID, deed: str) -> ResponseReturnValue:
    """Finished or removed, either of which can be undone."""
    lead = lead_or_404(lead_id)
    task = task_or_404(lead, task_id)
    if deed not in ("done", "remove", "reopen") or task.is_open == (deed == "reopen"):
        abort(404)
    undo = url_for(".settle_task", lead_id=lead_id, task_id=task_id, deed="reopen", back=back_word() or None)
    match deed:
        case "done":
            tasks.finish(task, lead)
            return done(lead, _("Finished: %(action)s", action=task.title), undo)
        case "remove":
            tasks.remove(task)
            return done(lead, _("The task was removed."), undo)
        case _:
            tasks.reopen(task)
            return done(lead, _("It is to be done again."))
