"""How a source delivers: its settings, its keys, its mailbox. The managers' of the company."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import Scope, Scoped, Viewer
from leadcrm.intake.models.terms import OnDuplicate
from leadcrm.leads.models.terms import Goal
from leadcrm.mailboxes.models import HostName, MailPassword

IMAP_TLS = 993


class OfManagers(Scoped):
    """Managers of the company see and change these rows; nobody else does."""

    company_id: Mapped[UUID]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.scope == Scope.COMPANY:
            return cls.company_id == viewer.company_id
        return super().visible_to(viewer)


def to_inlet() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company_id", "inlet_id"], ["intake_inlet.company_id", "intake_inlet.id"])


class Inlet(CompanyRow, Stamped, OfManagers, Base):
    """One a source: what counts for everything that arrives from it."""

    __tablename__ = "intake_inlet"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "source_id"], ["leads_source.company_id", "leads_source.id"]),
        ForeignKeyConstraint(["company_id", "label_id"], ["leads_label.company_id", "leads_label.id"]),
        UniqueConstraint("company_id", "source_id"),
    )

    source_id: Mapped[UUID] = technical(Uuid(), nl="Leadbron", en="Lead source", category=Category.PROCESS)
    label_id: Mapped[UUID | None] = technical(
        Uuid(), nl="Label", en="Label", category=Category.PROCESS, audited=True
    )
    goal: Mapped[Goal | None] = field(
        Choice(Goal), nl="Doel als het niet genoemd is", en="Goal when it is not given", category=Category.PROCESS,
        purpose=Purpose.OPERATION, audited=True, help_nl="Leeg: een lead zonder doel wacht op een collega.",
        help_en="Empty: a lead without a goal waits for a colleague.",
    )
    on_duplicate: Mapped[OnDuplicate] = field(
        Choice(OnDuplicate), nl="Wie al bekend is", en="Who is known already", category=Category.PROCESS,
        purpose=Purpose.OPERATION, audited=True, required=True, default=OnDuplicate.MARK,
    )
    tells_duplicates: Mapped[bool] = field(
        YesNo(), nl="Dubbele melden aan leverancier", en="Tell the supplier of duplicates", category=Category.PROCESS,
        purpose=Purpose.OPERATION, audited=True, required=True, default=False,
        help_nl="Wie de stand opvraagt ziet dan dat iemand al bekend was, en waaraan dat te zien is.",
        help_en="Who asks for the state then reads that somebody was known already, and by what.",
    )
    per_minute: Mapped[int] = field(
        Whole(1, 60_000), nl="Hoogstens per minuut", en="At most a minute", category=Category.PROCESS,
        purpose=Purpose.OPERATION, audited=True, required=True, default=600,
    )
    active: Mapped[bool] = field(
        YesNo(), nl="Neemt leads aan", en="Takes leads", category=Category.PROCESS, purpose=Purpose.OPERATION,
        audited=True, required=True, default=True,
    )


class Key(CompanyRow, Stamped, OfManagers, Base):
    """A secret with which a supplier delivers. Shown once; its hash is kept, and its last letters to know it by."""

    __tablename__ = "intake_key"
    __table_args__ = (
        to_inlet(), Index(None, "key_hash", unique=True), Index(None, "company_id", "inlet_id", "created_at"),
    )

    inlet_id: Mapped[UUID] = technical(Uuid())
    name: Mapped[str] = field(
        Text(80), nl="Naam van de sleutel", en="Name of the key", category=Category.SECURITY,
        purpose=Purpose.OPERATION, audited=True, required=True, help_nl="Wie hem gebruikt, zoals: website of Zapier.",
        help_en="Who uses it, such as: website or Zapier.",
    )
    key_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    ending: Mapped[str] = technical(String(4), nl="Eindigt op", en="Ends in", category=Category.SECURITY)
    last_used_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Laatst gebruikt", en="Last used", category=Category.SECURITY
    )
    revoked_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Ingetrokken", en="Revoked", category=Category.SECURITY, audited=True
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.SECURITY)


class Mailbox(CompanyRow, Stamped, OfManagers, Base):
    """A folder of a mail account that is read every few minutes. The password opens for its server only."""

    __tablename__ = "intake_mailbox"
    __table_args__ = (
        to_inlet(), UniqueConstraint("company_id", "inlet_id"),
        Index(None, "polled_at", postgresql_where=text("active")),
    )

    inlet_id: Mapped[UUID] = technical(Uuid())
    host: Mapped[str] = field(
        HostName(), nl="Mailserver (IMAP)", en="Mail server (IMAP)", category=Category.ACCOUNT,
        purpose=Purpose.OPERATION, audited=True, required=True, help_nl="Zoals imap.uwprovider.nl.",
        help_en="Such as imap.yourprovider.nl.",
    )
    port: Mapped[int] = field(
        Whole(1, 65_535), nl="Poort", en="Port", category=Category.ACCOUNT, purpose=Purpose.OPERATION, audited=True,
        required=True, default=IMAP_TLS, help_nl="993: TLS vanaf het begin. Zonder TLS lezen kan niet.",
        help_en="993: TLS from the start. Reading without TLS is not possible.",
    )
    username: Mapped[str] = field(
        Text(254), nl="Gebruikersnaam", en="User name", category=Category.ACCOUNT, purpose=Purpose.OPERATION,
        personal=True, audited=True, required=True,
    )
    password: Mapped[Sealed | None] = field(
        MailPassword(), nl="Wachtwoord", en="Password", category=Category.SECURITY, purpose=Purpose.OPERATION,
        sensitive=True,
    )
    folder: Mapped[str] = field(
        Text(120), nl="Map", en="Folder", category=Category.ACCOUNT, purpose=Purpose.OPERATION, audited=True,
        required=True, default="INBOX", help_nl="Alleen wat hierin staat wordt gelezen. Niets wordt verwijderd.",
        help_en="Only what is in it is read. Nothing is removed.",
    )
    active: Mapped[bool] = field(
        YesNo(), nl="Wordt gelezen", en="Is read", category=Category.PROCESS, purpose=Purpose.OPERATION, audited=True,
        required=True, default=True,
    )
    uid_validity: Mapped[int | None] = technical(BigInteger())
    last_uid: Mapped[int] = technical(BigInteger(), default=0)
    polled_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Laatst gelezen", en="Last read", category=Category.PROCESS
    )
    problem: Mapped[str | None] = technical(String(40), nl="Fout", en="Problem", category=Category.PROCESS)
    problem_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Fout sinds", en="Problem since", category=Category.PROCESS
    )


class Window(Base):
    """How much came in a minute, in parts, so that no two requests wait for one row. Closed: intake_put() counts."""

    __tablename__ = "intake_window"
    __table_args__ = (Index(None, "minute"),)

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    inlet_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    minute: Mapped[datetime] = technical(DateTime(timezone=True), primary_key=True)
    part: Mapped[int] = technical(SmallInteger(), primary_key=True, autoincrement=False)
    hits: Mapped[int] = technical(Integer())
