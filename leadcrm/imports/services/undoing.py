"""Undoing a whole import: its leads go, but for those that somebody has worked on since."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select

from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.jobs import checkpoint
from leadcrm.imports.models import Chunk, Import, State
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, LoanPart, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.timeline import Entry

BATCH = 500
PARTS = (Person, Income, Obligation, Asset, Property, Wish, LoanPart, ExistingMortgage, Consent, Entry)


def changed_since() -> ColumnElement[bool]:
    """An import gives all rows of a lead the same moment; whatever is newer is somebody's work."""
    return or_(Lead.updated_at > Lead.created_at, *map(_has_newer, PARTS))


def _has_newer(part: Any) -> ColumnElement[bool]:
    of_lead = and_(part.company_id == Lead.company_id, part.lead_id == Lead.id)
    return exists().where(of_lead, part.updated_at > Lead.created_at)


def leads_of(taken: Import) -> Select[Any]:
    return select(Lead).where(Lead.company_id == taken.company_id, Lead.import_id == taken.id)


def leads_left(taken: Import) -> int:
    return session.scalar(leads_of(taken).with_only_columns(func.count())) or 0


def undo(import_id: UUID) -> None:
    """In batches; interrupted, it goes on with what is left."""
    taken = session.get(Import, import_id)
    if taken is None or taken.state != State.UNDOING:
        return
    _wait_for_slices(taken)
    while ids := _next_untouched(taken):
        session.execute(delete(Lead).where(Lead.company_id == taken.company_id, Lead.id.in_(ids)))
        audit.note("import_undone", taken, leads=len(ids))
        checkpoint()
        taken = session.get(Import, import_id)
    taken.kept = leads_left(taken)
    taken.state, taken.ended_at = State.UNDONE, now()


def _wait_for_slices(taken: Import) -> None:
    """A chunk that is being imported right now is locked; its leads must be there before they can be undone."""
    session.execute(
        select(Chunk.id).where(Chunk.import_id == taken.id, Chunk.done.is_(False)).with_for_update()
    ).all()


def _next_untouched(taken: Import) -> list[UUID]:
    untouched = leads_of(taken).with_only_columns(Lead.id).where(~changed_since()).limit(BATCH)
    return list(session.scalars(untouched))
