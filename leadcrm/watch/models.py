"""Incidents, and how far each reader of alerts has been mailed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Date, DateTime, Index, Integer, String, Uuid
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped

from leadcrm.auth.models.platform import by_company, of_platform
from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.fields.text import LongText
from leadcrm.core.rights import OF_OFFICE
from leadcrm.core.scope import Scope, Scoped, Viewer


class Pattern(Terms):
    """What a group of failed logins looks like; services/rules.py says when."""

    SPRAYING = "spraying", "Eén netwerk probeert veel accounts", "One network tries many accounts"
    STUFFING = "stuffing", "Veel onbekende accounts geprobeerd", "Many unknown accounts tried"
    ONE_ACCOUNT = "one_account", "Eén account vanuit veel netwerken", "One account from many networks"
    SECOND_FACTOR = "second_factor", "Wachtwoord goed, tweede stap niet", "Password right, second step not"
    SUCCESS = "success", "Ingelogd na veel mislukte pogingen", "Signed in after many failures"
    ADDRESS = "address", "Geweigerd vanaf een ander netwerk", "Refused from another network"
    REPLAY = "replay", "Code opnieuw gebruikt", "Code used again"


class Verdict(Terms):
    HARMLESS = "harmless", "Onschuldig", "Harmless"
    OWN_MISTAKE = "own_mistake", "Eigen vergissing", "Own mistake"
    ATTACK = "attack", "Aanval", "Attack"
    MEASURES = "measures", "Maatregelen genomen", "Measures taken"


class Incident(Scoped, CompanyRow, Base):
    """One company's part of failed logins that belong together. It grows while they go on, and until it is reviewed."""

    __tablename__ = "watch_incident"
    __table_args__ = (
        Index(None, "company_id", "last_at", "id"),
        Index(None, "last_at", "id"),
        Index(
            "uq_watch_incident_going_on", "company_id", "pattern", "about", unique=True,
            postgresql_where=sql("ended_at IS NULL"),
        ),
    )
    may = "SELECT, INSERT, UPDATE"

    pattern: Mapped[Pattern] = field(
        Choice(Pattern), nl="Patroon", en="Pattern", category=Category.SECURITY, purpose=Purpose.SECURITY,
    )
    about: Mapped[str] = technical(String(80), category=Category.SECURITY, personal=True)  # network, account or user
    first_at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Begin", en="Began", category=Category.SECURITY)
    last_at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Laatst", en="Latest", category=Category.SECURITY)
    ended_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)
    failures: Mapped[int] = technical(Integer(), nl="Pogingen", en="Attempts", category=Category.SECURITY)
    accounts: Mapped[int] = technical(Integer(), nl="Accounts", en="Accounts", category=Category.SECURITY)
    networks: Mapped[int] = technical(Integer(), nl="Netwerken", en="Networks", category=Category.SECURITY)
    wider: Mapped[bool] = technical(Boolean(), category=Category.SECURITY)  # other companies have a part of it too
    told: Mapped[int] = technical(Integer(), category=Category.SECURITY)  # the attempts when it was last told
    verdict: Mapped[Verdict | None] = field(
        Choice(Verdict), nl="Oordeel", en="Verdict", category=Category.SECURITY, purpose=Purpose.SECURITY, audited=True,
        required=True,
    )
    note: Mapped[str | None] = field(
        LongText(max_length=2000), nl="Toelichting", en="Explanation", category=Category.SECURITY,
        purpose=Purpose.SECURITY, personal=True, audited=True, required=True,
        help_nl="Wat hebt u nagegaan, en wat is eraan gedaan?", help_en="What did you check, and what was done?",
    )
    reviewed_by: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.SECURITY)
    reviewed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Beoordeeld", en="Reviewed", category=Category.SECURITY,
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Managers and auditors their company's, the platform's staff everybody's."""
        return by_company(cls, viewer) if viewer.scope in OF_OFFICE else super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case Scope.NONE:
                return of_platform(viewer)
            case _:
                return super().visible_to(viewer)


class Reader(Scoped, CompanyRow, Base):
    """Up to which notice somebody was mailed, and the day of their last digest. The id is the user's."""

    __tablename__ = "watch_reader"
    may = "SELECT, INSERT, UPDATE"

    mailed_at: Mapped[datetime | None] = technical(DateTime(timezone=True))
    mailed_until: Mapped[datetime | None] = technical(DateTime(timezone=True))
    digest_on: Mapped[date | None] = technical(Date())
