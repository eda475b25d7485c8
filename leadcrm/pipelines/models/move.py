"""Every move of a lead: from which step to which, when and by whom. What it was before makes it possible to undo."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, SmallInteger, String, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, now
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import LongText
from leadcrm.leads.models.of_lead import OfLead, to_lead
from leadcrm.leads.models.terms import Stage


class Move(OfLead, Base):
    """`from_…` is what the lead was before. Steps are kept by their ids and by the names they had."""

    __tablename__ = "pipelines_move"
    __table_args__ = (to_lead(), Index(None, "company_id", "lead_id", "at"))
    may = "SELECT, INSERT"

    at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Wanneer", en="When", category=Category.PROCESS, default=now
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    batch_id: Mapped[UUID | None] = technical(Uuid())
    undoes_id: Mapped[UUID | None] = technical(Uuid())
    from_pipeline_id: Mapped[UUID | None] = technical(Uuid(), nl="Uit pijplijn", en="From pipeline")
    from_step_id: Mapped[UUID | None] = technical(Uuid(), nl="Uit stap", en="From step")
    from_stage: Mapped[Stage] = field(Choice(Stage), nl="Uit fase", en="From stage", category=Category.PROCESS)
    from_since: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Stond daar sinds", en="Stood there since", category=Category.PROCESS
    )
    from_reason: Mapped[str | None] = field(
        LongText(500), nl="Toelichting daarvoor", en="Reason before", category=Category.PROCESS, personal=True
    )
    from_return_reason: Mapped[str | None] = technical(String(30))
    from_lost_reason_id: Mapped[UUID | None] = technical(Uuid())
    from_attempts: Mapped[int] = technical(SmallInteger(), default=0)
    to_pipeline_id: Mapped[UUID | None] = technical(Uuid(), nl="Naar pijplijn", en="To pipeline")
    to_step_id: Mapped[UUID | None] = technical(Uuid(), nl="Naar stap", en="To step")
    to_stage: Mapped[Stage] = field(Choice(Stage), nl="Naar fase", en="To stage", category=Category.PROCESS)
    to_name: Mapped[str] = technical(String(60), nl="Naar", en="To", category=Category.PROCESS, default="")
