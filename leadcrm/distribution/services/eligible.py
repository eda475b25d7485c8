"""Who may get leads at all: of this company, in use, and with the right. Rules choose among them and nobody else."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select

from leadcrm.auth.models.people import Grant, User
from leadcrm.auth.permissions import READ_ONLY, Role
from leadcrm.auth.services.users import today
from leadcrm.core.db import session
from leadcrm.core.plugin import permissions_of
from leadcrm.distribution.permissions import Distribution


def able(company_id: UUID) -> Select[Any]:
    """Users; the company is named too, for who sees more than one."""
    by_role = [role for role in Role if role not in READ_ONLY and Distribution.RECEIVE in permissions_of(role)]
    still = or_(Grant.ends_on.is_(None), Grant.ends_on >= today())
    theirs = and_(Grant.company_id == User.company_id, Grant.user_id == User.id)
    granted = select(Grant.id).where(theirs, Grant.permission == str(Distribution.RECEIVE), still).exists()
    return select(User).where(
        User.company_id == company_id, User.active, User.joined_at.is_not(None), User.role.not_in(READ_ONLY),
        or_(User.starts_on.is_(None), User.starts_on <= today()),
        or_(User.ends_on.is_(None), User.ends_on >= today()),
        or_(User.role.in_(by_role), granted),
    )  # fmt: skip


def colleague(company_id: UUID, user_id: UUID) -> User | None:
    """Somebody whom a lead may be given to."""
    found: User | None = session.scalars(able(company_id).where(User.id == user_id)).one_or_none()
    return found


def colleagues(company_id: UUID, but: Iterable[UUID | None] = ()) -> list[tuple[str, str]]:
    """Id and name, to choose from."""
    others = session.scalars(able(company_id).order_by(User.name, User.id))
    left_out = set(but)
    return [(str(user.id), user.name) for user in others if user.id not in left_out]


def managers(company_id: UUID) -> list[UUID]:
    """Who is told when rules find nobody."""
    of_company = select(User.id).where(User.company_id == company_id, User.role == Role.MANAGER, User.active)
    return list(session.scalars(of_company.order_by(User.id)))
