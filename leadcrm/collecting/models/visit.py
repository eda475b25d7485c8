"""Who came in through a link: for a short time, in one browser."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Category, technical


class Visit(CompanyRow, Base):
    """Closed: only the functions collecting_… reach it."""

    __tablename__ = "collecting_visit"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "lead_id", "link_id"],
            ["collecting_link.company_id", "collecting_link.lead_id", "collecting_link.id"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        Index(None, "id_hash", unique=True),
        Index(None, "expires_at"),
    )

    lead_id: Mapped[UUID] = technical(Uuid())
    link_id: Mapped[UUID] = technical(Uuid())
    id_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    began_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    expires_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    address_prefix: Mapped[str] = technical(String(49), category=Category.SECURITY, personal=True)
