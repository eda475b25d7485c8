"""What was merged into what, and what that moved, so that it can be taken apart again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, String, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.text import LongText
from leadcrm.leads.models.of_lead import OfLead, to_lead


class Merge(OfLead, Base):
    """One lead that went up in another. `lead_id` is the one that stays."""

    __tablename__ = "merging_merge"
    __table_args__ = (
        to_lead(),
        ForeignKeyConstraint(
            ["company_id", "merged_id"], ["leads_lead.company_id", "leads_lead.id"], ondelete="CASCADE"
        ),
        Index(None, "company_id", "lead_id", "at"),
        Index(None, "company_id", "merged_id"),
    )

    merged_id: Mapped[UUID] = technical(Uuid(), nl="Opgegaan lead", en="Merged lead", category=Category.PROCESS)
    reference: Mapped[str] = technical(String(20), nl="Kenmerk", en="Reference", category=Category.PROCESS)
    by_id: Mapped[UUID] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Wanneer", en="When", category=Category.PROCESS, default=now
    )
    undone_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Ongedaan gemaakt", en="Undone", category=Category.PROCESS
    )
    before: Mapped[Sealed | None] = field(
        LongText(200_000), nl="Wat er stond", en="What stood there", category=Category.IDENTITY, personal=True,
        sensitive=True,
    )  # fmt: skip


class Moved(CompanyRow, Base):
    """A row that went along. Closed: only merging_move() and merging_move_back() touch it."""

    __tablename__ = "merging_moved"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "merge_id"], ["merging_merge.company_id", "merging_merge.id"], ondelete="CASCADE"
        ),
        Index(None, "company_id", "merge_id"),
    )

    merge_id: Mapped[UUID] = technical(Uuid())
    table_name: Mapped[str] = technical(String(63), category=Category.PROCESS)
    row_id: Mapped[UUID] = technical(Uuid())
    person_id: Mapped[UUID | None] = technical(Uuid())  # whose it was
