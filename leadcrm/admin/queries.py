"""Selects for the screens. Nothing here narrows by viewer: scope does."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.core.paging import Sort

BY_NAME = Sort("name", User.name, User.id)
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
