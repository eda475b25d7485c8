"""From one agent to another: asked with a reason, accepted or declined, or withdrawn."""

from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.auth.models.people import User
from leadcrm.core import audit
from leadcrm.core.claims import claiming
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Viewer
from leadcrm.distribution.models.claim import Claim
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.terms import HandoverState
from leadcrm.distribution.services import eligible
from leadcrm.distribution.services.texts import lead_address
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.services.leads import changed_hands
from leadcrm.notifications.services.telling import tell

ADDRESS = "/distribution/handovers"


def ask(lead: Lead, to: User, reason: str, by: Viewer) -> Handover:
    """The lead stays where it is until the receiver accepts. Raises Invalid."""
    if to.id == lead.owner_id:
        raise Invalid(gettext("This colleague has the lead already."))
    handover = asked_for(lead, to.id, reason, by)
    with claiming({"uq_distribution_handover_open": gettext("This lead is being handed over already.")}):
        session.add(handover)
    what: dict[str, Any] = {"reference": lead.reference, "name": by.name, "to": to.name}
    tell("distribution.asked", to.id, _("%(name)s wants to hand lead %(reference)s over to you.", **what), ADDRESS,
         about=str(lead.id))  # fmt: skip
    _tell_managers(handover, _("%(name)s wants to hand lead %(reference)s over to %(to)s.", **what))
    return handover


def asked_for(lead: Lead, to_id: UUID, reason: str, by: Viewer) -> Handover:
    """With what the receiver may know before they accept."""
    handover = Handover(
        company_id=lead.company_id, lead_id=lead.id, from_id=lead.owner_id, to_id=to_id, by_id=by.user_id,
        reason=reason, reference=lead.reference, goal=lead.goal, amount=lead.mortgage_amount,
    )  # fmt: skip
    audit.note("distribution.hand_over_asked", handover, lead=str(lead.id))
    return handover


def open_one(lead_id: UUID) -> Handover | None:
    waiting = select(Handover).where(Handover.lead_id == lead_id, Handover.state == HandoverState.WAITING)
    found: Handover | None = session.scalars(waiting).one_or_none()
    return found


def accept(handover: Handover, by: Viewer) -> Lead:
    """From here on the lead is the receiver's, and the giver sees it no more. Raises Invalid."""
    _answer(handover, True, None)
    lead: Lead = session.scalars(select(Lead).where(Lead.id == handover.lead_id)).one()
    audit.note("changed", lead, owner_id=[_text(handover.from_id), _text(handover.to_id)])
    audit.note("distribution.accepted", handover, lead=str(lead.id))
    changed_hands(lead, handover.from_id, by)
    moment = now()
    session.add(Claim(
        company_id=lead.company_id, lead_id=lead.id, user_id=by.user_id, by_id=handover.by_id,
        assigned_at=moment, claimed_at=moment,
    ))  # fmt: skip
    _tell_giver(handover, _("%(name)s accepted lead %(reference)s.", name=by.name, reference=handover.reference))
    return lead


def decline(handover: Handover, answer: str, by: Viewer) -> None:
    """The lead stays with the giver. Raises Invalid."""
    _answer(handover, False, answer)
    audit.note("distribution.declined", handover, lead=str(handover.lead_id))
    _tell_giver(handover, _("%(name)s did not accept lead %(reference)s.", name=by.name, reference=handover.reference))


def withdraw(handover: Handover) -> None:
    if handover.state != HandoverState.WAITING:
        raise Invalid(gettext("This has been answered already."))
    handover.state, handover.answered_at = HandoverState.WITHDRAWN, now()
    audit.note("distribution.withdrawn", handover, lead=str(handover.lead_id))


def _answer(handover: Handover, accepts: bool, said: str | None) -> None:
    """By the function of the database: only for the receiver, once, and while the giver still has the lead."""
    answered = select(func.distribution_answer(handover.id, accepts, said))
    if session.scalar(answered) is None:
        raise Invalid(
            gettext("This cannot be answered any more: it was withdrawn, or somebody else has the lead by now.")
        )
    session.refresh(handover)


def _text(ident: UUID | None) -> str | None:
    return str(ident) if ident else None


def _tell_giver(handover: Handover, text: Any) -> None:
    for user_id in {handover.from_id, handover.by_id} - {None}:
        tell("distribution.answered", user_id, text, ADDRESS, about=str(handover.lead_id))  # type: ignore[arg-type]  # not None


def _tell_managers(handover: Handover, text: Any) -> None:
    for manager in eligible.managers(handover.company_id):
        if manager != handover.to_id:
            tell("distribution.asked", manager, text, lead_address(handover.lead_id), about=str(handover.lead_id))
