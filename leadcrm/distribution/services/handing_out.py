"""Handing leads out by the rules of a company, a chunk at a time, under its lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext
from sqlalchemy import ColumnElement, select

from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.scope import Viewer
from leadcrm.distribution.models.claim import Claim, Decision, Waiting
from leadcrm.distribution.models.rule import Setting, Turn
from leadcrm.distribution.services import eligible, loading
from leadcrm.distribution.services.choosing import Candidate, Request, Verdict, Way, decide
from leadcrm.distribution.services.hours import day_begins, earliest
from leadcrm.distribution.services.loading import Office, among
from leadcrm.distribution.services.texts import before_words, lead_address
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED
from leadcrm.leads.services import leads as all_leads
from leadcrm.notifications.services.telling import tell

CHUNK = 25
SOON = timedelta(minutes=1)
AGAIN = timedelta(hours=1)  # capacity comes free when somebody closes a lead: nothing tells when


def locked_setting(company_id: UUID) -> Setting | None:
    """Whoever holds this row hands out; another worker waits here, and then sees the turns that were taken."""
    found: Setting | None = session.scalars(
        select(Setting).where(Setting.company_id == company_id).with_for_update().execution_options(
            populate_existing=True
        )
    ).one_or_none()  # fmt: skip
    return found


def hand_out(viewer: Viewer) -> bool:
    """One chunk of what waits; whether there may be more. The caller commits, which frees the lock."""
    setting = locked_setting(viewer.company_id)
    if setting is None or not setting.active:
        return False
    due = select(Waiting).where(Waiting.company_id == viewer.company_id, Waiting.retry_at <= now())
    waiting = session.scalars(due.order_by(Waiting.since, Waiting.id).limit(CHUNK)).all()
    if waiting:
        _hand_out(viewer, setting, waiting)
    return len(waiting) == CHUNK


@dataclass(frozen=True)
class Handing:
    """One round of handing out."""

    viewer: Viewer
    setting: Setting
    office: Office
    moment: datetime


def _hand_out(viewer: Viewer, setting: Setting, waiting: Sequence[Waiting]) -> None:
    moment = now()
    ids = [each.lead_id for each in waiting]
    still, free = _without_owner(ids), _taken_hold_of(ids)
    requests = loading.requests(list(free.values()), moment)
    handing = Handing(viewer, setting, loading.office(viewer.company_id, moment), moment)
    left: list[Lead] = []
    for each in waiting:
        if each.lead_id in free:
            left += _one(handing, each, free[each.lead_id], requests[each.lead_id])
        elif each.lead_id in still:
            each.retry_at = moment + SOON  # somebody is busy with it this very moment
        else:
            session.delete(each)  # somebody has it, or it is closed or removed
    _tell_managers(viewer, left)


def _without_owner(ids: Sequence[UUID]) -> set[UUID]:
    return set(session.scalars(select(Lead.id).where(*_free(ids))))


def _taken_hold_of(ids: Sequence[UUID]) -> dict[UUID, Lead]:
    """Locked, so that nobody assigns them meanwhile; what somebody is assigning just now is theirs to decide."""
    free = select(Lead).where(*_free(ids)).order_by(Lead.id).with_for_update(skip_locked=True)
    return {lead.id: lead for lead in session.scalars(free.execution_options(populate_existing=True))}


def _free(ids: Sequence[UUID]) -> tuple[ColumnElement[bool], ...]:
    return among(Lead.id, ids), Lead.owner_id.is_(None), Lead.deleted_at.is_(None), Lead.stage.not_in(CLOSED)


def _one(handing: Handing, waiting: Waiting, lead: Lead, request: Request) -> list[Lead]:
    """To somebody; else it is among those that managers must hear of, the first time."""
    if len(request.passed) >= handing.setting.most_offers:
        waiting.retry_at = None  # enough agents let it go by
        return _first_time(waiting, lead, handing.moment)
    office = handing.office
    verdict = decide(request, office.ways, office.candidates, office.turns)
    decision = _write_down(lead, verdict, handing.moment)
    if verdict.given:
        _give(handing, lead, decision, *verdict.given)  # who listens takes it off the list of what waits
        return []
    waiting.decision_id = decision.id
    waiting.retry_at = next_chance(office.candidates, handing.moment)
    return _first_time(waiting, lead, handing.moment)


def _write_down(lead: Lead, verdict: Verdict, moment: datetime) -> Decision:
    decision = Decision(
        company_id=lead.company_id, lead_id=lead.id, at=moment, rule_id=verdict.way.id if verdict.way else None,
        user_id=verdict.chosen.user_id if verdict.chosen else None, among=verdict.among,
        steps=[step.as_json() for step in verdict.steps],
    )  # fmt: skip
    session.add(decision)
    return decision


def _give(handing: Handing, lead: Lead, decision: Decision, way: Way, chosen: Candidate) -> None:
    all_leads.assign([lead], handing.office.users[chosen.user_id], by=handing.viewer)
    session.flush()  # who listens has ended what was under way before
    minutes = handing.setting.claim_minutes
    claim = Claim(
        company_id=lead.company_id, lead_id=lead.id, user_id=chosen.user_id, rule_id=way.id, decision_id=decision.id,
        assigned_at=handing.moment, due_at=chosen.hours.due(handing.moment, minutes) if minutes else None,
    )  # fmt: skip
    session.add(claim)
    _take_turn(lead.company_id, way.id, chosen.user_id, handing.office.turns.of(way, chosen))
    audit.note("distribution.assigned", lead, rule=way.name, rule_id=str(way.id), decision=str(decision.id))
    _tell_agent(lead, chosen, claim.due_at)


def _take_turn(company_id: UUID, rule_id: UUID, user_id: UUID, number: int) -> None:
    theirs = select(Turn).where(Turn.company_id == company_id, Turn.rule_id == rule_id, Turn.user_id == user_id)
    turn = session.scalars(theirs).one_or_none()
    if turn is None:
        session.add(Turn(company_id=company_id, rule_id=rule_id, user_id=user_id, number=number, served=1))
    else:
        turn.number, turn.served = number, turn.served + 1


def _tell_agent(lead: Lead, chosen: Candidate, due: datetime | None) -> None:
    what = {"reference": lead.reference, "when": before_words(due)}
    text = (
        _("Lead %(reference)s is for you. Take it up before %(when)s.", **what) if due
        else _("Lead %(reference)s is for you.", **what)
    )  # fmt: skip
    tell("distribution.assigned", chosen.user_id, text, lead_address(lead.id), about=str(lead.id))


def _first_time(waiting: Waiting, lead: Lead, moment: datetime) -> list[Lead]:
    if waiting.told_at is not None:
        return []
    waiting.told_at = moment
    return [lead]


def next_chance(candidates: Sequence[Candidate], moment: datetime) -> datetime:
    """When somebody's hours begin, or a day's number is theirs again; not later than in an hour while they work."""
    taking_part = [each for each in candidates if each.takes_part]
    working = [each for each in taking_part if each.hours.is_working(moment)]
    begins = [each.hours.begins(moment) for each in taking_part if each not in working]
    tomorrow = day_begins(moment + timedelta(days=1))
    again = [each.hours.begins(tomorrow) for each in working]
    return earliest([*begins, *again, *([moment + AGAIN] if working else [])]) or moment + timedelta(days=1)


def _tell_managers(viewer: Viewer, left: Sequence[Lead]) -> None:
    if not left:
        return
    text = (
        _("Nobody fits lead %(reference)s. It waits for you.", reference=left[0].reference) if len(left) == 1
        else lazy_ngettext(
            "Nobody fits %(num)s lead. It waits for you.", "Nobody fits %(num)s leads. They wait for you.", len(left)
        )
    )  # fmt: skip
    for manager in eligible.managers(viewer.company_id):
        tell("distribution.nobody_fits", manager, text, "/distribution/waiting", about="nobody fits")
