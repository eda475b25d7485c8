"""What figures keep: answers that were worked out a moment ago, and what a company expects of each stage."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, ForeignKeyConstraint, Index, String, UniqueConstraint, Uuid, and_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped, now
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Percentage, Whole
from leadcrm.core.fields.terms import Choice
from leadcrm.core.scope import Scope, Scoped, Viewer
from leadcrm.leads.models.source import OfCompany
from leadcrm.leads.models.terms import Stage

CERTAIN = 10_000  # basis points


class Kept(CompanyRow, Scoped, Base):
    """Figures as they were at a moment, for one scope: somebody's own leads, or (nobody named) the whole company's.

    Only numbers and ids of colleagues, sources, labels and suppliers; nothing of a household.
    """

    __tablename__ = "figures_kept"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        Index(None, "company_id", "user_id", "asked", "made_at"),
    )

    user_id: Mapped[UUID | None] = technical(Uuid())
    asked: Mapped[str] = technical(String(80))  # period and agent
    made_at: Mapped[datetime] = technical(DateTime(timezone=True), default=now)
    answer: Mapped[dict[str, Any]] = technical(JSONB())

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Managers see those of their agents too: when they move leads, the agents' figures are out of date."""
        match viewer.scope:
            case Scope.OWN:
                return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


class Chance(CompanyRow, Stamped, OfCompany, Base):
    """How likely a lead in a stage ends in a mortgage, and in how many days; the usual ones where there is no row."""

    __tablename__ = "figures_chance"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        UniqueConstraint("company_id", "stage"),
    )

    stage: Mapped[Stage] = field(Choice(Stage), nl="Fase", en="Stage", category=Category.PROCESS, required=True)
    chance: Mapped[int] = field(
        Percentage(CERTAIN), nl="Kans", en="Chance", category=Category.PROCESS, audited=True, required=True
    )
    days: Mapped[int] = field(
        Whole(0, 730, "dagen", "days"), nl="Duurt nog", en="Still takes", category=Category.PROCESS, audited=True,
        required=True,
    )  # fmt: skip
