"""Today: what is late, due, new and planned, and whom to call. The first page of who works with leads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.followup.models.terms import AppointmentOutcome, TaskKind
from leadcrm.followup.permissions import Followup
from leadcrm.followup.queries import groups, work
from leadcrm.followup.services import beside, days
from leadcrm.followup.views.parts import capped, chosen, clock, due_word, moment_word
from leadcrm.followup.views.routes import bp
from leadcrm.leads.models.terms import ConsentChannel, Stage
from leadcrm.leads.services.consents import Obstacle, obstacle
from leadcrm.leads.views.words import why_not

MOST_CALLED = 20
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
    viewer, at = signed_in_viewer(), groups.moments()
    team = viewer.scope == Scope.COMPANY
    agent_id = chosen(request.args.get("agent")) if team else viewer.user_id
    late = due(groups.actions_late(at), groups.tasks_late(at), True, agent_id)
    to_do = due(groups.actions_due(at), groups.tasks_due(at), False, agent_id)
    fresh = work.new_leads(groups.untouched(at), agent_id)
    offers = beside.wanted()
    counts = groups.counts(at, agent_id, [offer.counting() for offer in offers])
    values: dict[str, Any] = {
        "late": late, "due": to_do, "fresh": fresh, "counts": counts, "counted": capped,
        "appointments": work.appointments(at.since, at.until, agent_id, work.MOST_SHOWN),
        "callees": callees([*late, *to_do], fresh), "team": team, "agent_id": agent_id if team else None,
        "colleagues": work.colleagues() if team else [], "now": at.now, "clock": clock, "moment_word": moment_word,
        "why_not": why_not, "outcomes": AppointmentOutcome, "day": days.today(), "most_called": MOST_CALLED,
        "beside": [(offer.line(many), offer.url) for offer, many in zip(offers, counts.beside, strict=True) if many],
    }  # fmt: skip
    return render("followup/today.html", **values)


def due(actions: groups.Conditions, tasks: groups.Conditions, late: bool, agent_id: UUID | None) -> list[Due]:
    """Next actions and tasks together, the earliest first."""
    found = [
        Due(lead, lead.next_action or "", lead.next_action_at, moment_word(lead.next_action_at), owner, late)
        for lead, owner in work.due_leads(actions, agent_id)
    ]
    found += [
        Due(lead, task.title, task.due_at, due_word(task), who, late, task)
        for task, lead, who in work.due_tasks(tasks, agent_id)
    ]
    return sorted(found, key=lambda each: each.at)


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
    return found[:MOST_CALLED]
