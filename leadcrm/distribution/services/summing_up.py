"""What an assignment of many leads is told to who got any: once, when all of it is done."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_ngettext
from sqlalchemy import func, select

from leadcrm.bulk.events import batch_ended
from leadcrm.bulk.models import Batch, Item, Result, State
from leadcrm.bulk.services import batches
from leadcrm.bulk.services.handing_over import ASSIGN, owner_of, previous_in
from leadcrm.core.db import session
from leadcrm.notifications.services.telling import tell


@batch_ended.connect
def assignment_ended(batch: Batch, **_more: Any) -> None:
    """One message for each who got any, however many chunks it took; undone, for each who got theirs back."""
    if batch.action != ASSIGN.name:
        return
    for owner_id, count in _receivers(batch).items():
        text = lazy_ngettext("%(num)s lead was given to you.", "%(num)s leads were given to you.", count)
        tell("distribution.given", owner_id, text, "/leads/", about=str(batch.id))


def _receivers(batch: Batch) -> dict[UUID, int]:
    if batch.state != State.UNDONE:
        owner_id, count = owner_of(batch.arguments), batches.figures_of(batch).of(Result.DONE)
        return {owner_id: count} if owner_id is not None and count else {}
    found: dict[UUID, int] = {}
    taken_back = select(Item.was, func.count()).where(
        Item.company_id == batch.company_id, Item.batch_id == batch.id, Item.result == Result.UNDONE
    )  # fmt: skip
    for was, count in session.execute(taken_back.group_by(Item.was)):
        previous = previous_in(was)
        if previous is not None:
            found[previous] = found.get(previous, 0) + count
    return found
