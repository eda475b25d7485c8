"""Who a lead can be handed to."""

from functools import cache
from uuid import UUID

from sqlalchemy import Select, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session


@cache
def _possible() -> Select[UUID, str]:
    return select(User.id, User.name).where(User.active).order_by(User.name)


def possible_owners() -> list[tuple[str, str]]:
    """Id and name of every colleague who can sign in, by name."""
    return [(str(ident), name) for ident, name in session.execute(_possible())]
