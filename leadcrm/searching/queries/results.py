"""The leads that were found, and those that somebody looked at last, as a result shows them."""

from typing import Any

from sqlalchemy import Select, and_, select

from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.finding import found
from leadcrm.searching.models import Seen

SHOWN: tuple[Any, ...] = (
    Lead.id, Lead.household_name, Lead.reference, Lead.external_reference, Lead.stage, Lead.created_at,
)  # fmt: skip


def results(asked: str, most: int) -> Select[Any]:
    """The function says which leads; the rows themselves are read under the policies."""
    ids = found(asked, most).subquery("found")
    wanted = select(*SHOWN, ids.c.how, ids.c.entry_id).join(ids, ids.c.id == Lead.id)
    return wanted.where(Lead.deleted_at.is_(None))


def last_seen(most: int) -> Select[Any]:
    """Newest first: those that the viewer sees still."""
    opened = and_(Seen.company_id == Lead.company_id, Seen.lead_id == Lead.id)
    wanted = select(*SHOWN, Seen.at).join(Seen, opened).where(Lead.deleted_at.is_(None))
    return wanted.order_by(Seen.at.desc()).limit(most)
