"""Putting tags on leads and taking them off: on one, or on many at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from leadcrm.core import audit, bulk
from leadcrm.core.db import now, session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.tags.models import Put, Tag


def tags_on(lead: Lead) -> Sequence[Tag]:
    on = select(Tag).join(Put, (Put.company_id == Tag.company_id) & (Put.tag_id == Tag.id))
    return session.scalars(on.where(Put.lead_id == lead.id, Tag.removed_at.is_(None)).order_by(Tag.word)).all()


def put(lead: Lead, tags: Sequence[Tag]) -> list[Tag]:
    """Those that it did not have yet."""
    there = {tag.id for tag in tags_on(lead)}
    new = [tag for tag in tags if tag.id not in there]
    if new:
        write([(lead.id, lead.created_at)], [tag.id for tag in new])
        audit.note("tags.put", lead, changes={"tag": [None, ", ".join(tag.name for tag in new)]})
    return new


def take(lead: Lead, tag: Tag) -> bool:
    """Off this lead; False when it was not on it."""
    taken = delete(Put).where(Put.lead_id == lead.id, Put.tag_id == tag.id).returning(Put.id)
    if session.scalar(taken.execution_options(synchronize_session=False)) is None:
        return False
    audit.note("tags.taken", lead, changes={"tag": [tag.name, None]})
    return True


def write(leads: Sequence[tuple[UUID, object]], tag_ids: Sequence[UUID], batch: UUID | None = None) -> set[UUID]:
    """Every tag on every lead (its id and moment) that does not have it; returns the leads that got one."""
    viewer = signed_in_viewer()
    ids = [ident for ident, _at in leads]
    known = select(Put.lead_id, Put.tag_id).where(Put.lead_id.in_(ids), Put.tag_id.in_(tag_ids))
    there = {(lead_id, tag_id) for lead_id, tag_id in session.execute(known)}
    rows: list[dict[str, Any]] = [
        {
            "company_id": viewer.company_id, "id": uuid4(), "lead_id": ident, "tag_id": tag_id, "lead_created_at": at,
            "by_id": viewer.user_id, "batch_id": batch, "created_at": now(), "updated_at": now(),
        }
        for ident, at in leads for tag_id in tag_ids if (ident, tag_id) not in there
    ]  # fmt: skip
    session.flush()
    bulk.write(session, Put, rows)
    return {row["lead_id"] for row in rows}


def moments(lead_ids: Sequence[UUID]) -> list[tuple[UUID, object]]:
    found = session.execute(select(Lead.id, Lead.created_at).where(Lead.id.in_(lead_ids), Lead.deleted_at.is_(None)))
    return [(ident, at) for ident, at in found]


def take_many(lead_ids: Sequence[UUID], tag_id: UUID) -> set[UUID]:
    gone = delete(Put).where(Put.lead_id.in_(lead_ids), Put.tag_id == tag_id).returning(Put.lead_id)
    return set(session.scalars(gone.execution_options(synchronize_session=False)))


def take_batch(lead_ids: Sequence[UUID], batch: UUID) -> set[UUID]:
    """What one bulk action put on these leads."""
    mine = delete(Put).where(Put.company_id == signed_in_viewer().company_id, Put.batch_id == batch)
    gone = mine.where(Put.lead_id.in_(lead_ids)).returning(Put.lead_id)
    return set(session.scalars(gone.execution_options(synchronize_session=False)))
