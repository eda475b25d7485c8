"""A document of a lead, and its versions: one file each."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
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

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Boxed, Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import LongText
from leadcrm.documents.models.kinds import FileName
from leadcrm.documents.models.terms import DocumentKind, State, Through
from leadcrm.leads.models.of_lead import OfLead, to_lead


class Document(OfLead, Base):
    """What an adviser calls a document. Its state and size are those of the newest version, number `version`."""

    __tablename__ = "documents_document"
    __table_args__ = (
        to_lead(),
        ForeignKeyConstraint(  # without the person it is still a document of the lead
            ["company_id", "lead_id", "person_id"],
            ["leads_person.company_id", "leads_person.lead_id", "leads_person.id"],
            ondelete="SET NULL (person_id)",
        ),
        UniqueConstraint("company_id", "lead_id", "id"),
        Index(None, "company_id", "lead_id", "created_at", "id"),
        Index(None, "company_id", "expires_on", postgresql_where=text("deleted_at IS NULL AND expires_on IS NOT NULL")),
        Index(None, "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Van", en="Of", category=Category.PROCESS)
    kind: Mapped[DocumentKind] = field(
        Choice(DocumentKind, room=30), nl="Soort", en="Kind", category=Category.PROCESS, audited=True, required=True,
        default=DocumentKind.OTHER,
    )
    name: Mapped[str] = field(
        FileName(), nl="Naam", en="Name", category=Category.PROCESS, personal=True, audited=True, required=True,
    )
    note: Mapped[str | None] = field(
        LongText(1_000), nl="Notitie", en="Note", category=Category.PROCESS, personal=True,
        help_nl="Geen gezondheid, geen BSN.", help_en="No health matters, no citizen service number.",
    )
    dated_on: Mapped[date | None] = field(
        Date(), nl="Datum van het document", en="Date of the document", category=Category.PROCESS,
        help_nl="Loonstroken en verklaringen ouder dan drie maanden vallen op.",
        help_en="Payslips and statements older than three months are flagged.",
    )
    expires_on: Mapped[date | None] = field(
        Date(), nl="Geldig tot en met", en="Valid until", category=Category.PROCESS,
        help_nl="Bijvoorbeeld van een identiteitsbewijs of offerte.",
        help_en="For example of an identity document or an offer.",
    )
    state: Mapped[State] = field(
        Choice(State), nl="Stand", en="State", category=Category.PROCESS, purpose=Purpose.SECURITY, audited=True,
        default=State.QUARANTINED,
    )
    reason: Mapped[str | None] = technical(
        String(60), nl="Waarom geweigerd", en="Why refused", category=Category.PROCESS, audited=True
    )
    arrived_through: Mapped[Through] = field(
        Choice(Through, room=20), nl="Hoe gekomen", en="How it came", category=Category.PROCESS, default=Through.UPLOAD,
    )
    version: Mapped[int] = technical(Integer(), nl="Versie", en="Version", category=Category.PROCESS, default=1)
    size: Mapped[int] = technical(BigInteger(), nl="Grootte", en="Size", category=Category.PROCESS)
    media_type: Mapped[str] = technical(String(100), nl="Bestandssoort", en="Type of file", category=Category.PROCESS)
    added_by: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    deleted_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Deleted", audited=True
    )


class Upload(OfLead, Base):
    """A file on its way in; its id is that of the spool that holds what has come so far.

    It stays for a while when all has come, so that a sender whose answer got lost does not send it again.
    """

    __tablename__ = "documents_upload"
    __table_args__ = (to_lead(), Index(None, "company_id", "lead_id"), Index(None, "created_at"))

    user_id: Mapped[UUID] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    name: Mapped[str] = field(
        FileName(), nl="Bestandsnaam", en="File name", category=Category.PROCESS, personal=True,
    )
    kind: Mapped[DocumentKind] = field(Choice(DocumentKind, room=30), nl="Soort", en="Kind", category=Category.PROCESS)
    length: Mapped[int] = technical(BigInteger(), nl="Grootte", en="Size", category=Category.PROCESS)
    document_id: Mapped[UUID | None] = technical(Uuid())  # of which it will be a new version
    made_id: Mapped[UUID | None] = technical(Uuid())  # the document that it became


class Version(OfLead, Base):
    """One file. A refused one has no bytes any more."""

    __tablename__ = "documents_version"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "lead_id", "document_id"],
            ["documents_document.company_id", "documents_document.lead_id", "documents_document.id"],
            ondelete="CASCADE", onupdate="CASCADE",
        ),
        ForeignKeyConstraint(["company_id", "blob_id"], ["core_blob.company_id", "core_blob.id"]),
        UniqueConstraint("company_id", "document_id", "number"),
        Index(None, "company_id", "lead_id", "document_id"),
        Index(None, "company_id", "blob_id"),
        Index(None, "created_at", postgresql_where=text("state = 'quarantined'")),
    )

    document_id: Mapped[UUID] = technical(Uuid())
    number: Mapped[int] = technical(Integer(), nl="Versie", en="Version", category=Category.PROCESS)
    blob_id: Mapped[UUID | None] = technical(Uuid())
    name: Mapped[str] = field(
        FileName(), nl="Bestandsnaam", en="File name", category=Category.PROCESS, personal=True,
    )
    size: Mapped[int] = technical(BigInteger(), nl="Grootte", en="Size", category=Category.PROCESS)
    media_type: Mapped[str] = technical(String(100), nl="Bestandssoort", en="Type of file", category=Category.PROCESS)
    digest: Mapped[bytes] = technical(LargeBinary())  # SHA-256 of what came in
    pages: Mapped[int | None] = technical(Integer(), nl="Pagina's", en="Pages", category=Category.PROCESS)
    state: Mapped[State] = field(
        Choice(State), nl="Stand", en="State", category=Category.PROCESS, purpose=Purpose.SECURITY, audited=True,
        default=State.QUARANTINED,
    )
    reason: Mapped[str | None] = technical(
        String(60), nl="Waarom geweigerd", en="Why refused", category=Category.PROCESS, audited=True
    )
    masked: Mapped[int] = technical(
        Integer(), nl="BSN's onleesbaar gemaakt", en="BSNs made unreadable", category=Category.PROCESS, default=0
    )
    scan: Mapped[str | None] = technical(
        String(100), nl="Virusscan", en="Virus scan", category=Category.SECURITY, audited=True
    )
    checked_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Gecontroleerd", en="Checked", category=Category.SECURITY
    )
    thumbnail: Mapped[bytes | None] = technical(
        LargeBinary(), category=Category.IDENTITY, personal=True, boxed=Boxed(), deferred=True
    )
    added_by: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    arrived_through: Mapped[Through] = field(
        Choice(Through, room=20), nl="Hoe gekomen", en="How it came", category=Category.PROCESS, default=Through.UPLOAD,
    )
