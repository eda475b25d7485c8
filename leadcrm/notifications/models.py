"""What people were told, and how they want to be told."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    text,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.language import in_dutch
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.scope import Scoped, Viewer

LONGEST_KIND = 60


class Way(Terms):
    """How somebody hears of one kind of news. Every way but never also shows it here."""

    APP = "app", "Alleen hier", "Here only"
    MAIL = "mail", "Hier en meteen per mail", "Here and by mail at once"
    DIGEST = "digest", "Hier en in de dagelijkse mail", "Here and in the daily mail"
    NEVER = "never", "Niet", "Not at all"


class Zone(Terms):
    """Where people live who work for a Dutch office; by the names of the time zone database."""

    AMSTERDAM = "Europe/Amsterdam", "Nederland, België, Duitsland", "Netherlands, Belgium, Germany"
    LISBON = "Europe/Lisbon", "Portugal", "Portugal"
    LONDON = "Europe/London", "Verenigd Koninkrijk, Ierland", "United Kingdom, Ireland"
    ATHENS = "Europe/Athens", "Griekenland, Roemenië, Finland", "Greece, Romania, Finland"
    ISTANBUL = "Europe/Istanbul", "Turkije", "Turkey"
    CURACAO = "America/Curacao", "Aruba, Bonaire, Curaçao, Sint Maarten", "Aruba, Bonaire, Curaçao, Sint Maarten"
    PARAMARIBO = "America/Paramaribo", "Suriname", "Suriname"
    CASABLANCA = "Africa/Casablanca", "Marokko", "Morocco"
    JAKARTA = "Asia/Jakarta", "Indonesië (west)", "Indonesia (west)"
    NEW_YORK = "America/New_York", "Verenigde Staten (oost)", "United States (east)"


class OwnRow(Scoped, CompanyRow):
    """Nobody else's business: not the manager's, not the admin's."""

    own_taste = True

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)  # type: ignore[attr-defined]  # each has it


def _of_user() -> ForeignKeyConstraint:
    users = ["auth_user.company_id", "auth_user.id"]
    return ForeignKeyConstraint(["company_id", "user_id"], users, ondelete="CASCADE")


class News(OwnRow, Base):
    """One thing that one person must hear. Only notifications_tell() adds."""

    __tablename__ = "notifications_news"
    __table_args__ = (
        _of_user(),
        Index(None, "company_id", "user_id", "at", "id"),
        Index(None, "user_id", "kind", "about", postgresql_where=text("read_at IS NULL")),
        Index(None, "waits_for", "user_id", postgresql_where=text("waits_for IS NOT NULL")),
        Index(None, "at"),
    )
    may = "SELECT, UPDATE, DELETE"

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.PROCESS)
    at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Tijd", en="Time", category=Category.PROCESS)
    kind: Mapped[str] = technical(String(LONGEST_KIND), nl="Soort", en="Kind", category=Category.PROCESS)
    about: Mapped[str] = technical(String(80), category=Category.PROCESS)
    nl: Mapped[str] = technical(Text(), nl="Tekst", en="Text", category=Category.PROCESS, personal=True)
    en: Mapped[str] = technical(
        Text(), nl="Tekst (Engels)", en="Text (English)", category=Category.PROCESS, personal=True
    )
    url: Mapped[str] = technical(String(300), category=Category.PROCESS)
    times: Mapped[int] = technical(Integer(), nl="Aantal", en="Times", category=Category.PROCESS)
    read_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Gelezen", en="Read", category=Category.PROCESS
    )
    waits_for: Mapped[str | None] = technical(String(6))  # "mail" or "digest", until that has left

    @property
    def said(self) -> str:
        return self.nl if in_dutch() else self.en


class Wish(OwnRow, Base):
    """How somebody wants to hear of one kind of news."""

    __tablename__ = "notifications_wish"
    __table_args__ = (_of_user(), UniqueConstraint("company_id", "user_id", "kind"))

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.ACCOUNT)
    kind: Mapped[str] = technical(String(LONGEST_KIND), nl="Soort", en="Kind", category=Category.ACCOUNT)
    way: Mapped[Way] = field(
        Choice(Way), nl="Hoe", en="How", category=Category.ACCOUNT, purpose=Purpose.SERVICE, required=True
    )


class Rhythm(OwnRow, Base):
    """When somebody gets their daily mail."""

    __tablename__ = "notifications_rhythm"
    __table_args__ = (_of_user(), UniqueConstraint("company_id", "user_id"))

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.ACCOUNT)
    hour: Mapped[int] = field(
        Whole(0, 23), nl="Dagelijkse mail om (uur)", en="Daily mail at (hour)", category=Category.ACCOUNT,
        purpose=Purpose.SERVICE, required=True, default=8, help_nl="Van 0 tot en met 23.", help_en="From 0 to 23.",
    )
    zone: Mapped[Zone] = field(
        Choice(Zone, room=40), nl="Tijdzone", en="Time zone", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        required=True, default=Zone.AMSTERDAM, help_nl="Die van de plek waar u werkt.",
        help_en="That of the place where you work.",
    )
    digest_on: Mapped[date | None] = technical(Date())  # their day on which the last one left
