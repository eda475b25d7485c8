"""What managers decide: on or off, the rules in their order, and the profiles of agents."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from leadcrm.auth.models.people import User
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, Viewer
from leadcrm.distribution.models.claim import Waiting
from leadcrm.distribution.models.profile import Absence, Profile
from leadcrm.distribution.models.rule import Rule, Setting
from leadcrm.distribution.services.following import hand_out_soon
from leadcrm.distribution.services.hours import WEEK
from leadcrm.distribution.services.loading import rules

LONGEST_ABSENCE_DAYS = 730
MOST_RULES = 50


def setting_of(company_id: UUID) -> Setting:
    """As it is, or as it would begin: off."""
    found = session.scalars(select(Setting).where(Setting.company_id == company_id)).one_or_none()
    return found or Setting(company_id=company_id, active=False, most_offers=3)


def save_setting(setting: Setting, values: Mapping[str, Any]) -> None:
    """Switched on, it is about what comes in from now on."""
    began = values["active"] and not setting.active
    for name, value in values.items():
        setattr(setting, name, value)
    if began:
        setting.active_since = now()
    session.add(setting)
    look_again(setting.company_id)


def look_again(company_id: UUID) -> None:
    """Whatever changed may make somebody fit; what waits for a person goes on waiting for them."""
    session.flush()
    again = update(Waiting).where(Waiting.company_id == company_id, Waiting.retry_at.is_not(None))
    session.execute(again.values(retry_at=now()), execution_options={"synchronize_session": False})
    hand_out_soon(company_id)


def all_rules(company_id: UUID) -> Sequence[Rule]:
    found: Sequence[Rule] = session.scalars(rules(company_id, also_unused=True)).all()
    return found


def save_rule(rule: Rule | None, values: Mapping[str, Any], by: Viewer) -> Rule:
    """A new one comes last. Raises Invalid."""
    if rule is None:
        if len(all_rules(by.company_id)) >= MOST_RULES:
            raise Invalid(_("More than %(most)s rules nobody can follow. Remove one first.", most=MOST_RULES))
        rule = Rule(company_id=by.company_id, position=_last_position(by.company_id) + 1)
        session.add(rule)
    for name, value in values.items():
        if getattr(rule, name) != value:
            setattr(rule, name, value)
    look_again(by.company_id)
    return rule


def _last_position(company_id: UUID) -> int:
    last = select(func.max(Rule.position)).where(Rule.company_id == company_id, Rule.removed_at.is_(None))
    return session.scalar(last) or 0


def move_rule(rule: Rule, up: bool) -> None:
    """One place; the order is numbered anew, so that two managers at once leave no gap or double."""
    ordered = list(all_rules(rule.company_id))
    here = next(number for number, each in enumerate(ordered) if each.id == rule.id)
    there = max(0, min(len(ordered) - 1, here + (-1 if up else 1)))
    ordered.insert(there, ordered.pop(here))
    for number, each in enumerate(ordered, 1):
        if each.position != number:
            each.position = number
    look_again(rule.company_id)


def remove_rule(rule: Rule) -> None:
    """It stays in the reports, and can be put back."""
    rule.removed_at = now()
    look_again(rule.company_id)


def put_back_rule(rule: Rule) -> None:
    if rule.removed_at is not None:
        rule.removed_at, rule.position = None, _last_position(rule.company_id) + 1
        look_again(rule.company_id)


def profile_of(user: User) -> Profile:
    """As it is, or as it would begin: taking no part, in the hours of an office."""
    found = session.scalars(select(Profile).where(Profile.user_id == user.id)).one_or_none()
    return found or fresh_profile(user.company_id, user.id, takes_part=False)


def fresh_profile(company_id: UUID, user_id: UUID, takes_part: bool = True) -> Profile:
    week = {day: list(times) for day, times in WEEK.items()}
    return Profile(
        company_id=company_id, user_id=user_id, takes_part=takes_part, hours=week, goals=[], employments=[],
        languages=[], works_holidays=False,
    )  # fmt: skip


def save_profile(profile: Profile, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(profile, name) != value:
            setattr(profile, name, value)
    session.add(profile)
    look_again(profile.company_id)


def add_absence(user: User, first_on: date, last_on: date, by: Viewer) -> Absence:
    """Raises Invalid. An agent may say so of themselves; the rules look again when a manager comes by."""
    if last_on < first_on:
        raise Invalid(_("The last day is before the first."))
    if (last_on - first_on).days > LONGEST_ABSENCE_DAYS:
        raise Invalid(_("This is longer than two years. Switch off taking part instead."))
    absence = Absence(company_id=user.company_id, user_id=user.id, first_on=first_on, last_on=last_on)
    session.add(absence)
    _changed_by(by)
    return absence


def remove_absence(absence: Absence, by: Viewer) -> None:
    session.delete(absence)
    _changed_by(by)


def _changed_by(by: Viewer) -> None:
    if by.scope == Scope.COMPANY:
        look_again(by.company_id)
