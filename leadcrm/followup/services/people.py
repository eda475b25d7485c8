"""Colleagues: who sees a lead, and so can do something for it."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from leadcrm.auth.models.people import User
from leadcrm.auth.permissions import Role
from leadcrm.core.db import session


def who_see(lead: Any) -> list[tuple[UUID, str]]:
    """Who works on it first, then the managers of the company."""
    sees = or_(User.id == lead.owner_id, User.role == str(Role.MANAGER))
    wanted = select(User.id, User.name).where(User.company_id == lead.company_id, User.active, sees)
    found = [(ident, name) for ident, name in session.execute(wanted.order_by(User.name))]
    return sorted(found, key=lambda each: each[0] != lead.owner_id)


def sees(user_id: UUID, lead: Any) -> bool:
    return any(ident == user_id for ident, _name in who_see(lead))
