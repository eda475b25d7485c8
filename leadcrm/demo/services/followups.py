"""What was and is to be done for a lead: calls with outcomes, tasks, appointments of last, this and next week.

With chance of its own, so that households come out as they did.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from leadcrm.demo.services.chance import Deck, between, identity
from leadcrm.demo.services.people import Row
from leadcrm.demo.services.pipeline import STAGES, Standing, at_office
from leadcrm.followup.models.terms import AppointmentOutcome, Place, Priority, TaskKind
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.models.timeline import EntryKind

PLACES = Deck({Place.OFFICE: 45, Place.VIDEO: 25, Place.HOME: 18, Place.PHONE: 12})
TASKS = Deck(
    [
        ("Loonstroken nakijken", TaskKind.TODO), ("Werkgeversverklaring opvragen", TaskKind.MAIL),
        ("Bellen over de taxatie", TaskKind.CALL), ("Voorstel mailen", TaskKind.MAIL),
        ("Dossier nalopen", TaskKind.TODO), ("Terugbellen over de rente", TaskKind.CALL),
    ]
)  # fmt: skip
PRIORITIES = Deck({Priority.NORMAL: 70, Priority.HIGH: 20, Priority.LOW: 10})
HELD = frozenset(STAGES[STAGES.index(Stage.APPOINTMENT_HELD) : STAGES.index(Stage.PAID_OUT)])
RECENT = timedelta(days=21)
TASK_SHARE, ADVICE_SHARE = 0.3, 0.5


def calls(base: Row, entries: list[Row]) -> list[Row]:
    """Each call of the timeline, with its outcome, as figures count them."""
    return [
        base | {"at": entry["at"], "by_id": entry["by_id"], "outcome": entry["subject"], "despite": False}
        for entry in entries
        if entry["kind"] == EntryKind.CALL
    ]


def tasks(base: Row, lead: Row, standing: Standing, today: date) -> list[Row]:
    random = Random(f"tasks {lead['id']}")  # noqa: S311  # made-up data
    if lead["owner_id"] is None or standing.closed or standing.stage == Stage.IN_SERVICE:
        return []
    if random.random() > TASK_SHARE:
        return []
    title, kind = TASKS.draw(random)
    due = at_office(_working_day(today + timedelta(days=between(random, -2, 8))), 9 * 60 + 30 * between(random, 0, 15))
    return [base | {
        "title": title, "kind": kind, "priority": PRIORITIES.draw(random), "due_at": due,
        "assignee_id": lead["owner_id"], "by_id": lead["owner_id"],
    }]  # fmt: skip


def appointments(base: Row, lead: Row, standing: Standing, today: date) -> list[Row]:
    """Planned ones in this week and the next; of those that were, what became of them."""
    if lead["owner_id"] is None:
        return []
    random = Random(f"appointments {lead['id']}")  # noqa: S311  # made-up data
    return [_row(random, base, lead["owner_id"], *each) for each in _wanted(random, standing, today)]


def _wanted(random: Random, standing: Standing, today: date) -> Iterator[tuple[str, datetime, AppointmentOutcome]]:
    if standing.stage == Stage.APPOINTMENT_PLANNED:
        yield "Kennismaking", _at(random, today + timedelta(days=between(random, 0, 10))), AppointmentOutcome.PLANNED
    elif standing.stage == Stage.NO_SHOW:
        yield "Kennismaking", _at(random, standing.since.date()), AppointmentOutcome.NO_SHOW
    elif standing.stage in HELD:
        if today - standing.since.date() < RECENT:
            yield "Kennismaking", _at(random, _before(standing)), AppointmentOutcome.HELD
        if random.random() < ADVICE_SHARE:
            day = today + timedelta(days=between(random, 0, 10))
            yield "Adviesgesprek", _at(random, day), AppointmentOutcome.PLANNED


def _before(standing: Standing) -> date:
    """The day on which it came into its stage, or one before: never before it came in."""
    return max(standing.came.date(), standing.since.date() - timedelta(days=1))


def _at(random: Random, day: date) -> datetime:
    return at_office(_working_day(day), 9 * 60 + 30 * between(random, 0, 15))


def _working_day(day: date) -> date:
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def _row(random: Random, base: Row, owner: UUID, about: str, start: datetime, outcome: AppointmentOutcome) -> Row:
    values: dict[str, Any] = {
        "about": about, "starts_at": start, "ends_at": start + timedelta(minutes=60 if about != "Kennismaking" else 45),
        "place": PLACES.draw(random), "outcome": outcome, "agent_id": owner, "by_id": owner, "sequence": 0,
        "uid": str(identity(random)),
    }  # fmt: skip
    return base | values
