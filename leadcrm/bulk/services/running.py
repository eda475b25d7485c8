"""Doing a batch and undoing it, chunk by chunk. A chunk, what was done to its leads and the list of results are one
transaction: whatever is killed in between loses nothing and repeats nothing."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from sqlalchemy import Executable, Select, select

from leadcrm.bulk.models import Batch, Chunk, Item, Result, State
from leadcrm.bulk.services import actions, batches
from leadcrm.bulk.services.actions import Action, Outcome
from leadcrm.core import bulk
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.services.many import references

LeadsOf = Callable[[Batch], Iterable[batches.Named]]


def action_of(batch: Batch) -> Action:
    """Raises Invalid when who asked may not do this (any more)."""
    action = actions.known(batch.action)
    if action is None or not signed_in_viewer().can(action.permission):
        raise Invalid(_("You may not do this any more. Ask your manager."))
    return action


def run(batch_id: UUID, leads_of: LeadsOf) -> None:
    """All that is left of a batch, as a job. `leads_of` says which leads the list shows that was meant."""
    batch = locked(batch_id)
    if batch is None or batch.state not in (State.WAITING, State.RUNNING):
        return
    action = action_of(batch)
    if not batch.gathered:
        batches.gather(batch, leads_of(batch))
    batch.state, batch.began_at = State.RUNNING, batch.began_at or now()
    checkpoint()
    while _next(batch_id, action):
        checkpoint()
    _end(batch_id, State.RUNNING, State.DONE)


def run_here(batch: Batch) -> None:
    """A small batch, within the transaction of the request."""
    action, batch_id = action_of(batch), batch.id
    batch.state, batch.began_at = State.RUNNING, now()
    while _next(batch_id, action):
        session.flush()
    _end(batch_id, State.RUNNING, State.DONE)


def undo(batch_id: UUID) -> None:
    """The last first, as far as nobody worked on it since."""
    batch = locked(batch_id)
    if batch is None or batch.state != State.UNDOING:
        return
    action = action_of(batch)
    checkpoint()
    while _next_back(batch_id, action):
        checkpoint()
    _end(batch_id, State.UNDOING, State.UNDONE)


def undo_here(batch: Batch) -> None:
    action, batch_id = action_of(batch), batch.id
    while _next_back(batch_id, action):
        session.flush()
    _end(batch_id, State.UNDOING, State.UNDONE)


def locked(batch_id: UUID) -> Batch | None:
    """Whoever stops it waits until the chunk at work is done, and a second worker as well."""
    return session.scalar(select(Batch).where(Batch.id == batch_id).with_for_update())


def _next(batch_id: UUID, action: Action) -> bool:
    """One chunk. False: none is left, or somebody stopped it."""
    batch = locked(batch_id)
    if batch is None or batch.state != State.RUNNING:
        return False
    left = _chunks(batch).where(Chunk.done.is_(False)).order_by(Chunk.number).limit(1)
    chunk = session.scalar(left)
    if chunk is not None:
        _do(batch, chunk, action)
    return chunk is not None


def _chunks(batch: Batch) -> Select[Chunk]:
    return select(Chunk).where(Chunk.company_id == batch.company_id, Chunk.batch_id == batch.id)


def _do(batch: Batch, chunk: Chunk, action: Action) -> None:
    here = references(chunk.lead_ids)
    wanted = [ident for ident in chunk.lead_ids if ident in here]
    told = action.apply(wanted, batch.arguments, batch.id) if wanted else []
    outcomes = {each.lead_id: each for each in told}
    all_of_them = [outcomes.get(ident) or Outcome(ident, Result.GONE) for ident in chunk.lead_ids]
    chunk.done = True
    chunk.succeeded = sum(each.result == Result.DONE for each in all_of_them)
    chunk.skipped = sum(each.result == Result.SKIPPED for each in all_of_them)
    chunk.gone = len(all_of_them) - chunk.succeeded - chunk.skipped
    _write_items(chunk, all_of_them)


def _write_items(chunk: Chunk, outcomes: list[Outcome]) -> None:
    base: dict[str, Any] = {"company_id": chunk.company_id, "batch_id": chunk.batch_id}
    first = chunk.number * batches.CHUNK
    named = zip(outcomes, chunk.known_as, strict=True)
    rows: list[dict[str, Any]] = [
        base | {
            "id": uuid4(), "number": first + place, "lead_id": each.lead_id, "reference": reference,
            "result": each.result, "reason": str(each.reason)[:300], "was": each.was,
        }
        for place, (each, reference) in enumerate(named)
    ]  # fmt: skip
    session.flush()
    bulk.write(session, Item, rows)


def _next_back(batch_id: UUID, action: Action) -> bool:
    batch = locked(batch_id)
    if batch is None or batch.state != State.UNDOING:
        return False
    left = _chunks(batch).where(Chunk.done, Chunk.undone.is_(False)).order_by(Chunk.number.desc()).limit(1)
    chunk = session.scalar(left)
    if chunk is not None:
        _take_back(batch, chunk, action)
    return chunk is not None


def _take_back(batch: Batch, chunk: Chunk, action: Action) -> None:
    items = {item.lead_id: (item.id, item.was) for item in session.execute(_done_in(chunk))}
    done = {lead_id: was for lead_id, (_ident, was) in items.items()}
    told = action.undo(done, batch.arguments, batch.id) if done and action.undo else []
    back = {each.lead_id for each in told if each.result == Result.DONE}
    reasons = {each.lead_id: str(each.reason) for each in told if each.result != Result.DONE}
    chunk.undone, chunk.returned = True, len(back)
    session.flush()
    bulk.change(session, Item, [items[ident][0] for ident in back], {"result": Result.UNDONE})
    _keep(items, [ident for ident in done if ident not in back], reasons)


def _done_in(chunk: Chunk) -> Executable:
    first = chunk.number * batches.CHUNK
    return select(Item.id, Item.lead_id, Item.was).where(
        Item.company_id == chunk.company_id, Item.batch_id == chunk.batch_id, Item.result == Result.DONE,
        Item.number >= first, Item.number < first + batches.CHUNK,
    )  # fmt: skip


def _keep(items: dict[UUID, tuple[UUID, str | None]], kept: list[UUID], reasons: dict[UUID, str]) -> None:
    usual = _("Somebody has worked on it since, or it is not yours any more.")
    by_reason: dict[str, list[UUID]] = {}
    for ident in kept:
        by_reason.setdefault(reasons.get(ident) or usual, []).append(items[ident][0])
    for reason, some in by_reason.items():
        bulk.change(session, Item, some, {"result": Result.KEPT, "reason": reason[:300]})


def _end(batch_id: UUID, before: State, after: State) -> None:
    batch = locked(batch_id)
    if batch is not None and batch.state == before:
        batches.end(batch, after)
