"""A call: how it went. What was said stands in the timeline, in the entry that this row names."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKeyConstraint, Index, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, now
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice
from leadcrm.followup.models.terms import CallOutcome
from leadcrm.leads.models.of_lead import OfLead, to_lead


class Call(OfLead, Base):
    """An attempt to reach a client by telephone. Only ever added: figures count these rows."""

    __tablename__ = "followup_call"
    __table_args__ = (
        to_lead(),
        ForeignKeyConstraint(["company_id", "by_id"], ["auth_user.company_id", "auth_user.id"]),
        Index(None, "company_id", "lead_id", "at"),
        Index(None, "company_id", "at"),
    )

    at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Wanneer", en="When", category=Category.PROCESS, default=now
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Met", en="With", category=Category.PROCESS)
    entry_id: Mapped[UUID | None] = technical(Uuid())  # of the timeline
    despite: Mapped[bool] = technical(
        Boolean(), nl="Zonder toestemming", en="Without consent", category=Category.CONSENT, default=False
    )
    outcome: Mapped[CallOutcome] = field(
        Choice(CallOutcome, 20), nl="Uitkomst", en="Outcome", category=Category.PROCESS, purpose=Purpose.SERVICE,
        required=True,
    )
    call_back_at: Mapped[datetime | None] = field(
        Moment(), nl="Terugbellen op", en="Call back on", category=Category.PROCESS, purpose=Purpose.SERVICE,
    )
