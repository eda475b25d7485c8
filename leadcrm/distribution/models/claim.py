"""To whom a lead was given, why, and whether they took it up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    and_,
    text,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.text import LongText
from leadcrm.core.scope import Scope, Viewer
from leadcrm.distribution.models.scopes import ForManagers, to_rule, to_user
from leadcrm.leads.models.of_lead import OfLead, to_lead

UNDER_WAY = "claimed_at IS NULL AND handed_back_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL"


def _when(nl: str, en: str) -> Any:
    return technical(DateTime(timezone=True), nl=nl, en=en, category=Category.PROCESS, audited=True)


class Decision(ForManagers, CompanyRow, Base):
    """What the rules made of a lead, and why: kept as it was said, whatever becomes of rules and people afterwards."""

    __tablename__ = "distribution_decision"
    __table_args__ = (
        to_lead(), to_rule(), to_user("user_id"),
        Index(None, "company_id", "lead_id", "at"), Index(None, "company_id", "at", "id"),
    )
    may = "SELECT, INSERT"

    lead_id: Mapped[UUID] = technical(Uuid())
    at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Wanneer", en="When", category=Category.PROCESS, default=now
    )
    rule_id: Mapped[UUID | None] = technical(Uuid(), nl="Regel", en="Rule", category=Category.PROCESS)
    user_id: Mapped[UUID | None] = technical(Uuid(), nl="Adviseur", en="Agent", category=Category.PROCESS)
    among: Mapped[list[UUID]] = technical(ARRAY(Uuid()), nl="Konden", en="Could", category=Category.PROCESS)
    steps: Mapped[list[dict[str, Any]]] = technical(JSON(), nl="Waarom", en="Why", category=Category.PROCESS)


class Claim(OfLead, Base):
    """A lead given to somebody, until they take it up, decline it or time is up. A lead has one at a time under way."""

    __tablename__ = "distribution_claim"
    __table_args__ = (
        to_lead(), to_rule(), to_user("user_id"),
        ForeignKeyConstraint(
            ["company_id", "decision_id"], ["distribution_decision.company_id", "distribution_decision.id"],
            ondelete="CASCADE",
        ),
        Index(None, "company_id", "lead_id", "assigned_at"),
        Index(None, "company_id", "user_id", "assigned_at"),
        Index(None, "company_id", "assigned_at", "id"),
        Index("uq_distribution_claim_under_way", "company_id", "lead_id", unique=True,
              postgresql_where=text(UNDER_WAY)),
        Index("ix_distribution_claim_due", "due_at", postgresql_where=text(UNDER_WAY)),
    )
    may = "SELECT, INSERT, UPDATE"

    user_id: Mapped[UUID] = technical(Uuid(), nl="Adviseur", en="Agent", category=Category.PROCESS, audited=True)
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)  # none: by rules
    rule_id: Mapped[UUID | None] = technical(Uuid(), nl="Regel", en="Rule", category=Category.PROCESS)
    decision_id: Mapped[UUID | None] = technical(Uuid())
    assigned_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Toegewezen op", en="Assigned at", category=Category.PROCESS, default=now
    )
    due_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Oppakken vóór", en="Take up before", category=Category.PROCESS
    )
    claimed_at: Mapped[datetime | None] = _when("Opgepakt op", "Taken up at")
    handed_back_at: Mapped[datetime | None] = _when("Teruggelegd op", "Handed back at")
    declined_at: Mapped[datetime | None] = _when("Geweigerd op", "Declined at")
    withdrawn_at: Mapped[datetime | None] = _when("Vervallen op", "Lapsed at")
    decline_reason: Mapped[str | None] = field(
        LongText(500), nl="Waarom niet", en="Why not", category=Category.PROCESS, personal=True, audited=True,
        help_nl="Geen gezondheid, geen BSN.", help_en="No health matters, no citizen service number.",
    )

    @classmethod
    def under_way(cls) -> ColumnElement[bool]:
        """Nothing has become of it yet."""
        ends = (cls.claimed_at, cls.handed_back_at, cls.declined_at, cls.withdrawn_at)
        return and_(*(end.is_(None) for end in ends))

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """An agent sees theirs, as long as the lead is theirs; what a colleague said of it before is not theirs."""
        seen = super().visible_to(viewer)
        return and_(seen, cls.user_id == viewer.user_id) if viewer.scope == Scope.OWN else seen


class Waiting(ForManagers, CompanyRow, Base):
    """A lead that the rules must still find somebody for, and when to look again."""

    __tablename__ = "distribution_waiting"
    __table_args__ = (
        to_lead(), UniqueConstraint("company_id", "lead_id"),
        Index(None, "company_id", "since", "id"), Index(None, "retry_at"),
    )

    lead_id: Mapped[UUID] = technical(Uuid())
    since: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Wacht sinds", en="Waits since", category=Category.PROCESS, default=now
    )
    retry_at: Mapped[datetime | None] = technical(  # none: it waits for a person
        DateTime(timezone=True), nl="Opnieuw op", en="Again at", category=Category.PROCESS, default=now
    )
    told_at: Mapped[datetime | None] = technical(DateTime(timezone=True))
    decision_id: Mapped[UUID | None] = technical(Uuid())
