"""Batches in the background; and forgetting those that nobody looks at any more."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from leadcrm.bulk.models import Batch, State
from leadcrm.bulk.services import actions, batches, running
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import Rank, defer, job, will_be_tried_again
from leadcrm.core.jobs_steps import removed_some
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.views import listed
from leadcrm.notifications.services.telling import tell

KEPT_DAYS = 90
NEWS = "bulk.ended"


log = logging.getLogger("leadcrm")


def failing_openly(work: Callable[[UUID], object]) -> Callable[[str], None]:
    """What goes wrong is told on the page of the batch; a lost database only when the queue gives up."""

    @wraps(work)
    def attempt(batch_id: str) -> None:
        if not _is_under_way(UUID(batch_id)):
            return
        try:
            work(UUID(batch_id))
        except Invalid as problem:
            _fail(UUID(batch_id), str(problem))
        except Exception as problem:
            if will_be_tried_again(problem):
                raise
            log.exception("batch %s", batch_id)
            _fail(UUID(batch_id), _("Something went wrong; it has been recorded. Go on, or ask your administrator."))
        _tell(UUID(batch_id))

    return attempt


def _is_under_way(batch_id: UUID) -> bool:
    """Not when it has ended and its worker was killed before the queue knew: that was told already."""
    state = session.scalar(select(Batch.state).where(Batch.id == batch_id))
    return state in (State.WAITING, State.RUNNING, State.UNDOING)


def _fail(batch_id: UUID, problem: str) -> None:
    session.rollback()
    batch = session.get(Batch, batch_id)
    if batch is not None:
        batches.fail(batch, problem)


def _tell(batch_id: UUID) -> None:
    """Whoever asked for it may be elsewhere by now."""
    batch = session.get(Batch, batch_id)
    if batch is None or batch.state not in (State.DONE, State.UNDONE, State.FAILED):
        return
    action = actions.known(batch.action)
    text = _news(batch.state, action.label if action else batch.action)
    tell(NEWS, batch.user_id, text, f"/leads/many/{batch.id}", about=str(batch.id), own=True)


def _news(state: State, action: Any) -> Any:
    match state:
        case State.DONE:
            return lazy_gettext("%(action)s for many leads is ready: see the result.", action=action)
        case State.UNDONE:
            return lazy_gettext("%(action)s for many leads was undone: see the result.", action=action)
        case _:
            return lazy_gettext("%(action)s for many leads stopped half-way: see why.", action=action)


def leads_meant(batch: Batch) -> Iterator[batches.Named]:
    """What the list shows now to whoever asked, without what came in after they confirmed."""
    state = listed.state_of(batch.listed or "", signed_in_viewer())
    return batches.read_in_parts(listed.leads_of(state).where(Lead.created_at <= batch.created_at))


def orphaned(batch_id: str) -> None:
    """It would be under way for ever, for colleagues who see it too."""
    if _is_under_way(UUID(batch_id)):
        _fail(UUID(batch_id), _("Whoever began this can no longer sign in: it stopped half-way."))


@job(queue="bulk", retries=3, gives_way=True, orphaned=orphaned)
@failing_openly
def run(batch_id: UUID) -> None:
    running.run(batch_id, leads_meant)


@job(queue="bulk", retries=3, gives_way=True, orphaned=orphaned)
@failing_openly
def undo(batch_id: UUID) -> None:
    running.undo(batch_id)


def defer_run(batch: Batch) -> None:
    """One job of a batch after another: one that goes on waits for one that is stopping."""
    defer(run, batch.id, lock=f"bulk {batch.id}")


def defer_undo(batch: Batch) -> None:
    defer(undo, batch.id, lock=f"bulk {batch.id}")


@job(
    cron="43 3 * * *",
    rank=Rank.UPKEEP,
    reason="forget what was done to many leads once nobody needs to see or undo it any more",
)
def forget_old() -> bool:
    """One at a time: it may be of a hundred thousand leads."""
    return removed_some(Batch, Batch.created_at < now() - timedelta(days=KEPT_DAYS), at_once=1)
