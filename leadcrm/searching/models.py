"""What somebody looked at last."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, ForeignKeyConstraint, Index, Uuid, and_
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.scope import Scoped, Viewer


class Seen(Scoped, CompanyRow, Base):
    """Somebody opened the page of a lead. Their own business; searching_saw() writes it, and keeps the last few."""

    __tablename__ = "searching_seen"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
        Index(None, "company_id", "user_id", "lead_id", unique=True),
        Index(None, "company_id", "lead_id"),
    )
    may = "SELECT, DELETE"
    own_taste = True

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.PROCESS)
    lead_id: Mapped[UUID] = technical(Uuid(), category=Category.PROCESS)
    at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Bekeken", en="Looked at", category=Category.PROCESS)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
