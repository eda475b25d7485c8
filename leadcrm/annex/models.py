"""What was measured, the dated versions made of it, to whom they went, and the register of suppliers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    false,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from leadcrm.auth.models.platform import by_company, of_platform
from leadcrm.core.db import PLATFORM_ID, Base, CompanyRow, Stamped, now
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.places import Country
from leadcrm.core.fields.text import Text as Line
from leadcrm.core.rights import OF_OFFICE
from leadcrm.core.scope import Scope, Scoped, Viewer

Spoken = dict[str, str]  # language → text


def _reads(viewer: Viewer) -> bool:
    return viewer.scope in OF_OFFICE


def _of_their_company(model: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Managers and auditors see their company's rows, the platform's staff sees all; agents none."""
    return by_company(model, viewer) if _reads(viewer) else false()


def _by_the_platform(viewer: Viewer) -> ColumnElement[bool]:
    return of_platform(viewer) if viewer.scope == Scope.NONE else false()


class Measurement(Scoped, CompanyRow, Base):
    """What a check last found. The platform's rows are about the instance, a company's about an exception it chose."""

    __tablename__ = "annex_measurement"
    __table_args__ = (UniqueConstraint("company_id", "check_name"),)

    check_name: Mapped[str] = technical(Text())
    state: Mapped[str] = technical(String(8))
    title: Mapped[Spoken] = technical(JSONB())
    found: Mapped[Spoken] = technical(JSONB())
    remedy: Mapped[Spoken] = technical(JSONB())
    measured_at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Gemeten", en="Measured")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return or_(_of_their_company(cls, viewer), cls.company_id == PLATFORM_ID) if _reads(viewer) else false()

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Nobody who can sign in: only the job that measures writes here."""
        return false()


class Version(Scoped, CompanyRow, Base):
    """The annex as it was on a day. Never changed: the role has no right to, and a trigger refuses the owner too."""

    __tablename__ = "annex_version"
    __table_args__ = (UniqueConstraint("company_id", "number"),)
    may = "SELECT, INSERT"

    number: Mapped[int] = technical(Integer(), nl="Nummer", en="Number")
    made_at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Datum", en="Date", default=now)
    made_by: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.SECURITY)
    content: Mapped[dict[str, Any]] = technical(JSONB())
    digest: Mapped[bytes] = technical(LargeBinary())  # SHA-256 of the canonical content

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return _of_their_company(cls, viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        return _by_the_platform(viewer)


class Dispatch(Scoped, CompanyRow, Base):
    """A version that was sent to somebody of a company."""

    __tablename__ = "annex_dispatch"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "version_id"], ["annex_version.company_id", "annex_version.id"]),
    )
    may = "SELECT, INSERT"

    version_id: Mapped[UUID] = technical(Uuid())
    recipient: Mapped[str] = technical(String(254), nl="Aan", en="To", category=Category.ACCOUNT, personal=True)
    sent_at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Verzonden", en="Sent", default=now)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return _of_their_company(cls, viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        return _by_the_platform(viewer)


class Supplier(Scoped, CompanyRow, Stamped, Base):
    """Hosting partner or sub-processor of the platform (A1, B5). The platform's rows, which every company may read."""

    __tablename__ = "annex_supplier"

    name: Mapped[str] = field(
        Line(max_length=120), nl="Naam", en="Name", category=Category.PROCESS, purpose=Purpose.ADMINISTRATION,
        required=True, audited=True,
    )
    service: Mapped[str] = field(
        Line(max_length=200), nl="Waarvoor", en="What for", category=Category.PROCESS, required=True, audited=True,
        purpose=Purpose.ADMINISTRATION, help_nl="Bijvoorbeeld: hosting van de servers.",
        help_en="For example: hosting of the servers.",
    )
    country: Mapped[str] = field(
        Country(), nl="Land van verwerking", en="Country of processing", category=Category.PROCESS, required=True,
        purpose=Purpose.ADMINISTRATION, audited=True, help_nl="Moet binnen de EER liggen.",
        help_en="Must be within the EEA.",
    )
    certificate: Mapped[str | None] = field(
        Line(max_length=120), nl="Certificaat", en="Certificate", category=Category.PROCESS, audited=True,
        purpose=Purpose.ADMINISTRATION, help_nl="Bijvoorbeeld: ISO 27001, NEN 7510.",
        help_en="For example: ISO 27001, NEN 7510.",
    )
    valid_until: Mapped[date | None] = field(
        Date(), nl="Geldig tot en met", en="Valid until", category=Category.PROCESS, purpose=Purpose.ADMINISTRATION,
        audited=True,
    )
    contract: Mapped[str | None] = field(
        Line(max_length=200), nl="Contract", en="Contract", category=Category.PROCESS, audited=True,
        purpose=Purpose.ADMINISTRATION, help_nl="Waar het ligt: kenmerk of documentnummer.",
        help_en="Where it is kept: reference or document number.",
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.company_id == PLATFORM_ID if _reads(viewer) else false()

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        return and_(cls.company_id == PLATFORM_ID, _by_the_platform(viewer))
