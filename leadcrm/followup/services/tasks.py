"""Tasks: given to somebody who sees the lead, reminded of, finished, and every step back."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import signed_in_viewer
from leadcrm.followup.events import task_done
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import RemindBefore
from leadcrm.followup.services import people
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services.timeline import tell as write_down
from leadcrm.notifications.services.telling import tell

NEWS_DUE, NEWS_GIVEN = "followup.task_due", "followup.task_given"
MORNING = time(9)
MOST_A_RUN = 500


def add(lead: Lead, values: Mapping[str, Any], assignee_id: UUID | None = None) -> Task:
    """For whoever is looking unless somebody else is named. Raises Invalid when they do not see the lead."""
    viewer = signed_in_viewer()
    task = Task(company_id=lead.company_id, lead_id=lead.id, by_id=viewer.user_id, **values)
    _give(task, lead, assignee_id or viewer.user_id)
    _set_reminder(task)
    session.add(task)
    return task


def change(task: Task, lead: Lead, values: Mapping[str, Any], assignee_id: UUID | None) -> None:
    for name, value in values.items():
        setattr(task, name, value)
    if assignee_id is not None and assignee_id != task.assignee_id:
        _give(task, lead, assignee_id)
    _set_reminder(task)


def _give(task: Task, lead: Lead, assignee_id: UUID) -> None:
    if not people.sees(assignee_id, lead):
        raise Invalid(_("This colleague does not see the lead. Choose somebody who does."))
    task.assignee_id = assignee_id
    if assignee_id != signed_in_viewer().user_id:
        text = _("A task for you: lead %(reference)s", reference=lead.reference)
        tell(NEWS_GIVEN, assignee_id, text, f"/leads/{lead.id}", about=str(task.id))


def is_for_the_day(moment: datetime) -> bool:
    """Midnight on the clock of the office means some time that day."""
    return moment.astimezone(OFFICE).time() == time(0)


def is_late(task: Any, at: datetime) -> bool:
    if is_for_the_day(task.due_at):
        return bool(task.due_at.astimezone(OFFICE).date() < at.astimezone(OFFICE).date())
    return bool(task.due_at < at)


def _set_reminder(task: Task) -> None:
    """A task of a day is reminded of in the morning, or so long before that."""
    if task.remind_before is None:
        task.remind_at = None
        return
    due = task.due_at
    if is_for_the_day(due):
        due = datetime.combine(due.astimezone(OFFICE).date(), MORNING, OFFICE)
    moment = due - timedelta(minutes=int(RemindBefore(task.remind_before)))
    if task.remind_at != moment:
        task.remind_at, task.reminded_at = moment, None


def finish(task: Task, lead: Lead) -> None:
    viewer = signed_in_viewer()
    task.done_at, task.done_by_id = now(), viewer.user_id
    write_down(lead, EntryKind.TASK, task.id, task.title)
    task_done.send(task, lead=lead, by=viewer)


def reopen(task: Task) -> None:
    """Undo of finishing, and of removing."""
    task.done_at = task.done_by_id = task.removed_at = None


def remove(task: Task) -> None:
    task.removed_at = now()


def remind() -> int:
    """Everybody whose reminder has come, as far as they still see the lead; how many were told."""
    due = select(Task.id).where(Task.remind_at <= now(), Task.reminded_at.is_(None))
    told = 0
    for ident in session.scalars(due.order_by(Task.remind_at).limit(MOST_A_RUN)).all():
        told += _reminded(session.get(Task, ident))
        checkpoint()
    return told


def _reminded(task: Task | None) -> bool:
    if task is None or task.reminded_at is not None:
        return False
    task.reminded_at = now()
    lead = session.get(Lead, task.lead_id)
    there = lead is not None and lead.deleted_at is None and task.is_open
    if not there or task.assignee_id is None or not people.sees(task.assignee_id, lead):
        return False
    text = _("A task is due: lead %(reference)s", reference=lead.reference)
    tell(NEWS_DUE, task.assignee_id, text, f"/leads/{lead.id}", about=str(task.id))
    return True
