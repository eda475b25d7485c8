"""Arrivals become leads, by the hundred: those that can, marked when they look double; the others wait for a person.

A batch and the leads made of it are one transaction: a worker that is killed in between loses and repeats nothing.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask_babel import lazy_gettext
from sqlalchemy import ARRAY, Uuid, bindparam, func, select, update
from sqlalchemy.orm.attributes import set_committed_value

from leadcrm.auth.models.people import User
from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.jobs import will_be_tried_again
from leadcrm.core.scope import Viewer, viewing_as
from leadcrm.imports.queries.known import Known
from leadcrm.imports.services.duplicates import Key, find_known, keys_of
from leadcrm.imports.services.writing import write_each
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.terms import OnDuplicate, State, Why
from leadcrm.intake.services import content as contents
from leadcrm.intake.services import recording
from leadcrm.intake.services.candidates import Agreed, Candidate, keeper_of, terms_of
from leadcrm.intake.services.reading import Plans, judge
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.services.many import were_made
from leadcrm.notifications.services.telling import tell

BATCH = 200
AT_ONCE = 1_000  # contents that are forgotten
WAITING = "intake.quarantined"
QUARANTINE = "/intake/quarantine"
NEWS = lazy_gettext("Leads that arrived wait for you: not everything in them can be used.")

log = logging.getLogger("leadcrm")


def take_batch() -> int:
    """The oldest of one company; returns how many were looked at. Run as maintenance: whose turn it is it must see."""
    waiting = select(Arrival.company_id).where(Arrival.state == State.WAITING)
    company_id = session.scalar(waiting.order_by(Arrival.arrived_at).limit(1))
    if company_id is None:
        return 0
    with viewing_as(keeper_of(company_id)):
        # One batch of a company at a time, or two of the same person would not see each other.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"intake {company_id}", 0))))
        rows = session.scalars(
            select(Arrival).where(Arrival.company_id == company_id, Arrival.state == State.WAITING)
            .order_by(Arrival.arrived_at, Arrival.id).limit(BATCH).with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        _taken(company_id, rows)
        _tell_of_quarantine(company_id, rows)
        session.flush()
    return len(rows)


def _taken(company_id: UUID, rows: Sequence[Arrival]) -> None:
    """All at once; when that fails one by one, so that one that cannot be processed holds up nobody."""
    terms = terms_of(company_id)
    if rows and not _tried(company_id, rows, terms):
        for arrival in rows:
            if not _tried(company_id, [arrival], terms):
                hold(arrival, Why.BROKEN)


def _tried(company_id: UUID, rows: Sequence[Arrival], terms: dict[UUID, Agreed]) -> bool:
    try:
        with session.begin_nested():
            _make(company_id, rows, terms)
        return True
    except Exception as problem:
        if will_be_tried_again(problem):
            raise
        log.exception("arrivals of company %s", company_id)
        return False


def _make(company_id: UUID, rows: Sequence[Arrival], terms: dict[UUID, Agreed]) -> None:
    plans, candidates = Plans(), []
    for arrival in rows:
        content = contents.open_of(arrival)
        settings = terms[arrival.inlet_id]
        candidates.append(Candidate(arrival, content, judge(content, settings.inlet.goal, plans), settings))
    chosen = _chosen(company_id, candidates)
    become_leads(keeper_of(company_id), chosen)
    audit.note("intake.taken in", company_id=company_id, subject=Arrival.__tablename__, arrivals=len(rows),
               leads=len(chosen))  # fmt: skip


def _chosen(company_id: UUID, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that become a lead. Who looks like somebody known, or like one before in this batch, is marked so."""
    keys = [list(keys_of(company_id, each.judged.household)) for each in candidates]
    known = find_known(company_id, keys) if any(keys) else {}
    chosen = []
    for each, its_keys in zip(candidates, keys, strict=True):
        alike = mark_alike(each.arrival, its_keys, known)
        why = _why_not(each, alike)
        if why is not None:
            hold(each.arrival, why, len(each.judged.problems))
            continue
        chosen.append(each)
        for kind, value in its_keys:
            known.setdefault(kind, {}).setdefault(value, (each.lead_id, ""))
    return chosen


def mark_alike(arrival: Arrival, keys: Sequence[Key], known: Known) -> bool:
    found = next(((kind, known[kind][value][0]) for kind, value in keys if value in known.get(kind, ())), None)
    if (arrival.like_why, arrival.like_id) != (found or (None, None)):
        arrival.like_why, arrival.like_id = found or (None, None)
    return found is not None


def _why_not(each: Candidate, alike: bool) -> Why | None:
    if each.arrival.suspect:
        return Why.SPAM
    if not each.judged.recognised:
        return Why.UNREAD
    if each.judged.problems:
        return Why.INVALID
    return Why.DUPLICATE if alike and each.terms.inlet.on_duplicate == OnDuplicate.HOLD else None


def hold(arrival: Arrival, why: Why, problems: int = 0) -> None:
    arrival.state, arrival.why, arrival.problems = State.QUARANTINED, why, min(problems, 999)


def become_leads(viewer: Viewer, chosen: Sequence[Candidate]) -> None:
    """Writes the leads with all that belongs to them, and says so to whoever listens (distribution)."""
    if not chosen:
        return
    given = [each.terms.of_lead(each.arrival) | {"id": each.lead_id} for each in chosen]
    rows = write_each(viewer, [each.judged.household for each in chosen], given)
    recording.write_beside(chosen, rows)
    _became(chosen)
    were_made(rows[Lead], viewer)
    session.flush()


def _became(chosen: Sequence[Candidate]) -> None:
    """One statement for all; what the session holds of them is as if it had been read again."""
    ids = [each.arrival.id for each in chosen], [each.lead_id for each in chosen]
    arrays = (bindparam(None, column, ARRAY(Uuid())) for column in ids)
    made = func.unnest(*arrays).table_valued("id", "lead_id", name="made").render_derived()
    fixed = {"state": State.LEAD, "why": None, "problems": 0}
    changed = update(Arrival).where(Arrival.id == made.c.id).values(lead_id=made.c.lead_id, **fixed)
    session.execute(changed.execution_options(synchronize_session=False))
    for each in chosen:
        for name, value in {"lead_id": each.lead_id, **fixed}.items():
            set_committed_value(each.arrival, name, value)


def _tell_of_quarantine(company_id: UUID, rows: Sequence[Arrival]) -> None:
    """One piece of news however many wait: it replaces what is unread still."""
    if not any(arrival.state == State.QUARANTINED and arrival.why != Why.SPAM for arrival in rows):
        return
    managers = select(User.id).where(User.company_id == company_id, User.role == "companymanager", User.active)
    for manager_id in session.scalars(managers):
        tell(WAITING, manager_id, NEWS, QUARANTINE, about="intake")


def forget(days: int) -> int:
    """What became a lead, or was set aside, needs its contents no longer; that it came stays. Some at a time."""
    old = now() - timedelta(days=days)
    done = select(Arrival.id).where(
        Arrival.sealed.is_not(None), Arrival.arrived_at < old, Arrival.state.in_([State.LEAD, State.DISCARDED])
    )
    ids = session.scalars(done.limit(AT_ONCE)).all()
    session.execute(update(Arrival).where(Arrival.id.in_(ids)).values(sealed=None))
    return len(ids)
