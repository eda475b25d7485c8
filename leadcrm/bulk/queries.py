"""Batches and their results. Nothing here says who may see which."""

from typing import Any

from sqlalchemy import and_, select

from leadcrm.auth.models.people import User
from leadcrm.bulk.models import Batch, Item, Result
from leadcrm.core.paging import Sort
from leadcrm.leads.models.lead import Lead

NEWEST = Sort("created", Batch.created_at, Batch.id, descending=True)
IN_ORDER = Sort("number", Item.number, Item.id)


def all_batches() -> Any:
    by = and_(User.company_id == Batch.company_id, User.id == Batch.user_id)
    return select(Batch, User.name.label("by")).outerjoin(User, by)


def results(batch: Batch, result: Result) -> Any:
    """With the client's name as far as the lead is there for whoever looks."""
    still_seen = and_(Lead.company_id == Item.company_id, Lead.id == Item.lead_id, Lead.deleted_at.is_(None))
    shown = select(Item.lead_id, Item.reference, Item.reason, Item.result, Lead.household_name, Lead.id.label("seen"))
    of_batch = and_(Item.company_id == batch.company_id, Item.batch_id == batch.id, Item.result == result)
    return shown.outerjoin(Lead, still_seen).where(of_batch)
