"""Checking and importing, chunk by chunk. A chunk and the leads made of it are one transaction: whatever is killed in
between loses nothing and repeats nothing. Several workers take chunks of one import at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel.speaklater import LazyString
from sqlalchemy import delete, func, select, update

from leadcrm.core import audit, bulk
from leadcrm.core.db import now, session
from leadcrm.core.ids import id_in_order
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Everything, Viewer, signed_in_viewer, viewing_as
from leadcrm.imports.models import Chunk, Finding, FindingKind, Import, OnDuplicate, OnProblem, State
from leadcrm.imports.queries.known import Directories
from leadcrm.imports.services import chunks, writing
from leadcrm.imports.services.duplicates import Seen
from leadcrm.imports.services.judging import Verdict, judge
from leadcrm.imports.services.mapping import Mapping
from leadcrm.imports.services.plan import Plan
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, LoanPart, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property

FRESH = 1_000  # below this many leads the statistics say nothing of what is about to come
WRITTEN = (Lead, Person, Income, Property, Wish, LoanPart, ExistingMortgage, Obligation, Asset)


def plan_for(taken: Import) -> Plan:
    return Plan(taken.titles, Mapping.from_json(taken.mapping), Directories(taken.company_id))


@dataclass
class Options:
    """What the importer decided, read once a slice."""

    on_problem: OnProblem
    on_duplicate: OnDuplicate

    def takes(self, verdict: Verdict) -> bool:
        if verdict.fatal or (verdict.flawed and self.on_problem == OnProblem.SKIP):
            return False
        return not verdict.duplicate or self.on_duplicate == OnDuplicate.IMPORT


def check(import_id: UUID) -> None:
    """Judges every line without importing any. Begins anew when it was interrupted: nothing has been done yet."""
    taken = session.get(Import, import_id)
    if taken is None or taken.state != State.CHECKING:
        return
    session.execute(delete(Finding).where(Finding.company_id == taken.company_id, Finding.import_id == import_id))
    all_chunks = update(Chunk).where(Chunk.company_id == taken.company_id, Chunk.import_id == import_id)
    session.execute(all_chunks.values(checked=False))
    plan, seen, company_id, began_at = plan_for(taken), Seen(), taken.company_id, taken.began_at
    checkpoint()
    while (chunk := _next_unchecked(company_id, import_id, began_at)) is not None:
        verdicts = judge(company_id, plan, chunks.open_rows(chunk), seen, {})
        _record(chunk, verdicts)
        checkpoint()
    _checked(import_id, began_at)


def _next_unchecked(company_id: UUID, import_id: UUID, began_at: datetime | None) -> Chunk | None:
    """None when there is no more, or when somebody went back to the columns, though they began anew since."""
    now_at = session.execute(select(Import.state, Import.began_at).where(Import.id == import_id)).one_or_none()
    if now_at is None or tuple(now_at) != (State.CHECKING, began_at):
        return None
    waiting = select(Chunk).where(
        Chunk.company_id == company_id, Chunk.import_id == import_id, Chunk.checked.is_(False)
    )
    return session.scalar(waiting.order_by(Chunk.number).limit(1))


def _checked(import_id: UUID, began_at: datetime | None) -> None:
    taken = session.scalar(select(Import).where(Import.id == import_id).with_for_update())
    if taken is not None and taken.began_at == began_at:
        _becomes(import_id, State.CHECKING, State.CHECKED)


def _record(chunk: Chunk, verdicts: Sequence[Verdict]) -> None:
    """The counts of a chunk and what was found in it."""
    chunk.checked = True
    chunk.fatal = sum(verdict.fatal for verdict in verdicts)
    chunk.duplicate = sum(verdict.duplicate and not verdict.fatal for verdict in verdicts)
    chunk.flawed = sum(verdict.flawed and not (verdict.fatal or verdict.duplicate) for verdict in verdicts)
    chunk.clean = len(verdicts) - chunk.fatal - chunk.duplicate - chunk.flawed
    session.flush()
    bulk.write(session, Finding, [
        {
            "company_id": chunk.company_id, "id": id_in_order(), "import_id": chunk.import_id, "chunk": chunk.number,
            "line": verdict.line, "kind": found.kind, "title": found.title, "message": _spoken(found.message),
            "lead_id": found.lead_id,
        }
        for verdict in verdicts
        for found in verdict.found
    ])  # fmt: skip


def _spoken(message: LazyString | str) -> str:
    """In the language of who imports: they are the one to read it."""
    return str(message)[:300]


def run_slice(import_id: UUID) -> int:
    """Imports chunk after chunk until none is left to take. Returns the number of leads made."""
    viewer = signed_in_viewer()
    taken = session.get(Import, import_id)
    if taken is None or taken.state != State.IMPORTING:
        return 0
    plan, options = plan_for(taken), Options(taken.on_problem, taken.on_duplicate)
    fresh = _is_fresh(viewer)
    _start_the_clock(taken)
    made = 0
    while (chunk := _claim(viewer, import_id)) is not None:
        made += _import_chunk(viewer, chunk, plan, options)
        checkpoint()
        if fresh and made:
            fresh = _learn_statistics()
    _finish(import_id)
    return made


def _start_the_clock(taken: Import) -> None:
    """The pace is that of the work, not of waiting for a worker."""
    if not session.scalar(select(Chunk.id).where(Chunk.import_id == taken.id, Chunk.done.is_(True)).limit(1)):
        taken.began_at = now()
    checkpoint()


def _claim(viewer: Viewer, import_id: UUID) -> Chunk | None:
    """The next chunk that nobody has, locked until the commit. The state is read after it: a stop or an undo that
    came first is seen, one that comes later waits for this chunk."""
    waiting = select(Chunk).where(
        Chunk.company_id == viewer.company_id, Chunk.import_id == import_id, Chunk.done.is_(False)
    )
    chunk = session.scalar(waiting.order_by(Chunk.number).limit(1).with_for_update(skip_locked=True))
    state = session.scalar(select(Import.state).where(Import.id == import_id))
    return chunk if state == State.IMPORTING else None


def _import_chunk(viewer: Viewer, chunk: Chunk, plan: Plan, options: Options) -> int:
    rows = chunks.open_rows(chunk)
    doubles = _doubles_within_the_file(chunk)
    verdicts = judge(viewer.company_id, plan, rows, None, doubles)
    session.execute(delete(Finding).where(
        Finding.company_id == chunk.company_id, Finding.import_id == chunk.import_id, Finding.chunk == chunk.number))
    chosen = [verdict for verdict in verdicts if options.takes(verdict)]
    chunk.imported = writing.write(viewer, chunk.import_id, [verdict.household for verdict in chosen])
    chunks.keep_only(chunk, [(verdict.line, verdict.cells) for verdict in verdicts if not options.takes(verdict)])
    chunk.done = True
    _record(chunk, verdicts)
    audit.note("imported", company_id=chunk.company_id, subject="imports_import", import_id=str(chunk.import_id),
               chunk=chunk.number, leads=chunk.imported, lines=chunk.lines)
    return chunk.imported


def _doubles_within_the_file(chunk: Chunk) -> dict[int, str]:
    found = session.execute(
        select(Finding.line, Finding.message).where(
            Finding.company_id == chunk.company_id, Finding.import_id == chunk.import_id, Finding.chunk == chunk.number,
            Finding.kind == FindingKind.DUPLICATE, Finding.lead_id.is_(None),
        )
    )  # fmt: skip
    return {row.line: row.message for row in found}


def _is_fresh(viewer: Viewer) -> bool:
    some = select(Lead.id).where(Lead.company_id == viewer.company_id).limit(FRESH).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) < FRESH


def _learn_statistics() -> bool:
    """Without them the foreign-key checks of a table that was empty read all of it, for every row."""
    with viewing_as(Everything("statistics after the first rows of an import")):
        bulk.analyze(session, *WRITTEN)
        checkpoint()
    return False


def _finish(import_id: UUID) -> None:
    """Whoever commits the last chunk sees that none is left."""
    checkpoint()
    left = session.scalar(select(func.count()).select_from(Chunk).where(
        Chunk.import_id == import_id, Chunk.done.is_(False)))
    if not left:
        _becomes(import_id, State.IMPORTING, State.DONE)


def _becomes(import_id: UUID, before: State, after: State) -> None:
    taken = session.scalar(select(Import).where(Import.id == import_id).with_for_update())
    if taken is not None and taken.state == before:
        taken.state, taken.ended_at = after, now()
    checkpoint()
