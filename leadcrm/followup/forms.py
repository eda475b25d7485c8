"""What is filled in about calls, tasks and appointments."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _

from leadcrm.core.forms import Form
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.call import Call
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import CallOutcome
from leadcrm.leads.forms import Pick, Picks, Together
from leadcrm.leads.models.timeline import Entry

TASK = ("title", "due_at", "kind", "priority", "remind_before", "note")
APPOINTMENT = ("about", "starts_at", "ends_at", "place", "location", "note")
Options = Sequence[tuple[UUID, str]]


def pick(name: str, label: Any, options: Options, chosen: UUID | None) -> Picks:
    known = [(str(ident), word) for ident, word in options]
    return Picks([Pick(name, label, known, required=True, value=str(chosen or ""))])


class CallForm(Together):
    """How a call went. The note goes into the timeline; the reason is asked for when the ledger forbids calling."""

    def __init__(self, persons: Options, chosen: UUID | None = None):
        self.whom = pick("person_id", _("With"), persons, chosen)
        self.call = Form(Call, ("outcome", "call_back_at"))
        self.note = Form(Entry, ("text",))
        self.why = Form(Entry, ("text",), prefix="reason-")
        self.why["text"].label_text = str(_("Why you call all the same"))
        super().__init__([self.whom, self.call, self.note, self.why])

    def read(self, typed: Mapping[str, str]) -> bool:
        if super().read(typed):
            values = self.call.values
            if values["outcome"] == CallOutcome.CALL_BACK and values["call_back_at"] is None:
                self.call.refuse("call_back_at", str(_("Say when: then it stands on the list of that day.")))
        return self.valid

    @property
    def person_id(self) -> UUID | None:
        return self.whom.values["person_id"]

    @property
    def reason(self) -> str | None:
        return self.why.values.get("text")


class TaskForm(Together):
    def __init__(self, colleagues: Options, chosen: UUID | None):
        self.whom = pick("assignee_id", _("For"), colleagues, chosen)
        self.task = Form(Task, TASK)
        super().__init__([self.task, self.whom])


class AppointmentForm(Together):
    """Without an end it lasts an hour."""

    def __init__(self, colleagues: Options, agent_id: UUID | None, clients: Options, person_id: UUID | None):
        self.agent = pick("agent_id", _("Adviser"), colleagues, agent_id)
        self.client = Picks([Pick("person_id", _("Client"), [(str(ident), name) for ident, name in clients],
                                  value=str(person_id or ""))])  # fmt: skip
        self.plan = Form(Appointment, APPOINTMENT)
        self.plan["ends_at"].required = False
        super().__init__([self.plan, self.agent, self.client])

    def read(self, typed: Mapping[str, str]) -> bool:
        super().read(typed)
        self._last_an_hour()
        return self.valid

    def _last_an_hour(self) -> None:
        values = self.plan.values
        if values and values.get("starts_at") and not values.get("ends_at") and not self.plan["ends_at"].errors:
            values["ends_at"] = values["starts_at"] + timedelta(hours=1)
