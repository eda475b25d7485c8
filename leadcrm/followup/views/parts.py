"""What the pages of follow-up share: the lead, its people, and the way back."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.forms import Form
from leadcrm.core.paging import MOST_COUNTED
from leadcrm.core.web import wants_fragment
from leadcrm.followup.queries import work
from leadcrm.followup.services.tasks import is_for_the_day, is_late
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.household import lead_to_change
from leadcrm.leads.views.cells import shown_day
from leadcrm.leads.views.next_action import IN_DAYS, in_days
from leadcrm.leads.views.page import house_or_404, page_values, person_name

BACK: dict[str, tuple[str, dict[str, str]]] = {
    "today": ("followup.today", {}), "calendar": ("followup.calendar", {}), "tasks": ("followup.list_tasks", {}),
    **{f"tasks-{which}": ("followup.list_tasks", {"due": which}) for which in ("late", "today", "later")},
}  # fmt: skip


def lead_or_404(lead_id: UUID) -> Lead:
    return lead_to_change(lead_id) or abort(404)


def back_word() -> str:
    said = request.values.get("back", "")
    return said if said in BACK else ""


def way_back(lead: Lead) -> str:
    word = back_word()
    if not word:
        return url_for("leads.show_lead", lead_id=lead.id)
    endpoint, said = BACK[word]
    return url_for(endpoint, **said)  # type: ignore[arg-type]


def names_of(persons: Any) -> list[tuple[UUID, str]]:
    return [(person.id, person_name(person)) for person in persons]


def chosen(typed: str | None) -> UUID | None:
    try:
        return UUID(typed or "")
    except ValueError:
        return None


def capped(count: int) -> str:
    """As lists count: no further than the cap."""
    return _("1,000") + "+" if count > MOST_COUNTED else str(count)


def due_word(task: Any) -> str:
    """A day alone when the task has no time."""
    day = shown_day(task.due_at)
    return day.removesuffix(" 00:00") if is_for_the_day(task.due_at) else _with_time(task.due_at, day)


def _with_time(moment: Any, day: str) -> str:
    time = clock(moment)
    return day if day.endswith(time) else f"{day} {time}"


def clock(moment: Any) -> str:
    return f"{moment.astimezone(OFFICE):%H:%M}"


def moment_word(moment: Any) -> str:
    return _with_time(moment, shown_day(moment))


def aside_values(lead: Lead) -> dict[str, Any]:
    tasks, planned = work.of_lead(lead.id)
    return {
        "lead": lead, "tasks": tasks, "planned": planned, "due_word": due_word, "moment_word": moment_word,
        "is_late": is_late, "now": now(), "follow": f"/followup/{lead.id}",
    }  # fmt: skip


def done(lead: Lead, said: str, undo: str = "", next_form: Form | None = None) -> ResponseReturnValue:
    """Kept: the parts of the lead's page that tell of it, or the page somebody came from. `undo` takes it back."""
    session.flush()
    flash({"text": said, "action_url": undo, "action_label": _("Undo")} if undo else said, "success")  # type: ignore[arg-type]
    if not wants_fragment():
        if next_form is not None and not back_word():
            days = 1 if next_form["next_action_at"].value else 0
            words: dict[str, Any] = {"text": next_form["next_action"].value, "days": days}
            return redirect(url_for("leads.ask_next", lead_id=lead.id, **words), 303)
        return redirect(way_back(lead), 303)
    values = page_values(house_or_404(lead.id)) | aside_values(lead) | {"next_form": next_form, "back": ""}
    return render_template(
        "followup/_done.html", proposals=[(days, in_days(days)) for days in IN_DAYS], **values
    )
