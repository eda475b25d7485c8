"""Two leads become one, and one becomes two again. Everything that belongs to a lead goes along; nothing is lost."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, inspect, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT

from leadcrm.checklists import jobs as checklists
from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.jobs import defer
from leadcrm.core.reveal import peek, plain
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart, Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.queries.household import Household
from leadcrm.leads.services import derive, leads
from leadcrm.leads.services.timeline import tell
from leadcrm.merging.models import Merge
from leadcrm.merging.services.comparing import Pairs, compared

MODELS: Mapping[str, type[Any]] = {each.__name__: each for each in (Lead, Person, Property, Wish)}
WITH_STAGE = ("stage_since", "stage_reason", "return_reason", "pipeline_id", "step_id", "lost_reason_id")
ITS_OWN = {"company_id", "id", "lead_id", "position", "created_at", "updated_at"}
Change = tuple[str, str, str, str | None, str | None]  # model, id, column, what it was, what it became


def merge(kept: Household, other: Household, pairs: Pairs, taken: Collection[str]) -> Merge:
    """The other lead goes up in the kept one; `taken` are the keys of the values that are taken over from it."""
    made = Merge(
        company_id=kept.lead.company_id, lead_id=kept.lead.id, merged_id=other.lead.id,
        reference=other.lead.reference, by_id=signed_in_viewer().user_id,
    )  # fmt: skip
    session.add(made)
    changes = _take_over(kept, other, pairs, taken)
    added = {theirs: _came_along(kept, other, theirs) for theirs, ours in pairs.items() if ours is None}
    people = {str(theirs): str(added.get(theirs) or ours) for theirs, ours in pairs.items()}
    undoing = {"changes": changes, "added": {str(ours): str(theirs) for theirs, ours in added.items()}}
    made.before = json.dumps(undoing)  # type: ignore[assignment]  # sealed when it is written
    session.flush()
    moving = func.merging_move(made.id, literal(_staying(kept), ARRAY(TEXT)), literal(people, JSONB))
    moved = int(session.execute(select(moving)).scalar_one())
    leads.delete(other.lead)
    tell(kept.lead, EntryKind.MERGED, other.lead.reference)
    audit.note("merging.merged", kept.lead, merged=other.lead.reference, rows=moved)
    _settle(kept.lead)
    return made


def undo(made: Merge, kept: Lead, other: Lead) -> None:
    """Both leads as they were. What was changed or added since stays with the lead that was kept."""
    undoing = json.loads(peek(made, "before"))
    back = func.merging_move_back(made.id, literal(undoing["added"], JSONB))
    moved = int(session.execute(select(back)).scalar_one())
    for change in undoing["changes"]:
        _put_back(change)
    for ident in undoing["added"]:
        person = session.scalars(select(Person).where(Person.id == UUID(ident))).one_or_none()
        if person is not None:
            session.delete(person)
    made.undone_at = now()
    leads.bring_back(other)
    tell(kept, EntryKind.MERGED, other.reference, previous=other.reference)
    audit.note("merging.undone", kept, merged=other.reference, rows=moved)
    for lead in (kept, other):
        _settle(lead)


def _staying(kept: Household) -> list[str]:
    """Tables whose rows are compared and taken over value by value, or that make one whole with the kept ones."""
    tables = [Person.__tablename__]
    tables += [Property.__tablename__] if kept.home else []
    tables += [Wish.__tablename__] if kept.wish else []
    return tables + ([LoanPart.__tablename__] if kept.parts else [])


def _take_over(kept: Household, other: Household, pairs: Pairs, taken: Collection[str]) -> list[Change]:
    changes: list[Change] = []
    for part in compared(kept, other, pairs):
        names = [line.key.partition(".")[2] for line in part.lines if line.key in taken]
        if "stage" in names:
            names += [name for name in WITH_STAGE if name in facts_of(Lead)]
        changes += [_set(part.kept, name, plain(part.other, name)) for name in names]
    return changes + _contacts(kept.lead, other.lead)


def _contacts(kept: Lead, other: Lead) -> list[Change]:
    """Both were contacted: the attempts add up, the first is the first and the last the last."""
    attempts = (kept.contact_attempts or 0) + (other.contact_attempts or 0)
    first = min(filter(None, (kept.first_contact_at, other.first_contact_at)), default=None)
    last = max(filter(None, (kept.last_contact_at, other.last_contact_at)), default=None)
    wanted = {"contact_attempts": attempts, "first_contact_at": first, "last_contact_at": last}
    return [_set(kept, name, value) for name, value in wanted.items() if getattr(kept, name) != value]


def _set(row: Any, name: str, value: Any) -> Change:
    was = _dumped(row, name)
    setattr(row, name, value)
    return (type(row).__name__, str(row.id), name, was, _dumped(row, name))


def _put_back(change: Iterable[Any]) -> None:
    """Unless somebody changed it since."""
    model_name, ident, name, was, became = change
    model = MODELS[model_name]
    row = session.scalars(select(model).where(model.id == UUID(ident))).one_or_none()
    if row is not None and _dumped(row, name) == became:
        setattr(row, name, _loaded(model, name, was))


def _dumped(row: Any, name: str) -> str | None:
    value, kind = plain(row, name), facts_of(type(row))[name].kind
    if value is None or kind is not None:
        return None if value is None or kind is None else kind.dump(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _loaded(model: type[Any], name: str, text: str | None) -> Any:
    kind = facts_of(model)[name].kind
    if text is None or kind is not None:
        return None if text is None or kind is None else kind.load(text)
    python = inspect(model).columns[name].type.python_type
    return datetime.fromisoformat(text) if python is datetime else python(text)


def _came_along(kept: Household, other: Household, ident: UUID) -> UUID:
    """The co-applicant, as a person of the kept lead."""
    theirs = other.person(ident)
    values = {name: plain(theirs, name) for name in facts_of(Person) if name not in ITS_OWN}
    person = Person(company_id=kept.lead.company_id, lead_id=kept.lead.id, position=len(kept.persons) + 1, **values)
    session.add(person)
    session.flush()
    return person.id


def _settle(lead: Lead) -> None:
    """What follows from the rows, after they came or went."""
    session.flush()
    session.expire_all()
    for model in (Person, Wish, Property):
        derive.refresh(lead, model.__tablename__)
    defer(checklists.refresh, lead.id, once=f"checklist {lead.id}")
