"""Checking, importing and undoing in the background; and forgetting what nobody needs any more."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import and_, select, update

from leadcrm.core.db import now, session
from leadcrm.core.jobs import Rank, defer, job, will_be_tried_again
from leadcrm.core.jobs_steps import removed_some
from leadcrm.imports.models import Chunk, Import, State
from leadcrm.imports.services import running, steering, undoing

SLICES = 2
UNFINISHED_DAYS = 7
LINES_DAYS = 30
CHUNKS_AT_ONCE = 1_000

log = logging.getLogger("leadcrm")


def failing_openly(work: Callable[[UUID], object]) -> Callable[[str], None]:
    """What goes wrong is told on the page of the import; a lost database only when the queue gives up."""

    @wraps(work)
    def attempt(import_id: str) -> None:
        try:
            work(UUID(import_id))
        except Exception as problem:
            if will_be_tried_again(problem):
                raise
            log.exception("import %s", import_id)
            session.rollback()
            taken = session.get(Import, UUID(import_id))
            if taken is not None:
                steering.fail(taken, _("Something went wrong; it has been recorded. Go on, or ask your administrator."))

    return attempt


def orphaned(import_id: str) -> None:
    """It would be under way for ever."""
    taken = session.get(Import, UUID(import_id))
    if taken is not None and taken.state in steering.UNDER_WAY:
        why = _("Whoever began this can no longer sign in: it stopped half-way. Others may go on with it.")
        steering.fail(taken, why)


@job(queue="imports", retries=3, orphaned=orphaned)
@failing_openly
def check(import_id: UUID) -> None:
    running.check(import_id)


@job(queue="imports", retries=3, gives_way=True, orphaned=orphaned)
@failing_openly
def run_slice(import_id: UUID) -> None:
    running.run_slice(import_id)


@job(queue="imports", retries=3, orphaned=orphaned)
@failing_openly
def undo(import_id: UUID) -> None:
    undoing.undo(import_id)


def defer_check(import_id: UUID) -> None:
    """One after another: a check with other columns waits until the one before has seen that it is out of date."""
    defer(check, import_id, lock=f"import {import_id}")


def defer_slices(import_id: UUID) -> None:
    for _number in range(SLICES):
        defer(run_slice, import_id)


@job(
    cron="21 3 * * *",
    rank=Rank.UPKEEP,
    reason="forget uploaded files that nobody finished, and lines that were not imported",
)
def forget_old() -> bool:
    """Data that serves no purpose any more is not kept."""
    open_states = [State.MAPPING, State.CHECKING, State.CHECKED]
    old = now() - timedelta(days=UNFINISHED_DAYS)
    if removed_some(Import, and_(Import.state.in_(open_states), Import.updated_at < old), at_once=1):
        return True
    old_lines = now() - timedelta(days=LINES_DAYS)
    ended = select(Import.id).where(Import.ended_at < old_lines, Import.state.not_in(open_states))
    kept = select(Chunk.id).where(Chunk.sealed.is_not(None), Chunk.import_id.in_(ended)).limit(CHUNKS_AT_ONCE)
    ids = session.scalars(kept).all()
    session.execute(update(Chunk).where(Chunk.id.in_(ids)).values(sealed=None))
    return len(ids) == CHUNKS_AT_ONCE
