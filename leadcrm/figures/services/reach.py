"""How far a lead ever came, from the moves in its timeline.

The trigger on leads_lead keeps the same as leads move; this works it out anew, for what was written without it (a
database brought along) and to hold the trigger against.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, tuple_, update

from leadcrm.core.db import session
from leadcrm.core.jobs import checkpoint
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED, Stage, rank_of
from leadcrm.leads.models.timeline import Entry, EntryKind

BATCH = 2_000
TAKEN_BACK_WITHIN = timedelta(hours=1)


class Stay(NamedTuple):
    """A lead stood in a stage from a moment on."""

    stage: Stage
    since: datetime


def furthest(stays: Sequence[Stay]) -> tuple[int, int]:
    """How far it came, and how far before it entered the stage of its last stay."""
    reached = before = 0
    for number, stay in enumerate(stays):
        if number and _taken_back(stays[number - 1], stay):
            reached = max(before, rank_of(stay.stage))
        else:
            before, reached = reached, max(reached, rank_of(stay.stage))
    return reached, before


def _taken_back(left: Stay, entered: Stay) -> bool:
    """Left backwards within the hour: a mistake, or undone. Closing is not going back."""
    goes_back = entered.stage not in CLOSED and rank_of(entered.stage) < rank_of(left.stage)
    return goes_back and entered.since < left.since + TAKEN_BACK_WITHIN


def rebuild() -> int:
    """Every lead of every company, in batches that are kept one by one. Returns how many were otherwise."""
    changed, last = 0, (UUID(int=0), UUID(int=0))
    while rows := session.execute(_next_leads(last)).all():
        last = (rows[-1].company_id, rows[-1].id)
        wrong = list(_wrong(rows))
        if wrong:
            session.execute(update(Lead), wrong)
        changed += len(wrong)
        checkpoint()
    return changed


def _next_leads(last: tuple[UUID, UUID]) -> Any:
    key = (Lead.company_id, Lead.id)
    columns = (*key, Lead.stage, Lead.created_at, Lead.reached, Lead.reached_before, Lead.updated_at)
    return select(*columns).where(tuple_(*key) > tuple_(*last)).order_by(*key).limit(BATCH)


def _wrong(rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    moves = _moves(rows)
    for row in rows:
        reached, before = furthest(stays_of(row.created_at, row.stage, moves.get(row.id, ())))
        if (reached, before) != (row.reached, row.reached_before):
            yield {"company_id": row.company_id, "id": row.id, "reached": reached, "reached_before": before,
                   "updated_at": row.updated_at}  # fmt: skip


def _moves(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found = select(Entry.lead_id, Entry.at, Entry.subject, Entry.previous).where(
        Entry.company_id.in_({row.company_id for row in rows}), Entry.lead_id.in_([row.id for row in rows]),
        Entry.kind == EntryKind.STAGE,
    ).order_by(Entry.lead_id, Entry.at, Entry.created_at)  # fmt: skip
    return {lead: list(moves) for lead, moves in groupby(session.execute(found), lambda move: move.lead_id)}


def stays_of(created_at: datetime, stage: Stage, moves: Iterable[Any]) -> list[Stay]:
    """Where it stood, one after another; the last is where it stands, whatever the timeline says."""
    moves = list(moves)
    first = moves[0].previous if moves and moves[0].previous else stage if not moves else None
    stays = [Stay(Stage(first), created_at)] if first else []
    stays += [Stay(Stage(move.subject), move.at) for move in moves]
    if stays[-1].stage != stage:
        stays.append(Stay(stage, stays[-1].since + TAKEN_BACK_WITHIN))
    return stays
