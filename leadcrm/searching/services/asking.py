"""Finding leads by what somebody typed: in few statements, the surest first, each with why it was found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.services.finding import Asked, found_by, understood
from leadcrm.leads.services.names import normalised
from leadcrm.searching.queries.results import last_seen, results
from leadcrm.searching.services.explaining import WORD, Why, marked, why
from leadcrm.searching.services.seen import MOST_SEEN

SUREST = {"exact": 0, "begins": 1, "noted": 2, "like": 3}
MOST_REASONS = 3


@dataclass(frozen=True)
class Result:
    """A lead as it stands among results."""

    id: UUID
    name: Markup
    reference: str
    stage: Stage
    why: Sequence[Why] = ()
    how: str = ""


@dataclass(frozen=True)
class Results:
    """`more`: there are more than were asked for. `guessed`: nothing was written so, these only sound alike."""

    leads: Sequence[Result] = ()
    more: bool = False
    guessed: bool = False


def search(typed: str, most: int) -> Results:
    company_id = signed_in_viewer().company_id
    asked = found_by(company_id, typed, ranked=True)
    if asked is None:
        return Results()
    rows, words = session.execute(results(asked, most + 1)).all(), understood(company_id, typed)
    shown = sorted(rows, key=lambda row: _surest(words, row))[:most]
    people, notes = _people(company_id, shown), _notes(company_id, shown)
    found = [_result(words, row, people[row.id], notes.get(row.entry_id)) for row in shown]
    return Results(found, len(rows) > most, bool(rows) and rows[0].how == "like")


def _surest(asked: Asked, row: Any) -> tuple[int, bool, float]:
    """Whole names before such as have only begun, and of what is as sure the newest lead."""
    names = {normalised(word) for word in WORD.findall(row.household_name)}
    return SUREST[row.how], not names.issuperset(asked.words), -row.created_at.timestamp()


def recent(most: int = MOST_SEEN) -> list[Result]:
    """What the viewer looked at last, and may still see."""
    rows = session.execute(last_seen(most)).all()
    return [Result(row.id, escape(row.household_name or row.reference), row.reference, row.stage) for row in rows]


def _result(asked: Asked, row: Any, persons: Sequence[Person], note: str | None) -> Result:
    name = marked(row.household_name or row.reference, asked.words)
    reasons = why(asked, row.how, row, persons, note)[:MOST_REASONS]
    return Result(row.id, name, row.reference, row.stage, reasons, row.how)


def _people(company_id: UUID, rows: Sequence[Any]) -> defaultdict[UUID, list[Person]]:
    found: defaultdict[UUID, list[Person]] = defaultdict(list)
    ids = [row.id for row in rows if row.how != "noted"]
    if ids:
        wanted = select(Person).where(Person.company_id == company_id, Person.lead_id.in_(ids))
        for person in session.scalars(wanted.order_by(Person.position)):
            found[person.lead_id].append(person)
    return found


def _notes(company_id: UUID, rows: Sequence[Any]) -> dict[UUID | None, str]:
    ids = [row.entry_id for row in rows if row.entry_id]
    if not ids:
        return {}
    wanted = select(Entry.id, Entry.text).where(Entry.company_id == company_id, Entry.id.in_(ids))
    return {row.id: row.text or "" for row in session.execute(wanted)}
