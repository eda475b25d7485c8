"""Taking a lead up in time, giving it back, and taking it back when time is up."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Viewer
from leadcrm.distribution.models.claim import Claim, Decision, Waiting
from leadcrm.distribution.models.rule import Setting
from leadcrm.distribution.services import eligible
from leadcrm.distribution.services.handing_out import locked_setting
from leadcrm.distribution.services.texts import lead_address
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services import leads as all_leads
from leadcrm.notifications.services.telling import tell

CHUNK = 50
CAUGHT_UP = timedelta(days=2)
MOST_CAUGHT = 200


def under_way(lead_id: UUID) -> Claim | None:
    of_lead = select(Claim).where(Claim.lead_id == lead_id, Claim.under_way())
    found: Claim | None = session.scalars(of_lead).one_or_none()
    return found


def take_up_if_theirs(lead_id: UUID, user_id: UUID) -> bool:
    claim = under_way(lead_id)
    if claim is None or claim.user_id != user_id:
        return False
    claim.claimed_at = now()
    audit.note("distribution.claimed", claim, lead=str(lead_id))
    return True


def decline(lead_id: UUID, user_id: UUID, reason: str) -> Claim:
    """What the rules gave goes back to them. The lead leaves the agent's sight when the job has run; raises Invalid."""
    claim = under_way(lead_id)
    if claim is None or claim.user_id != user_id or claim.rule_id is None:
        raise Invalid(gettext("This lead cannot be given back any more."))
    claim.declined_at, claim.decline_reason = now(), reason
    audit.note("distribution.declined", claim, lead=str(lead_id))
    return claim


def take_back_declined(viewer: Viewer, claim_id: UUID) -> None:
    claim = session.get(Claim, claim_id)
    lead = session.get(Lead, claim.lead_id) if claim and claim.declined_at else None
    if claim is None or lead is None or lead.owner_id != claim.user_id or lead.deleted_at is not None:
        return
    _free(viewer, lead)
    for manager in eligible.managers(viewer.company_id):
        text = _("Lead %(reference)s was given back. The rules look for somebody else.", reference=lead.reference)
        tell("distribution.handed_back", manager, text, lead_address(lead.id), about=str(lead.id))


def _free(viewer: Viewer, lead: Lead) -> None:
    all_leads.assign([lead], None, by=viewer)
    session.flush()
    session.add(Waiting(company_id=lead.company_id, lead_id=lead.id))
    session.flush()


def take_back_late(viewer: Viewer) -> bool:
    """One chunk of what nobody took up in time; whether there may be more. Under the lock of handing out."""
    if locked_setting(viewer.company_id) is None:
        return False
    late = select(Claim).where(Claim.company_id == viewer.company_id, Claim.under_way(), Claim.due_at <= now())
    claims = session.scalars(late.order_by(Claim.due_at, Claim.id).limit(CHUNK).with_for_update(skip_locked=True)).all()
    for claim in claims:
        lead = session.scalars(select(Lead).where(Lead.id == claim.lead_id).with_for_update()).one()
        if lead.owner_id != claim.user_id or lead.deleted_at is not None:
            claim.withdrawn_at = now()
            continue
        claim.handed_back_at = now()
        session.flush()
        _free(viewer, lead)
        audit.note("distribution.handed_back", claim, lead=str(lead.id))
        _tell_late(viewer, lead, claim)
    return len(claims) == CHUNK


def _tell_late(viewer: Viewer, lead: Lead, claim: Claim) -> None:
    agent = session.scalars(eligible.able(viewer.company_id).where(User.id == claim.user_id)).one_or_none()
    what: dict[str, Any] = {"reference": lead.reference, "name": agent.name if agent else ""}
    text = _("Lead %(reference)s was not taken up in time and goes to a colleague.", **what)
    tell("distribution.handed_back", claim.user_id, text, "/leads/", about=str(lead.id))
    text = _("%(name)s did not take up lead %(reference)s in time. It goes to the next.", **what)
    for manager in eligible.managers(viewer.company_id):
        tell("distribution.handed_back", manager, text, lead_address(lead.id), about=str(lead.id))


def catch_up(viewer: Viewer) -> int:
    """New leads without owner of which no rule has heard: brought in by an import, or by whom nobody listened to."""
    setting = session.scalars(select(Setting).where(Setting.company_id == viewer.company_id)).one_or_none()
    if setting is None or not setting.active or setting.active_since is None:
        return 0
    since = max(setting.active_since, now() - CAUGHT_UP)
    known = select(Decision.id).where(Decision.company_id == Lead.company_id, Decision.lead_id == Lead.id).exists()
    waits = select(Waiting.id).where(Waiting.company_id == Lead.company_id, Waiting.lead_id == Lead.id).exists()
    forgotten = select(Lead.id).where(
        Lead.company_id == viewer.company_id, Lead.owner_id.is_(None), Lead.deleted_at.is_(None),
        Lead.stage == Stage.NEW, Lead.created_at >= since, ~known, ~waits,
    ).order_by(Lead.created_at, Lead.id).limit(MOST_CAUGHT)  # fmt: skip
    ids = session.scalars(forgotten).all()
    session.add_all(Waiting(company_id=viewer.company_id, lead_id=ident) for ident in ids)
    return len(ids)
