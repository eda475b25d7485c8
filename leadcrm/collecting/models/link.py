"""A personal link: who it is for, what it asks for, until when, and what came through it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
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

from leadcrm.auth.models.people import Language
from leadcrm.core.db import Base, now
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.people import Email
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.fields.text import Text
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.models.of_lead import OfLead, to_lead, to_person

CODE_DIGITS = 6


class CodeWay(Terms):
    """Link and code never go the same way."""

    PHONE = "phone", "Link per mail, code door de telefoon", "Link by mail, code by telephone"
    MAIL = "mail", "Link geef ik zelf, code per mail", "I hand over the link, code by mail"


class Lasts(Terms):
    A_WEEK = "7", "Een week", "A week"
    TWO_WEEKS = "14", "Twee weken", "Two weeks"
    A_MONTH = "30", "Een maand", "A month"


class Link(OfLead, Base):
    """What opens it is kept as hashes; the words themselves are sealed, for the adviser and for reminders."""

    __tablename__ = "collecting_link"
    __table_args__ = (
        to_lead(),
        to_person(),
        UniqueConstraint("company_id", "lead_id", "id"),
        Index(None, "company_id", "lead_id", "created_at"),
        Index(None, "token_hash", unique=True),
        Index(None, "expires_at", postgresql_where=text("revoked_at IS NULL")),
    )

    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Voor", en="For", category=Category.PROCESS)
    name: Mapped[str] = field(
        Text(200), nl="Naam", en="Name", category=Category.CONTACT, purpose=Purpose.SERVICE, personal=True,
        required=True,
    )
    email: Mapped[str | None] = field(
        Email(), nl="E-mail", en="E-mail", category=Category.CONTACT, purpose=Purpose.SERVICE, personal=True,
        audited=True,
    )
    language: Mapped[Language] = field(
        Choice(Language), nl="Taal van de klant", en="Client's language", category=Category.PROCESS, required=True,
        default=Language.DUTCH,
    )
    code_way: Mapped[CodeWay] = field(
        Choice(CodeWay, room=10), nl="Hoe de klant erin komt", en="How the client gets in",
        category=Category.SECURITY, purpose=Purpose.SECURITY, required=True, audited=True, default=CodeWay.PHONE,
        help_nl="Link en code gaan elk een eigen weg: wie er één onderschept, heeft niets.",
        help_en="Link and code go two ways: whoever intercepts one of them has nothing.",
    )
    token: Mapped[Sealed | None] = field(
        Text(64), nl="Link", en="Link", category=Category.SECURITY, purpose=Purpose.SECURITY, sensitive=True,
    )
    code: Mapped[Sealed | None] = field(
        Text(10), nl="Code", en="Code", category=Category.SECURITY, purpose=Purpose.SECURITY, sensitive=True,
    )
    token_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    code_mac: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    expires_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Geldig tot", en="Valid until", category=Category.SECURITY, audited=True
    )
    revoked_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Ingetrokken", en="Revoked", category=Category.SECURITY, audited=True
    )
    failures: Mapped[int] = technical(
        SmallInteger(), nl="Verkeerde codes", en="Wrong codes", category=Category.SECURITY, default=0
    )
    files: Mapped[int] = technical(Integer(), nl="Bestanden", en="Files", category=Category.PROCESS, default=0)
    begun: Mapped[int] = technical(Integer(), category=Category.SECURITY, default=0)  # uploads, finished or not
    bytes_begun: Mapped[int] = technical(BigInteger(), category=Category.SECURITY, default=0)
    opened_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Geopend", en="Opened", category=Category.PROCESS
    )
    arrived_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Laatst aangeleverd", en="Last delivery", category=Category.PROCESS
    )
    told_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.PROCESS)
    reminded_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Klant herinnerd", en="Client reminded", category=Category.PROCESS
    )
    reminders: Mapped[int] = technical(
        SmallInteger(), nl="Herinneringen", en="Reminders", category=Category.PROCESS, default=0
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > now()


def to_link() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["company_id", "lead_id", "link_id"],
        ["collecting_link.company_id", "collecting_link.lead_id", "collecting_link.id"],
        ondelete="CASCADE",
        onupdate="CASCADE",
    )


class Ask(OfLead, Base):
    """One thing that a link asks for, in the words that the client reads: what the list said when it was made."""

    __tablename__ = "collecting_ask"
    __table_args__ = (to_lead(), to_link(), UniqueConstraint("company_id", "link_id", "position"))

    link_id: Mapped[UUID] = technical(Uuid())
    position: Mapped[int] = technical(SmallInteger(), category=Category.PROCESS)
    item: Mapped[str] = technical(String(80), category=Category.PROCESS)  # of the checklist
    kind: Mapped[DocumentKind] = field(
        Choice(DocumentKind, room=30), nl="Soort document", en="Kind of document", category=Category.PROCESS,
    )
    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Van", en="Of", category=Category.PROCESS)
    name: Mapped[str] = technical(String(80), nl="Stuk", en="Paper", category=Category.PROCESS, personal=True)
    explanation: Mapped[str] = technical(
        String(400), nl="Uitleg", en="Explanation", category=Category.PROCESS, personal=True
    )
    who: Mapped[str] = technical(String(120), nl="Wie", en="Who", category=Category.PROCESS, personal=True)


class Arrival(OfLead, Base):
    """A file that a client sends: on its way until `arrived_at`. Then a job makes it a document, in quarantine.

    Its blob has the id of the upload, so that what was begun and what arrived are one row.
    """

    __tablename__ = "collecting_arrival"
    __table_args__ = (
        to_lead(),
        to_link(),
        UniqueConstraint("company_id", "blob_id"),
        Index(None, "company_id", "lead_id", "link_id"),
        Index(None, "begun_at", postgresql_where=text("arrived_at IS NULL")),
    )
    may = "SELECT, UPDATE"  # only collecting_begin() adds

    link_id: Mapped[UUID] = technical(Uuid())
    ask_id: Mapped[UUID | None] = technical(Uuid())
    blob_id: Mapped[UUID] = technical(Uuid())
    name: Mapped[str] = technical(
        String(255), nl="Bestandsnaam", en="File name", category=Category.PROCESS, personal=True
    )
    size: Mapped[int] = technical(BigInteger(), nl="Grootte", en="Size", category=Category.PROCESS)
    begun_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.PROCESS)
    arrived_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Aangeleverd", en="Delivered", category=Category.PROCESS
    )
    document_id: Mapped[UUID | None] = technical(Uuid(), category=Category.PROCESS)
