"""A batch and its leads: begun from a selection, counted, steered by people."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select

from leadcrm.bulk.events import batch_ended
from leadcrm.bulk.models import Batch, Chunk, Result, State
from leadcrm.bulk.services.actions import Action, Arguments
from leadcrm.core import audit, bulk
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer

CHUNK = 500
READ_AT_ONCE = 10_000
UNDER_WAY = (State.WAITING, State.RUNNING, State.UNDOING)
ENDED = (State.DONE, State.CANCELLED, State.FAILED)
Named = tuple[UUID, str]  # a lead and its reference


def begin(action: Action, arguments: Arguments, said: int, listed: str | None = None) -> Batch:
    """A new batch, still without its leads. `said`: how many leads there were when it was confirmed."""
    viewer = signed_in_viewer()
    batch = Batch(
        company_id=viewer.company_id, user_id=viewer.user_id, action=action.name, arguments=arguments, listed=listed,
        said=said,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    audit.note("bulk.begun", batch, what=action.name, leads=said, whole_list=listed is not None)
    return batch


def gather(batch: Batch, leads: Iterable[Named]) -> None:
    """Keep which leads are meant, in chunks. All or none: it belongs to one transaction."""
    company_id, batch_id = batch.company_id, batch.id
    numbered = enumerate(_cut(iter(leads)))
    while some := list(islice(numbered, READ_AT_ONCE // CHUNK)):
        bulk.write(session, Chunk, [
            {
                "company_id": company_id, "id": uuid4(), "batch_id": batch_id, "number": number,
                "lead_ids": [ident for ident, _reference in chunk],
                "known_as": [reference for _ident, reference in chunk], "leads": len(chunk),
            }
            for number, chunk in some
        ])  # fmt: skip
    batch.gathered = True


def _cut(leads: Iterator[Named]) -> Iterator[list[Named]]:
    while some := list(islice(leads, CHUNK)):
        yield some


def read_in_parts(statement: Select[Any]) -> Iterator[Named]:
    """Rows of a long list, some thousands at a time."""
    for row in session.execute(statement.execution_options(yield_per=READ_AT_ONCE)):
        yield row.id, row.reference


@dataclass(frozen=True)
class Figures:
    """How far a batch is, in leads."""

    leads: int = 0
    done: int = 0
    succeeded: int = 0
    skipped: int = 0
    gone: int = 0
    returned: int = 0
    looked_back: int = 0  # of those that succeeded, how many an undo has come to

    def of(self, result: Result) -> int:
        now_done = self.succeeded - self.looked_back
        numbers: Mapping[Result, int] = {
            Result.DONE: now_done, Result.SKIPPED: self.skipped, Result.GONE: self.gone,
            Result.UNDONE: self.returned, Result.KEPT: self.looked_back - self.returned,
        }  # fmt: skip
        return numbers[result]


def figures_of(batch: Batch) -> Figures:
    sums = [
        func.sum(Chunk.leads), func.sum(Chunk.leads).filter(Chunk.done), func.sum(Chunk.succeeded),
        func.sum(Chunk.skipped), func.sum(Chunk.gone), func.sum(Chunk.returned),
        func.sum(Chunk.succeeded).filter(Chunk.undone),
    ]  # fmt: skip
    asked = select(*(func.coalesce(each, 0) for each in sums))
    row = session.execute(asked.where(Chunk.company_id == batch.company_id, Chunk.batch_id == batch.id)).one()
    return Figures(*map(int, row))


def stop(batch: Batch) -> None:
    """No further chunk is taken; what was done stays until it is undone."""
    if batch.state in (State.WAITING, State.RUNNING):
        end(batch, State.CANCELLED)


def end(batch: Batch, state: State) -> None:
    """Whoever must hear of what was done is told now, once: not for every chunk."""
    batch.state, batch.ended_at = state, now()
    session.flush()
    batch_ended.send(batch)


def go_on(batch: Batch) -> None:
    """After a stop or a failure: with what is left."""
    if batch.state not in (State.CANCELLED, State.FAILED):
        raise _moved_on()
    batch.state, batch.began_at, batch.ended_at, batch.problem = State.WAITING, None, None, None


def begin_undo(batch: Batch, action: Action | None) -> None:
    """Stopped or failed ones too, and an undo that failed half-way."""
    if action is None or action.undo is None or batch.state not in ENDED:
        raise _moved_on()
    batch.state, batch.began_at, batch.ended_at, batch.problem = State.UNDOING, now(), None, None


def fail(batch: Batch, problem: str) -> None:
    batch.problem = problem[:500]
    end(batch, State.FAILED)


def _moved_on() -> Invalid:
    return Invalid(_("This has moved on in the meantime. Look at it again."))
