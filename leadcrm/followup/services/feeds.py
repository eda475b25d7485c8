"""Somebody's appointments under a secret address, for the calendar program on their telephone.

Nobody signs in there, so it tells as little as a calendar needs: the reference of the lead and the sort of place. What
it shows is what the person would see at that moment, under both walls.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from limits import parse_many
from sqlalchemy import LargeBinary, Uuid, cast, column, func, select

from leadcrm.addresses.services.rules import admits
from leadcrm.auth.services.viewers import viewer_of
from leadcrm.core import audit, limits
from leadcrm.core.config import current_config
from leadcrm.core.db import journal, now, session
from leadcrm.core.fields.language import speaking
from leadcrm.core.limits import Allowed
from leadcrm.core.proxy import client_address
from leadcrm.core.scope import Viewer, signed_in_viewer, viewing_as
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.feed import Feed
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.followup.permissions import Followup
from leadcrm.followup.services.invitations import event_of, new_calendar
from leadcrm.leads.models.lead import Lead

TOKEN_BYTES, LONGEST_TOKEN = 32, 64
BEHIND, AHEAD, MOST = timedelta(days=30), timedelta(days=366), 1_000
SHOWN = (AppointmentOutcome.PLANNED, AppointmentOutcome.HELD, AppointmentOutcome.CANCELLED)
GUESSES = parse_many("30 per 5 minutes; 200 per day")
READINGS = parse_many("60 per hour")


class NoFeed(Exception):
    """Invented, withdrawn, of somebody who left, or read from where they may not come in: all the same."""


class TooOften(Exception):
    def __init__(self, seconds: float):
        self.seconds = seconds
        super().__init__(seconds)


def hash_of(token: str) -> bytes:
    return sha256(token[:LONGEST_TOKEN].encode(errors="replace")).digest()


def mine() -> Feed | None:
    found: Feed | None = session.scalars(select(Feed).where(Feed.user_id == signed_in_viewer().user_id)).one_or_none()
    return found


def make() -> str:
    """The secret, which is shown now and never again; an earlier one ends."""
    viewer, token, feed = signed_in_viewer(), secrets.token_urlsafe(TOKEN_BYTES), mine()
    if feed is None:
        feed = Feed(company_id=viewer.company_id, user_id=viewer.user_id)
        session.add(feed)
    feed.token_hash, feed.made_at, feed.used_at = hash_of(token), now(), None
    audit.note("calendar feed made", feed)
    return token


def revoke() -> bool:
    feed = mine()
    if feed is not None:
        session.delete(feed)
        audit.note("calendar feed revoked", feed)
    return feed is not None


def read(token: str, network: str) -> bytes:
    """The calendar as a file. Raises NoFeed or TooOften."""
    guessing = [Allowed.by(item, "calendar feed", network) for item in GUESSES]
    _reserve(guessing)
    viewer = holder_of(hash_of(token))
    if viewer is None or len(token) > LONGEST_TOKEN:
        raise NoFeed(network)
    limits.give_back(guessing)
    _reserve([Allowed.by(item, "calendar feed of", str(viewer.user_id)) for item in READINGS])
    with viewing_as(viewer):
        return calendar_of(viewer)


def _reserve(wanted: list[Allowed]) -> None:
    seconds = limits.reserve(wanted)
    if seconds:
        raise TooOften(seconds)


def holder_of(token_hash: bytes) -> Viewer | None:
    """Whose feed it is, with the rights of this moment; only from where they may come in."""
    asked = func.followup_feed_of(cast(token_hash, LargeBinary))
    table = asked.table_valued(column("company_id", Uuid()), column("user_id", Uuid()))
    with viewing_as(None), journal() as own:
        row = own.execute(select(*table.c)).one_or_none()
    if row is None or not _admitted(row.company_id, row.user_id):
        return None
    viewer: Viewer | None = viewer_of(row.company_id, row.user_id)
    return viewer if viewer is not None and viewer.can(Followup.USE) else None


def _admitted(company_id: UUID, user_id: UUID) -> bool:
    with viewing_as(None):
        return admits(company_id, user_id, client_address())


def calendar_of(viewer: Viewer) -> bytes:
    wanted = select(Appointment, Lead.reference).join(Lead, Lead.id == Appointment.lead_id).where(
        Appointment.agent_id == viewer.user_id, Appointment.outcome.in_(SHOWN), Lead.deleted_at.is_(None),
        Appointment.starts_at > now() - BEHIND, Appointment.starts_at < now() + AHEAD,
    )  # fmt: skip
    calendar = new_calendar()
    language = viewer.language or current_config().language
    with force_locale(language), speaking(language):
        for made, reference in session.execute(wanted.order_by(Appointment.starts_at).limit(MOST)):
            summary = _("Appointment %(reference)s", reference=reference)
            calendar.add_component(event_of(made, summary, made.place.label))
    return bytes(calendar.to_ical())
