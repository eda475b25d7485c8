"""What leads are found by, brought up to date behind the scenes: words of an older version, and the names of a company.

Both see every company, and go on where they were broken off. A lead that is written meanwhile has today's words anyway.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import array

from leadcrm.auth.models.people import Company
from leadcrm.core.db import now, session
from leadcrm.core.jobs import checkpoint
from leadcrm.leads.models.found_by import LONGEST_NAME_WORD, Indexed, NameWord
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.services.derive import LEAD_WORDS, PERSON_WORDS, values_of
from leadcrm.leads.services.finding import search_vector, search_words
from leadcrm.leads.services.names import normalised
from leadcrm.leads.services.sounding import is_name_like, kept_fingerprints

VERSION = 2  # of search_words(); 2: birth dates and accounts, fewer words of e-mail and telephone
CHUNK = 500
WORDS_CHUNK = 2_000
LATE = timedelta(minutes=10)  # what a transaction may take between its time and its commit
Some = TypeVar("Some")
NAMES = (Person.birth_name, Person.correspondence_name, Person.call_name, Person.first_names)


def begin(company_id: UUID) -> None:
    """A new company has no words of an older version: nobody need look for them."""
    _state(company_id).version = VERSION


def index_some() -> bool:
    """One chunk of leads that have words of an older version, of the first company that has any; whether there was one.

    What comes in meanwhile has today's words already.
    """
    known = Indexed.version >= VERSION
    wanted = select(Company.id).outerjoin(Indexed, Indexed.id == Company.id).where(known.is_not(true()))
    company_id = session.scalars(wanted.order_by(Company.id).limit(1)).first()
    if company_id is not None:
        _index(company_id)
    return company_id is not None


def _companies() -> Sequence[UUID]:
    return session.scalars(select(Company.id).order_by(Company.id)).all()


def _state(company_id: UUID) -> Indexed:
    kept: Indexed | None = session.get(Indexed, company_id)
    if kept is None:
        kept = Indexed(company_id=company_id, id=company_id, version=0)
        session.add(kept)
    return kept


def _index(company_id: UUID) -> None:
    state = _state(company_id)
    leads = _next_leads(company_id, state.reached)
    if leads:
        _write_words(leads)
        state.reached = leads[-1].id
    else:
        state.version, state.reached = VERSION, None
    state.at = now()
    session.flush()


def _next_leads(company_id: UUID, reached: UUID | None) -> list[Lead]:
    found = select(Lead).where(Lead.company_id == company_id).order_by(Lead.id).limit(CHUNK).with_for_update()
    return list(session.scalars(found.where(Lead.id > reached) if reached else found))


def _write_words(leads: Sequence[Lead]) -> None:
    """In one statement for all of them. Nobody changed these leads, so their time of change stays."""
    persons = _persons_of(leads)
    session.execute(update(Lead), [
        {"company_id": lead.company_id, "id": lead.id, "updated_at": lead.updated_at,
         "search": _words_of(lead, persons[lead.id])} for lead in leads
    ])  # fmt: skip


def _persons_of(leads: Sequence[Lead]) -> defaultdict[UUID, list[Person]]:
    wanted = select(Person).where(
        Person.company_id == leads[0].company_id, Person.lead_id.in_([lead.id for lead in leads])
    )
    persons = defaultdict(list)
    for person in session.scalars(wanted.order_by(Person.position)):
        persons[person.lead_id].append(person)
    return persons


def _words_of(lead: Lead, persons: Iterable[Person]) -> str:
    household = [values_of(person, PERSON_WORDS) for person in persons]
    return search_vector(lead.company_id, search_words(lead.company_id, values_of(lead, LEAD_WORDS), household))


def read_names(*, anew: bool) -> int:
    """The words that names are made of: those of leads that came since; or all `anew`, which forgets what is gone."""
    done = 0
    for company_id in _companies():
        done += _read_names(company_id, anew)
        checkpoint()
    return done


def read_next_names(after: str | None, *, anew: bool) -> str | None:
    """Those of the next company; a step of a walk."""
    companies = select(Company.id).order_by(Company.id).limit(1)
    company_id = session.scalars(companies.where(Company.id > UUID(after)) if after else companies).first()
    if company_id is None:
        return None
    _read_names(company_id, anew)
    return str(company_id)


def _read_names(company_id: UUID, anew: bool) -> int:
    state, begun = _state(company_id), now()
    since = None if anew or state.names_at is None else state.names_at - LATE
    counted = _counted(company_id) if since is None else _counted_since(company_id, since)
    known = set(session.scalars(select(NameWord.word).where(NameWord.company_id == company_id)))
    if since is None:
        _forget(company_id, known - counted.keys())
    fresh = [word for word in counted if word not in known]
    for words in _chunks(fresh):
        session.execute(insert(NameWord), [_row(company_id, word, counted[word]) for word in words])
    state.names_at = begun
    session.flush()
    return len(fresh)


def _counted(company_id: UUID) -> Counter[str]:
    found: Counter[str] = Counter()
    name = func.unnest(array(NAMES)).label("name")
    asked = select(name, func.count()).where(Person.company_id == company_id).group_by(name)
    for text, times in session.execute(asked):
        for word in _name_words(text or ""):
            found[word] += times
    return found


def _counted_since(company_id: UUID, since: datetime) -> Counter[str]:
    """By the new leads' ids: in one statement with them, the planner reads every person of the company."""
    there = Lead.company_id == company_id, Lead.deleted_at.is_(None)
    fresh = select(Lead.id).where(*there, Lead.created_at >= since)
    asked = select(*NAMES).where(Person.company_id == company_id)
    found: Counter[str] = Counter()
    for ids in _chunks(session.scalars(fresh).all()):
        for names in session.execute(asked.where(Person.lead_id.in_(ids))):
            found.update(word for text in names for word in _name_words(text or ""))
    return found


def _name_words(text: str) -> Iterator[str]:
    words = (word for part in normalised(text).split() for word in part.split("-"))
    return (word for word in words if is_name_like(word) and len(word) <= LONGEST_NAME_WORD)


def _forget(company_id: UUID, gone: set[str]) -> None:
    for words in _chunks(sorted(gone)):
        session.execute(delete(NameWord).where(NameWord.company_id == company_id, NameWord.word.in_(words)))


def _row(company_id: UUID, word: str, times: int) -> dict[str, Any]:
    return {
        "company_id": company_id, "id": uuid4(), "word": word, "fingerprints": kept_fingerprints(word), "times": times,
    }  # fmt: skip


def _chunks(all_: Sequence[Some]) -> Iterator[Sequence[Some]]:
    return (all_[at : at + WORDS_CHUNK] for at in range(0, len(all_), WORDS_CHUNK))
