"""Rules by which the office that is shown first hands out leads, what its agents take on, and what came of it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.auth.permissions import Role
from leadcrm.core.db import now, session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Scope, Viewer, viewing_as
from leadcrm.demo.services.offices import Office
from leadcrm.distribution.models.claim import Claim, Decision
from leadcrm.distribution.models.profile import Profile
from leadcrm.distribution.models.rule import Rule
from leadcrm.distribution.models.terms import Method, Trait
from leadcrm.distribution.services import loading, setting_up
from leadcrm.distribution.services.choosing import Request, Turns, considered
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Goal

EVERYTHING: dict[str, Any] = {
    "active": True, "how": Method.ROUND_ROBIN, "regions": None, "goals": [], "employments": [], "languages": [],
    "label_ids": [], "source_ids": [], "agent_ids": [], "traits": [],
}  # fmt: skip
RULES: tuple[dict[str, Any], ...] = (
    {"name": "Oversluiten naar wie dat doet", "goals": [str(Goal.REMORTGAGE)], "traits": [str(Trait.GOAL)],
     "how": Method.LEAST_BUSY},
    {"name": "In de eigen regio", "traits": [str(Trait.REGION), str(Trait.LANGUAGE)]},
    {"name": "Iedereen om de beurt", "traits": [str(Trait.LANGUAGE)]},
)  # fmt: skip
PROFILES: tuple[dict[str, Any], ...] = (
    {"regions": "1000-1999", "per_day": 12}, {"regions": "2000-3999", "languages": ["nl", "en"]},
    {"regions": "1000-3999", "languages": ["nl", "ar", "en"]}, {"goals": [str(Goal.REMORTGAGE)], "per_day": 8},
    {"regions": "4000-5999"}, {"regions": "6000-7999", "open_most": 4_000}, {},
    {"languages": ["nl", "tr"], "goals": [str(Goal.REMORTGAGE), str(Goal.FURTHER_ADVANCE)]},
)  # fmt: skip
MINUTES = 60  # to take a lead up
PAST = 90  # leads that went through the rules


def lay_out(offices: Sequence[Office]) -> None:
    """Once: an office with rules is left as it is."""
    office = offices[0]
    manager = next((account for account in office.accounts if account.role == Role.MANAGER), None)
    if manager is None:
        return
    with viewing_as(Viewer(Scope.COMPANY, office.id, manager.id, role=str(Role.MANAGER))) as viewer:
        if isinstance(viewer, Viewer) and not setting_up.all_rules(office.id):
            _set_up(office, viewer)
            _past(office)
        checkpoint()


def _set_up(office: Office, viewer: Viewer) -> None:
    agents = select(User).where(User.company_id == office.id, User.role == Role.AGENT).order_by(User.name)
    for user, values in zip(session.scalars(agents), PROFILES, strict=False):
        setting_up.save_profile(setting_up.fresh_profile(office.id, user.id), values)
    for values in RULES:
        setting_up.save_rule(None, EVERYTHING | values, viewer)
        session.flush()
    setting = {"active": True, "claim_minutes": MINUTES, "most_offers": 3}
    setting_up.save_setting(setting_up.setting_of(office.id), setting)
    session.flush()


def _past(office: Office) -> None:
    """The newest leads of those who take part, as if the last rule had given them out when they came in."""
    part = set(session.scalars(select(Profile.user_id)))
    newest = select(Lead).where(loading.among(Lead.owner_id, part), Lead.deleted_at.is_(None))
    leads = session.scalars(newest.order_by(Lead.created_at.desc(), Lead.id).limit(PAST)).all()
    last: Rule = setting_up.all_rules(office.id)[-1]
    requests, weighed = loading.requests(leads, None), loading.office(office.id, now(), counts_today=False)
    for number, lead in enumerate(leads):
        _one(lead, requests[lead.id], last, weighed, number)


def _one(lead: Lead, request: Request, rule: Rule, weighed: loading.Office, number: int) -> None:
    step = considered(request, loading.way_of(rule), weighed.candidates, Turns())
    assigned = lead.created_at + timedelta(minutes=1)
    decision = Decision(
        company_id=lead.company_id, lead_id=lead.id, at=assigned, rule_id=rule.id, user_id=lead.owner_id,
        among=_with(step.left, lead.owner_id), steps=[step.as_json()],
    )  # fmt: skip
    session.add(decision)
    session.flush()
    session.add(Claim(
        company_id=lead.company_id, lead_id=lead.id, user_id=lead.owner_id, rule_id=rule.id, decision_id=decision.id,
        assigned_at=assigned, due_at=assigned + timedelta(minutes=MINUTES),
        claimed_at=assigned + timedelta(minutes=2 + number * 7 % 41),
    ))  # fmt: skip


def _with(left: Iterable[Any], owner: Any) -> list[Any]:
    return sorted({*left, owner})
