"""Who sees the rows of distribution: managers everything, agents what is about themselves."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, and_
from sqlalchemy.orm import Mapped

from leadcrm.core.scope import Scope, Scoped, Viewer


class ForManagers(Scoped):
    """Agents do not see how colleagues are weighed."""

    company_id: Mapped[UUID]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


class OfAgent(ForManagers):
    """Each agent sees their own."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN:
                mine: Any = cls
                return and_(cls.company_id == viewer.company_id, mine.user_id == viewer.user_id)
            case _:
                return super().visible_to(viewer)


def to_company() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company_id"], ["auth_company.id"])


def to_user(column: str) -> ForeignKeyConstraint:
    """Somebody of the same company, always."""
    return ForeignKeyConstraint(["company_id", column], ["auth_user.company_id", "auth_user.id"])


def to_rule() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company_id", "rule_id"], ["distribution_rule.company_id", "distribution_rule.id"])
