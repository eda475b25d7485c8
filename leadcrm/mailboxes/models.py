"""The account with which a company sends its mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, DateTime, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.kinds import Invalid, Kind, too_long
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.people import Email
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import Scope, Scoped, Viewer


class Security(Terms):
    """Mail never travels in clear: there is no third choice."""

    STARTTLS = "starttls", "STARTTLS (meestal poort 587)", "STARTTLS (mostly port 587)"
    TLS = "tls", "TLS vanaf het begin (meestal poort 465)", "TLS from the start (mostly port 465)"


@dataclass(frozen=True)
class HostName(Kind):
    """The name of a server on the internet; its address is looked up, and judged, whenever mail leaves."""

    input_type: ClassVar[str] = "text"
    inputmode: ClassVar[str] = "url"

    def read(self, text: str) -> str:
        name = text.lower().rstrip(".")
        labels = name.split(".")
        fit = all(0 < len(label) <= 63 and label.replace("-", "").isalnum() and label.isascii() for label in labels)
        if len(name) > 253 or not fit:
            raise Invalid(_("This is not the name of a server. Type it like smtp.example.nl."))
        return name

    def column_type(self) -> String:
        return String(253)


@dataclass(frozen=True)
class MailPassword(Kind):
    """Taken as it is typed, spaces too; shown to nobody."""

    longest: int = 1024

    input_type: ClassVar[str] = "password"

    def parse(self, raw: str) -> str | None:
        if len(raw) > self.longest:
            raise too_long(self.longest)
        if not raw.isprintable():
            raise Invalid(_("This contains characters that cannot be stored. Type it again instead of pasting it."))
        return raw or None

    def show(self, value: str | None) -> str:
        return self.mask(value)

    def edit(self, value: str | None) -> str:
        return ""


class Account(Scoped, CompanyRow, Stamped, Base):
    """One a company. The password is sealed with the company's key, and opened for its mail server only."""

    __tablename__ = "mailboxes_account"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]), UniqueConstraint("company_id"),
    )

    host: Mapped[str] = field(
        HostName(), nl="Mailserver", en="Mail server", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        audited=True, required=True, help_nl="Zoals smtp.uwprovider.nl.", help_en="Such as smtp.yourprovider.nl.",
    )
    port: Mapped[int] = field(
        Whole(1, 65_535), nl="Poort", en="Port", category=Category.ACCOUNT, purpose=Purpose.SERVICE, audited=True,
        required=True,
    )
    security: Mapped[Security] = field(
        Choice(Security), nl="Beveiliging", en="Security", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        audited=True, required=True,
    )
    username: Mapped[str] = field(
        Text(254), nl="Gebruikersnaam", en="User name", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        personal=True, audited=True, required=True,
    )
    password: Mapped[Sealed | None] = field(
        MailPassword(), nl="Wachtwoord", en="Password", category=Category.SECURITY, purpose=Purpose.SERVICE,
        sensitive=True,
    )
    sender: Mapped[str] = field(
        Email(), nl="Afzenderadres", en="Sender address", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        audited=True, required=True, help_nl="Van dit adres komt de mail van uw bedrijf.",
        help_en="Your company's mail comes from this address.",
    )
    sender_name: Mapped[str | None] = field(
        Text(80), nl="Afzendernaam", en="Sender name", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        audited=True,
    )
    proven_at: Mapped[datetime | None] = technical(DateTime(timezone=True), nl="Werkt sinds", en="Works since")
    problem: Mapped[str | None] = technical(String(40), nl="Fout", en="Problem")
    problem_at: Mapped[datetime | None] = technical(DateTime(timezone=True), nl="Fout sinds", en="Problem since")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The managers' of the company; agents send with it and never see it."""
        if viewer.scope == Scope.COMPANY:
            return cls.company_id == viewer.company_id
        return super().visible_to(viewer)
