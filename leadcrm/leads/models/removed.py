"""Rows that were taken out of a household, for as long as that can be undone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, String, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, now
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.text import LongText
from leadcrm.leads.models.of_lead import OfLead, to_lead


class Removed(OfLead, Base):
    """A row with all that went with it, as services/bringing_back.py wrote it down."""

    __tablename__ = "leads_removed"
    __table_args__ = (to_lead(), Index(None, "company_id", "lead_id"), Index(None, "at"))
    may = "SELECT, INSERT, DELETE"

    at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Removed", category=Category.PROCESS, default=now
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    section: Mapped[str] = technical(String(20), nl="Onderdeel", en="Section", category=Category.PROCESS)
    content: Mapped[Sealed] = field(
        LongText(200_000), nl="Wat er stond", en="What stood there", category=Category.IDENTITY, personal=True,
        sensitive=True,
    )  # fmt: skip
