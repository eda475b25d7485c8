"""Clients who still owe papers are reminded by mail: after some days, and no more often than is polite."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select

from leadcrm.checklists.services.items import missing, wanted
from leadcrm.collecting.models.link import Ask, Link
from leadcrm.collecting.services import letters
from leadcrm.collecting.services.links import address_of, asks_of
from leadcrm.core.db import now, session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.reveal import peek
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED

EVERY = timedelta(days=4)
MOST = 3  # then the adviser calls


def remind() -> int:
    """How many mails were written. Nobody is reminded of what has come in, or in the last day of a link."""
    before = now() - EVERY
    waiting = select(Link.id).where(
        Link.revoked_at.is_(None), Link.expires_at > now() + timedelta(days=1), Link.reminders < MOST,
        Link.created_at < before, or_(Link.reminded_at.is_(None), Link.reminded_at < before),
        or_(Link.arrived_at.is_(None), Link.arrived_at < before),
    )  # fmt: skip
    told = 0
    for ident in session.scalars(waiting.order_by(Link.id)).all():
        told += _reminded(session.get(Link, ident))
        checkpoint()
    return told


def _reminded(link: Link | None) -> bool:
    still = still_missing(link) if link is not None and link.email else []
    if link is None or not still:
        return False
    letters.send_reminder(link, address_of(peek(link, "token")), still)
    link.reminded_at, link.reminders = now(), link.reminders + 1
    return True


def still_missing(link: Link) -> Sequence[Ask]:
    """Of what the link asks for, in its words; nothing of a lead that is closed."""
    lead = session.get(Lead, link.lead_id)
    if lead is None or lead.deleted_at is not None or lead.stage in CLOSED:
        return []
    keys = {item.key for item in missing(wanted(lead))}
    return [ask for ask in asks_of([link]) if ask.item in keys]


def remind_now(link: Link) -> bool:
    """When the adviser wants it, however many there were."""
    return _reminded(link)
