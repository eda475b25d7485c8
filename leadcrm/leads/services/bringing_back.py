"""Undoing the removal of a row: what it held, and what went with it, is written down sealed and kept for a month."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import inspect, select

from leadcrm.core.db import Base, now, session
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.reveal import peek
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.removed import Removed
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services import derive
from leadcrm.leads.services.timeline import tell

KEPT_DAYS = 30
READERS: Mapping[str, Callable[[str], Any]] = {
    "uuid": UUID, "at": datetime.fromisoformat, "on": date.fromisoformat
}  # fmt: skip


class Taken(RuntimeError):
    """Its place was taken meanwhile: a household has two applicants at most."""


class Found(NamedTuple):
    table: str
    values: dict[str, Any]


def write_down(lead: Lead, row: Any, section: str) -> Removed:
    """Before it is deleted. What only a removed person has, of whichever plugin, goes with them and is written down."""
    found = [row, *(_of_person(row) if isinstance(row, Person) else ())]
    content = json.dumps([[each.__tablename__, _written(each)] for each in found])
    kept = Removed(
        company_id=lead.company_id, lead_id=lead.id, section=section, by_id=current_viewer().user_id, content=content
    )
    session.add(kept)
    session.flush()
    return kept


def bring_back(lead: Lead, removed: Removed) -> None:
    """The rows as they were; a row that outlived its person only gets its person again. Raises Taken."""
    found = [Found(*each) for each in json.loads(peek(removed, "content"))]
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    for table, values in found:
        _put(models[table], values)
        session.flush()
    tell(lead, EntryKind.CHANGED, removed.section)
    session.delete(removed)
    derive.refresh(lead, after=found[0].table)


def forget_old() -> int:
    """What was removed so long ago that nobody undoes it; how many."""
    old = session.scalars(select(Removed).where(Removed.at < now() - timedelta(days=KEPT_DAYS)).limit(1_000)).all()
    for each in old:
        session.delete(each)
    return len(old)


def _of_person(person: Person) -> Iterator[Any]:
    for mapper in Base.registry.mappers:
        if _refers_to_person(mapper.local_table):
            of_person = mapper.class_.lead_id == person.lead_id, mapper.class_.person_id == person.id
            yield from session.scalars(select(mapper.class_).where(*of_person))


def _refers_to_person(table: Any) -> bool:
    return any(key.referred_table.name == Person.__tablename__ for key in table.foreign_key_constraints)


def _put(model: Any, values: dict[str, Any]) -> None:
    known = {name: _read(model, name, value) for name, value in values.items()}
    row = session.scalars(select(model).where(model.id == known["id"])).one_or_none()
    if row is not None:
        row.person_id = known["person_id"]
    elif model is Person and _place_taken(known):
        raise Taken
    else:
        session.add(model(**known))


def _place_taken(values: Mapping[str, Any]) -> bool:
    there = select(Person.id).where(Person.lead_id == values["lead_id"], Person.position == values["position"])
    return session.scalars(there).one_or_none() is not None


def _written(row: Any) -> dict[str, Any]:
    names = [attribute.key for attribute in inspect(type(row)).column_attrs]
    return {name: _plain(row, name) for name in names if getattr(row, name) is not None}


def _plain(row: Any, name: str) -> Any:
    """As JSON; what JSON does not know says what it is."""
    value = getattr(row, name)
    match value:
        case Sealed():
            return {"sealed": facts_of(type(row))[name].fillable.dump(peek(row, name))}
        case UUID():
            return {"uuid": str(value)}
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"on": value.isoformat()}
        case _:
            return value


def _read(model: Any, name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((said, text),) = value.items()
    return facts_of(model)[name].fillable.load(text) if said == "sealed" else READERS[said](text)
