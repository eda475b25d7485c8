"""Leads for which the rules find nobody, such as when everybody has their number of the day."""

from typing import Any

from flask_babel import lazy_ngettext
from sqlalchemy import Select, and_, select

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.paging import MOST_COUNTED, capped_count
from leadcrm.core.scope import Viewer
from leadcrm.distribution.models.claim import Waiting
from leadcrm.distribution.models.rule import Setting
from leadcrm.distribution.services import eligible
from leadcrm.leads.models.lead import Lead
from leadcrm.notifications.services.telling import tell

NEWS = "distribution.waiting"
ITS_LEAD = and_(Lead.company_id == Waiting.company_id, Lead.id == Waiting.lead_id)
STILL = and_(Lead.owner_id.is_(None), Lead.deleted_at.is_(None))


def waiting() -> Select[Any]:
    return select(Waiting.id).join(Lead, ITS_LEAD).where(STILL)


def tell_once_a_day(viewer: Viewer) -> None:
    """Only of those that the rules looked at already; what came in this minute has its turn yet."""
    setting = session.scalars(select(Setting).where(Setting.company_id == viewer.company_id)).one_or_none()
    today = now().astimezone(OFFICE).date()
    if setting is None or setting.waiting_told_on == today:
        return
    found = min(capped_count(session, waiting().where(Waiting.told_at.is_not(None))), MOST_COUNTED)
    if not found:
        return
    setting.waiting_told_on = today
    text = lazy_ngettext("%(num)s lead waits without an owner.", "%(num)s leads wait without an owner.", found)
    for manager in eligible.managers(viewer.company_id):
        tell(NEWS, manager, text, "/leads/?waiting=yes", about="without owner")
