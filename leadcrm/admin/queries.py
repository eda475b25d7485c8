"""Selects for the screens. Nothing here narrows by viewer: scope does."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from leadcrm.auth.models.failures import FailedLogin, Reason
from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.auth.services.failures import fingerprint
from leadcrm.core.db import now
from leadcrm.core.paging import Sort

BY_NAME = Sort("name", User.name, User.id)
NEWEST_FIRST = Sort("at", FailedLogin.at, FailedLogin.id, descending=True)
STATES: dict[str, ColumnElement[bool]] = {
    "active": User.active & User.joined_at.is_not(None),
    "invited": User.active & User.joined_at.is_(None),
    "disabled": ~User.active,
}


@dataclass(frozen=True)
class UserFilter:
    words: str = ""
    role: Role | None = None
    state: str = ""
    company_id: UUID | None = None


@dataclass(frozen=True)
class FailureFilter:
    days: int = 0  # 0: everything that is kept
    reason: Reason | None = None
    account: str = ""
    company_id: UUID | None = None


def users_with(wanted: UserFilter) -> Select[Any]:
    """Users beside their company's name. Companies have tens of users, so the words need no index."""
    found: Any = select(User, Company.name.label("company")).join(Company, Company.id == User.company_id)
    for word in wanted.words.split()[:5]:
        named = User.name.icontains(word, autoescape=True)
        found = found.where(or_(named, User.email.icontains(word, autoescape=True)))
    if wanted.role:
        found = found.where(User.role == wanted.role)
    if wanted.state:
        found = found.where(STATES[wanted.state])
    if wanted.company_id:
        found = found.where(User.company_id == wanted.company_id)
    return found  # type: ignore[no-any-return]  # grows clause by clause


def companies_by_name() -> Select[Any]:
    """Companies beside the number of their users who can sign in."""
    active = (
        select(func.count()).select_from(User)
        .where(User.company_id == Company.id, User.active, User.joined_at.is_not(None)).scalar_subquery()
    )
    return select(Company, active.label("users")).order_by(Company.name, Company.id)


def failed_logins_with(wanted: FailureFilter) -> Select[Any]:
    """An account is found by its keyed fingerprint, so also when the address belongs to nobody."""
    found: Any = select(FailedLogin, Company.name.label("company"))
    found = found.outerjoin(Company, Company.id == FailedLogin.company_id)
    if wanted.days:
        found = found.where(FailedLogin.at >= now() - timedelta(days=wanted.days))
    if wanted.reason:
        found = found.where(FailedLogin.reason == wanted.reason)
    if wanted.account:
        found = found.where(FailedLogin.fingerprint == fingerprint(wanted.account))
    if wanted.company_id:
        found = found.where(FailedLogin.company_id == wanted.company_id)
    return found  # type: ignore[no-any-return]  # grows clause by clause
