"""What happens to a lead elsewhere, and what that means for who has it: created, assigned, moved on, called."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.core import audit, bulk
from leadcrm.core.db import now, session
from leadcrm.core.ids import id_in_order
from leadcrm.core.jobs import defer
from leadcrm.distribution import jobs
from leadcrm.distribution.models.claim import Claim, Waiting
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.rule import Setting
from leadcrm.distribution.models.terms import HandoverState
from leadcrm.distribution.services.claiming import take_up_if_theirs
from leadcrm.distribution.services.loading import among
from leadcrm.distribution.services.texts import lead_address
from leadcrm.followup.events import called
from leadcrm.leads.events import (
    lead_assigned,
    lead_created,
    lead_deleted,
    leads_assigned,
    leads_created,
    stage_changed,
)
from leadcrm.leads.models.lead import Lead
from leadcrm.notifications.services.telling import tell


@lead_created.connect
def distribute(lead: Lead, **_more: Any) -> None:
    """A lead without owner waits for the rules, in the transaction in which it came to be: it cannot be forgotten."""
    if lead.owner_id is None and _hands_out(lead.company_id):
        session.flush()
        session.add(Waiting(company_id=lead.company_id, lead_id=lead.id))
        hand_out_soon(lead.company_id)


@leads_created.connect
def distribute_many(company_id: UUID, made: Sequence[Any], **_more: Any) -> None:
    """The same for leads that came by the hundred: however many, a handful of statements and one job."""
    without = [each.lead_id for each in made if each.owner_id is None]
    if without and _hands_out(company_id):
        since = now()
        bulk.write(session, Waiting, [
            {"company_id": company_id, "id": id_in_order(), "lead_id": lead_id, "since": since, "retry_at": since}
            for lead_id in without
        ])  # fmt: skip
        hand_out_soon(company_id)


def _hands_out(company_id: UUID) -> bool:
    on = select(Setting.id).where(Setting.company_id == company_id, Setting.active)
    return session.scalar(on) is not None


def hand_out_soon(company_id: UUID) -> None:
    defer(jobs.hand_out, company_id, once=f"hand out leads of {company_id}")


@lead_assigned.connect
def one_assigned(lead: Lead, previous: UUID | None, by: Any, **_more: Any) -> None:
    _settle([lead.id])
    if by.user_id is not None and lead.owner_id not in (None, by.user_id):
        session.add(Claim(company_id=lead.company_id, lead_id=lead.id, user_id=lead.owner_id, by_id=by.user_id))
        text = _("Lead %(reference)s was given to you.", reference=lead.reference)
        tell("distribution.given", lead.owner_id, text, lead_address(lead.id), about=str(lead.id))


@leads_assigned.connect
def many_assigned(_batch: UUID, moves: Sequence[Any], by: Any, **_more: Any) -> None:
    """The same as one by one, in a few statements. Who got any is told once the whole batch has ended."""
    _settle([each.lead_id for each in moves])
    at = now()
    claims: list[dict[str, Any]] = [
        {
            "company_id": by.company_id, "id": id_in_order(), "lead_id": each.lead_id, "user_id": each.owner_id,
            "by_id": by.user_id, "assigned_at": at,
        }
        for each in moves if by.user_id is not None and each.owner_id not in (None, by.user_id)
    ]  # fmt: skip
    bulk.write(session, Claim, claims)
    audit.created_many(Claim, claims)


def _settle(ids: Sequence[UUID]) -> None:
    """What was under way with the one before has lapsed. In a few statements, however many leads."""
    session.flush()
    lapsed = session.scalars(select(Claim.id).where(among(Claim.lead_id, ids), Claim.under_way())).all()
    bulk.change(session, Claim, lapsed, {"withdrawn_at": now()})
    _drop_waiting(ids)
    _lapse_hand_overs(ids)
    session.flush()


@lead_deleted.connect
def gone(lead: Lead, **_more: Any) -> None:
    """Nobody can take over what is not there, and its receiver reads no more of it."""
    _lapse_hand_overs([lead.id])


def _lapse_hand_overs(ids: Sequence[UUID]) -> None:
    open_ones = select(Handover).where(among(Handover.lead_id, ids), Handover.state == HandoverState.WAITING)
    for handover in session.scalars(open_ones):
        handover.state, handover.answered_at = HandoverState.WITHDRAWN, now()


def _drop_waiting(ids: Iterable[UUID]) -> None:
    owned = select(Lead.id).where(among(Lead.id, ids), Lead.owner_id.is_not(None))
    for waiting in session.scalars(select(Waiting).where(Waiting.lead_id.in_(owned))):
        session.delete(waiting)


@stage_changed.connect
def moved(lead: Lead, by: Any, **_more: Any) -> None:
    """Whoever moves a lead on works on it."""
    if by.user_id is not None and lead.owner_id == by.user_id:
        take_up_if_theirs(lead.id, by.user_id)


@called.connect
def was_called(_call: Any, lead: Lead, by: Any, **_more: Any) -> None:
    if by.user_id is not None and lead.owner_id == by.user_id:
        take_up_if_theirs(lead.id, by.user_id)
