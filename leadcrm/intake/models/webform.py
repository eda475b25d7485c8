"""Forms that stand in a company's own web site, the texts that people agreed to, and their answer to a mail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped, now
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms, YesNo
from leadcrm.core.fields.text import LongText, Text
from leadcrm.intake.models.inlet import OfManagers, to_inlet


class Language(Terms):
    DUTCH = "nl", "Nederlands", "Dutch"
    ENGLISH = "en", "Engels", "English"


def to_form() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company_id", "form_id"], ["intake_form.company_id", "intake_form.id"])


class WebForm(CompanyRow, Stamped, OfManagers, Base):
    """`token` stands in its address; anybody may know it. `sites` may show the form within their own pages."""

    __tablename__ = "intake_form"
    __table_args__ = (to_inlet(), Index(None, "token", unique=True), Index(None, "company_id", "inlet_id"))

    inlet_id: Mapped[UUID] = technical(Uuid())
    token: Mapped[str] = technical(String(32))
    name: Mapped[str] = field(
        Text(80), nl="Naam van het formulier", en="Name of the form", category=Category.PROCESS,
        purpose=Purpose.OPERATION, audited=True, required=True, help_nl="Alleen voor uzelf.",
        help_en="For yourself only.",
    )
    title: Mapped[str] = field(
        Text(120), nl="Kop", en="Heading", category=Category.PROCESS, purpose=Purpose.OPERATION, required=True
    )
    intro: Mapped[str | None] = field(
        LongText(600), nl="Inleiding", en="Introduction", category=Category.PROCESS, purpose=Purpose.OPERATION
    )
    thanks: Mapped[str] = field(
        LongText(600), nl="Bedankt-tekst", en="Words of thanks", category=Category.PROCESS, purpose=Purpose.OPERATION,
        required=True,
    )
    language: Mapped[Language] = field(
        Choice(Language), nl="Taal", en="Language", category=Category.PROCESS, purpose=Purpose.OPERATION,
        required=True, default=Language.DUTCH,
    )
    fields: Mapped[list[dict[str, Any]]] = technical(JSON(), nl="Velden", en="Fields", category=Category.PROCESS)
    sites: Mapped[list[str]] = technical(JSON(), nl="Websites", en="Web sites", category=Category.PROCESS, audited=True)
    consent_text: Mapped[str] = field(
        LongText(1_000), nl="Toestemming voor contact", en="Consent to contact", category=Category.CONSENT,
        purpose=Purpose.OPERATION, audited=True, required=True,
        help_nl="Wie verstuurt, gaat hiermee akkoord. Elke wijziging wordt een nieuwe versie.",
        help_en="Who sends agrees to this. Every change becomes a new version.",
    )
    marketing_text: Mapped[str | None] = field(
        LongText(600), nl="Nieuwsbrief", en="Newsletter", category=Category.CONSENT, purpose=Purpose.OPERATION,
        audited=True, help_nl="Een vakje dat niemand hoeft aan te vinken. Het telt pas na bevestiging per mail.",
        help_en="A box that nobody has to tick. It counts only after confirmation by mail.",
    )
    version: Mapped[int] = technical(Integer(), nl="Versie", en="Version", category=Category.CONSENT, default=1)
    active: Mapped[bool] = field(
        YesNo(), nl="In gebruik", en="In use", category=Category.PROCESS, purpose=Purpose.OPERATION, audited=True,
        required=True, default=True,
    )


class FormText(CompanyRow, OfManagers, Base):
    """What people agreed to, version by version. Only ever added."""

    __tablename__ = "intake_form_text"
    __table_args__ = (to_form(), UniqueConstraint("company_id", "form_id", "number"))
    may = "SELECT, INSERT"

    form_id: Mapped[UUID] = technical(Uuid())
    number: Mapped[int] = technical(Integer(), nl="Versie", en="Version", category=Category.CONSENT)
    consent_text: Mapped[str] = field(
        LongText(1_000), nl="Toestemming voor contact", en="Consent to contact", category=Category.CONSENT
    )
    marketing_text: Mapped[str | None] = field(
        LongText(600), nl="Nieuwsbrief", en="Newsletter", category=Category.CONSENT
    )
    made_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Sinds", en="Since", category=Category.CONSENT, default=now
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.CONSENT)


class OptIn(CompanyRow, OfManagers, Base):
    """Somebody ticked the newsletter. It counts once they press the button behind the link in their mail."""

    __tablename__ = "intake_opt_in"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "arrival_id"], ["intake_arrival.company_id", "intake_arrival.id"]),
        Index(None, "token_hash", unique=True),
        UniqueConstraint("company_id", "arrival_id"),
        Index(
            "ix_intake_opt_in_to_record", "confirmed_at",
            postgresql_where=text("confirmed_at IS NOT NULL AND recorded_at IS NULL"),
        ),
    )
    may = "SELECT, INSERT, UPDATE"

    arrival_id: Mapped[UUID] = technical(Uuid())
    form_id: Mapped[UUID] = technical(Uuid())
    text_version: Mapped[str] = technical(String(60), nl="Versie", en="Version", category=Category.CONSENT)
    token_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    asked_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Gevraagd", en="Asked", category=Category.CONSENT, default=now
    )
    expires_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.CONSENT)
    confirmed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Bevestigd", en="Confirmed", category=Category.CONSENT
    )
    confirmed_from: Mapped[str | None] = technical(
        String(49), nl="Bevestigd vanaf", en="Confirmed from", category=Category.CONSENT, personal=True
    )
    recorded_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.CONSENT)
