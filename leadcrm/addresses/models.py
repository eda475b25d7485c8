"""The lists. Without a range there is no list, and everybody may come from everywhere."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, String, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import CIDR
from sqlalchemy.orm import Mapped

from leadcrm.auth.models.platform import of_platform
from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.scope import Scope, Scoped, Viewer


class Range(Scoped, CompanyRow, Stamped, Base):
    """A range that one list admits: a person's when it names a user, the whole company's otherwise."""

    __tablename__ = "addresses_range"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
        UniqueConstraint("company_id", "user_id", "network", postgresql_nulls_not_distinct=True),
    )

    user_id: Mapped[UUID | None] = technical(
        Uuid(), nl="Persoon", en="Person", category=Category.SECURITY, audited=True,
    )
    network: Mapped[Any] = technical(  # somebody's home may be one: personal
        CIDR(), nl="Adressen", en="Addresses", category=Category.SECURITY, personal=True, audited=True,
    )
    label: Mapped[str] = technical(
        String(80), nl="Omschrijving", en="Description", category=Category.SECURITY, personal=True, audited=True,
        default="",
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Managers their company's; the platform's staff everybody's, their own included."""
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case Scope.NONE:
                return of_platform(viewer)
            case _:
                return super().visible_to(viewer)
