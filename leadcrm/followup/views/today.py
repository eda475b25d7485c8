"""Today: what is late, due, new and planned, and whom to call. The first page of who works with leads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from leadcrm.core.db import now
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.followup.models.terms import AppointmentOutcome, TaskKind
from leadcrm.followup.permissions import Followup
from leadcrm.followup.queries import work
from leadcrm.followup.services import days
from leadcrm.followup.services.tasks import is_late
from leadcrm.followup.views.parts import chosen, clock, due_word, moment_word
from leadcrm.followup.views.routes import bp
from leadcrm.leads.models.terms import ConsentChannel, Stage
from leadcrm.leads.services.consents import Obstacle, obstacle
from leadcrm.leads.views.words import why_not

CALLED_IN = frozenset({Stage.NEW, Stage.ASSIGNED, Stage.CONTACT_SOUGHT, Stage.NO_SHOW})


@dataclass
class Due:
    """A line of the lists: a lead's next action, or a task."""

    lead: Any
    what: str
    at: datetime
    day: str
    who: str | None
    late: bool
    task: Any = None

    @property
    def is_a_call(self) -> bool:
        return self.task.kind == TaskKind.CALL if self.task is not None else self.lead.stage in CALLED_IN


@dataclass
class Callee:
    """Somebody to call, and whether the ledger lets us."""

    lead: Any
    person: Any
    why: str  # they are called
    obstacle: Obstacle | None = None


@bp.get("/today", permission=Followup.USE)
def today() -> ResponseReturnValue:
    viewer, moment = signed_in_viewer(), now()
    team = viewer.scope == Scope.COMPANY
    agent_id = chosen(request.args.get("agent")) if team else viewer.user_id
    since = days.start_of(days.today())
    until = days.start_of(days.today() + timedelta(days=1))
    due = due_until(until, moment, agent_id)
    fresh = work.new_leads(agent_id)
    values: dict[str, Any] = {
        "late": [each for each in due if each.late], "due": [each for each in due if not each.late], "fresh": fresh,
        "appointments": work.appointments(since, until, agent_id), "callees": callees(due, fresh), "team": team,
        "agent_id": agent_id if team else None, "colleagues": work.colleagues() if team else [], "now": moment,
        "clock": clock, "moment_word": moment_word, "why_not": why_not, "outcomes": AppointmentOutcome,
        "most": work.MOST_SHOWN, "day": days.today(),
    }  # fmt: skip
    return render("followup/today.html", **values)


def due_until(until: datetime, moment: datetime, agent_id: UUID | None) -> list[Due]:
    """Next actions and tasks together, the earliest first."""
    actions = [
        Due(lead, lead.next_action or "", lead.next_action_at, moment_word(lead.next_action_at), owner,
            lead.next_action_at < moment)
        for lead, owner in work.due_leads(until, agent_id)
    ]  # fmt: skip
    tasks = [
        Due(lead, task.title, task.due_at, due_word(task), who, is_late(task, moment), task)
        for task, lead, who in work.due_tasks(until, agent_id)
    ]
    return sorted([*actions, *tasks], key=lambda each: each.at)


def callees(due: list[Due], fresh: Any) -> list[Callee]:
    """Promises first, then who came in; each once, with the first person who has a telephone."""
    wanted = {each.lead.id: (each.lead, each.what) for each in due if each.is_a_call}
    for lead, _owner in fresh:
        wanted.setdefault(lead.id, (lead, ""))
    persons, lines = work.persons_of(wanted), work.consents_of(wanted)
    found = []
    for ident, (lead, why) in wanted.items():
        person = next((each for each in persons.get(ident, ()) if each.phone), None)
        if person is not None:
            held = obstacle(lead, person.id, ConsentChannel.PHONE, lines.get(ident, ()))
            found.append(Callee(lead, person, why, held))
    return found[:20]
