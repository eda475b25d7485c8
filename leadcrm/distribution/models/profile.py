"""What an agent takes on, and when they are there."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, CheckConstraint, ColumnElement, Index, String, UniqueConstraint, Uuid, false
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import YesNo
from leadcrm.core.scope import Scope, Viewer
from leadcrm.distribution.models.regions import Regions
from leadcrm.distribution.models.scopes import OfAgent, to_user


class Profile(OfAgent, CompanyRow, Stamped, Base):
    """Who has none takes no part. The agent reads it, a manager changes it."""

    __tablename__ = "distribution_profile"
    __table_args__ = (to_user("user_id"), UniqueConstraint("company_id", "user_id"))
    may = "SELECT, INSERT, UPDATE"

    user_id: Mapped[UUID] = technical(Uuid(), nl="Adviseur", en="Agent", category=Category.PROCESS)
    takes_part: Mapped[bool] = field(
        YesNo(), nl="Doet mee met de verdeling", en="Takes part in the distribution", category=Category.PROCESS,
        required=True, audited=True, default=True,
    )
    per_day: Mapped[int | None] = field(
        Whole(1, 500, "leads", "leads"), nl="Hooguit per dag", en="At most a day", category=Category.PROCESS,
        audited=True, help_nl="Leads uit de verdeling. Leeg: geen limiet.",
        help_en="Leads from the distribution. Empty: no limit.",
    )
    open_most: Mapped[int | None] = field(
        Whole(1, 20_000, "leads", "leads"), nl="Hooguit tegelijk open", en="At most open at once",
        category=Category.PROCESS, audited=True, help_nl="Alle leads die nog lopen. Leeg: geen limiet.",
        help_en="All leads that are under way. Empty: no limit.",
    )
    regions: Mapped[str | None] = field(
        Regions(), nl="Postcodegebied", en="Postcode region", category=Category.PROCESS, audited=True,
        help_nl="Bijvoorbeeld 1000-1999, 3511. Leeg: overal.",
        help_en="For example 1000-1999, 3511. Empty: everywhere.",
    )
    goals: Mapped[list[str]] = technical(
        ARRAY(String(30)), nl="Doelen", en="Goals", category=Category.PROCESS, audited=True, default=list,
    )
    employments: Mapped[list[str]] = technical(
        ARRAY(String(30)), nl="Inkomens", en="Incomes", category=Category.PROCESS, audited=True, default=list,
    )
    languages: Mapped[list[str]] = technical(
        ARRAY(String(20)), nl="Talen", en="Languages", category=Category.PROCESS, audited=True, default=list,
    )
    hours: Mapped[dict[str, Any]] = technical(  # weekday → [from, until], of the office's clock
        JSON(), nl="Werktijden", en="Working hours", category=Category.PROCESS, audited=True, default=dict,
    )
    works_holidays: Mapped[bool] = field(
        YesNo(), nl="Werkt op feestdagen", en="Works on public holidays", category=Category.PROCESS, required=True,
        audited=True, default=False,
    )

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.visible_to(viewer) if viewer.scope == Scope.COMPANY else false()


class Absence(OfAgent, CompanyRow, Stamped, Base):
    """Days on which somebody gets nothing. Why is nobody's business: it may be about health."""

    __tablename__ = "distribution_absence"
    __table_args__ = (
        to_user("user_id"), CheckConstraint("last_on >= first_on", name="in_order"),
        Index(None, "company_id", "user_id", "last_on"),
    )
    may = "SELECT, INSERT, DELETE"

    user_id: Mapped[UUID] = technical(Uuid(), nl="Adviseur", en="Agent", category=Category.PROCESS, audited=True)
    first_on: Mapped[date] = field(
        Date(), nl="Eerste dag", en="First day", category=Category.PROCESS, required=True, audited=True,
    )
    last_on: Mapped[date] = field(
        Date(), nl="Laatste dag", en="Last day", category=Category.PROCESS, required=True, audited=True,
    )


