"""Break-glass: an admin, who sees no lead, looks into one company for a short time, and everybody there hears of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    String,
    Uuid,
    and_,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped

from leadcrm.auth.models.platform import by_company, of_platform
from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms, YesNo
from leadcrm.core.fields.text import LongText
from leadcrm.core.scope import Scope, Scoped, Viewer

SHORTEST_REASON = 20


class Minutes(Terms):
    """How long it may last."""

    QUARTER = "15", "15 minuten", "15 minutes"
    HALF = "30", "30 minuten", "30 minutes"
    HOUR = "60", "60 minuten", "60 minutes"


class BrokenGlass(Scoped, CompanyRow, Base):
    """One time that it was broken. Added by the admin who does it, for that session; only auth_end_glass() ends it.

    Who and how are copied here: the managers who read this see no user of the platform.
    """

    __tablename__ = "auth_glass"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        CheckConstraint(f"char_length(reason) >= {SHORTEST_REASON}", name="reason"),
        CheckConstraint(
            "ends_at > started_at AND ends_at <= started_at + minutes::integer * interval '1 minute'", name="time_limit"
        ),
        Index(None, "company_id", "started_at"),
        Index(None, "session_id", postgresql_where=sql("ended_at IS NULL")),
    )
    may = "SELECT, INSERT"

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY, audited=True)
    session_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    name: Mapped[str] = technical(String(120), nl="Wie", en="Who", category=Category.SECURITY, personal=True)
    email: Mapped[str] = technical(String(254), nl="E-mail", en="E-mail", category=Category.SECURITY, personal=True)
    reason: Mapped[str] = field(
        LongText(500), nl="Waarom", en="Why", category=Category.SECURITY, purpose=Purpose.SECURITY, audited=True,
        personal=True, required=True, help_nl=f"Minstens {SHORTEST_REASON} tekens. Het bedrijf leest dit.",
        help_en=f"At least {SHORTEST_REASON} characters. The company reads this.",
    )
    minutes: Mapped[Minutes] = field(
        Choice(Minutes), nl="Hoe lang", en="How long", category=Category.SECURITY, purpose=Purpose.SECURITY,
        audited=True, required=True,
    )
    reveals: Mapped[bool] = field(
        YesNo(), nl="Ook afgeschermde gegevens", en="Hidden values too", category=Category.SECURITY,
        purpose=Purpose.SECURITY, audited=True, required=True, default=False,
        help_nl="Zoals rekeningnummers. Elk gegeven dat u opent, wordt apart vastgelegd.",
        help_en="Such as account numbers. Every value that you open is logged on its own.",
    )
    started_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Begonnen", en="Started", category=Category.SECURITY, default=now,
    )
    ends_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Uiterlijk tot", en="At the latest until", category=Category.SECURITY, audited=True,
    )
    ended_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Beëindigd", en="Ended", category=Category.SECURITY,
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The company's managers and auditors; the platform's staff all of them."""
        match viewer.scope:
            case Scope.COMPANY | Scope.NONE:
                return by_company(cls, viewer)
            case _:
                return super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Nobody breaks it for somebody else."""
        if viewer.scope == Scope.NONE:
            return and_(of_platform(viewer), cls.user_id == viewer.user_id)
        return super().visible_to(viewer)
