"""Many leads at once: asked to be taken over by a colleague, or left to the rules."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext, lazy_ngettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.bulk.models import Result
from leadcrm.bulk.services.actions import Action, Arguments, Asked, Outcome, Refused
from leadcrm.core.db import session
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.distribution.models.claim import Waiting
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.rule import Setting
from leadcrm.distribution.models.terms import HandoverState
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import eligible, handing_over
from leadcrm.distribution.services.following import hand_out_soon
from leadcrm.distribution.services.loading import among
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED
from leadcrm.notifications.services.telling import tell


def colleagues() -> Sequence[tuple[str, str]]:
    return eligible.colleagues(signed_in_viewer().company_id)


def read(typed: Mapping[str, Any]) -> Arguments:
    if typed.get("to", "") not in dict(colleagues()):
        raise Refused("to", _("Choose somebody from the list."))
    try:
        reason = facts_of(Handover)["reason"].fillable.parse(typed.get("reason", ""))
    except Invalid as problem:
        raise Refused("reason", problem.message) from problem
    if not reason:
        raise Refused("reason", _("Fill in this field."))
    return {"to": typed["to"], "reason": reason}


def _leads(ids: list[UUID]) -> Sequence[Lead]:
    kept = select(Lead).where(among(Lead.id, ids), Lead.deleted_at.is_(None)).order_by(Lead.id)
    return session.scalars(kept).all()


def hand_over(lead_ids: list[UUID], arguments: Arguments, _batch: UUID) -> list[Outcome]:
    read(arguments)  # who may have left the company since
    viewer, to_id = signed_in_viewer(), UUID(arguments["to"])
    open_ones = select(Handover.lead_id).where(
        among(Handover.lead_id, lead_ids), Handover.state == HandoverState.WAITING
    )  # fmt: skip
    under_way, asked, outcomes = set(session.scalars(open_ones)), 0, []
    for lead in _leads(lead_ids):
        if lead.id in under_way or lead.owner_id == to_id:
            outcomes.append(Outcome(lead.id, Result.SKIPPED, _why_not(lead, to_id)))
            continue
        handover = handing_over.asked_for(lead, to_id, arguments["reason"], viewer)
        session.add(handover)
        asked += 1
        outcomes.append(Outcome(lead.id, was=str(handover.id)))
    _tell(to_id, asked)
    return outcomes


def _why_not(lead: Lead, to_id: UUID) -> str:
    if lead.owner_id == to_id:
        return str(gettext("This colleague has the lead already."))
    return str(gettext("This lead is being handed over already."))


def _tell(to_id: UUID, asked: int) -> None:
    if asked:
        what = {"name": signed_in_viewer().name}
        text = lazy_ngettext(
            "%(name)s wants to hand %(num)s lead over to you.", "%(name)s wants to hand %(num)s leads over to you.",
            asked, **what,
        )  # fmt: skip
        tell("distribution.asked", to_id, text, handing_over.ADDRESS, about="many")


def withdraw(done: dict[UUID, str | None], _arguments: Arguments, _batch: UUID) -> list[Outcome]:
    """Those that nobody answered."""
    ids = [UUID(was) for was in done.values() if was]
    waiting = select(Handover).where(among(Handover.id, ids), Handover.state == HandoverState.WAITING)
    taken_back = session.scalars(waiting.order_by(Handover.id).with_for_update()).all()
    for handover in taken_back:
        handing_over.withdraw(handover)
    return [Outcome(handover.lead_id) for handover in taken_back]


def said(count: int, arguments: Arguments) -> str:
    return str(ngettext(
        "Hand %(num)s lead over to %(name)s", "Hand %(num)s leads over to %(name)s", count, name=_name(arguments)
    ))  # fmt: skip


def told(count: int, arguments: Arguments) -> str:
    return str(ngettext(
        "%(num)s lead waits until %(name)s accepts.", "%(num)s leads wait until %(name)s accepts.", count,
        name=_name(arguments),
    ))  # fmt: skip


def _name(arguments: Arguments) -> str:
    return session.scalar(select(User.name).where(User.id == UUID(arguments["to"]))) or ""


def leave_to_rules(lead_ids: list[UUID], _arguments: Arguments, _batch: UUID) -> list[Outcome]:
    """What somebody has stays theirs."""
    company_id = signed_in_viewer().company_id
    if session.scalar(select(Setting.id).where(Setting.company_id == company_id, Setting.active)) is None:
        why = gettext("Leads are not handed out by rules: switch that on first.")
        return [Outcome(ident, Result.SKIPPED, why) for ident in lead_ids]
    waits = set(session.scalars(select(Waiting.lead_id).where(among(Waiting.lead_id, lead_ids))))
    outcomes = []
    for lead in _leads(lead_ids):
        if lead.owner_id is not None or lead.stage in CLOSED:
            outcomes.append(Outcome(lead.id, Result.SKIPPED, gettext("Somebody has this lead, or it is closed.")))
            continue
        if lead.id not in waits:
            session.add(Waiting(company_id=company_id, lead_id=lead.id))
        outcomes.append(Outcome(lead.id))
    hand_out_soon(company_id)
    return outcomes


def said_of_rules(count: int, _arguments: Arguments) -> str:
    return str(ngettext("Leave %(num)s lead to the rules", "Leave %(num)s leads to the rules", count))


def told_of_rules(count: int, _arguments: Arguments) -> str:
    return str(ngettext("%(num)s lead is left to the rules.", "%(num)s leads are left to the rules.", count))


HAND_OVER = Action(
    name="hand_over", label=_("Hand over"), permission=Distribution.HAND_OVER, apply=hand_over, undo=withdraw,
    said=said, told=told, read=read, icon="arrows-exchange", order=20,
    fields=(Asked("to", _("To"), colleagues), Asked("reason", _("Why"))),
)  # fmt: skip
BY_RULES = Action(
    name="by_rules", label=_("Hand out by the rules"), permission=Distribution.MANAGE, apply=leave_to_rules,
    said=said_of_rules, told=told_of_rules, icon="arrows-split-2", order=25,
)  # fmt: skip
