"""Mail as rows first: written in the transaction that causes it, delivered by a job after the commit."""

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Index, String, Text, select
from sqlalchemy.orm import Mapped

from leadcrm.core.config import Config, current_config
from leadcrm.core.db import Base, CompanyRow, Stamped, now, session
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.jobs import Rank, checkpoint, defer, job
from leadcrm.core.mailing import Server, connect, kind_of
from leadcrm.core.scope import Scope, Scoped, Viewer, signed_in_viewer

PLATFORM = "platform"


@dataclass(frozen=True)
class Route:
    """How mail of one company leaves, when not as the platform's. Told what became of it, it says so to people."""

    name: str
    server: Server
    sender: str
    sender_name: str
    failed: Callable[[str], None]  # a word of mailing.kind_of(); the mail leaves as the platform's instead
    worked: Callable[[], None]


_routes: list[Callable[[UUID], Route | None]] = []


def route_through(find: Callable[[UUID], Route | None]) -> None:
    """A plugin's answer to how a company's mail leaves; the first that has one counts."""
    if find not in _routes:
        _routes.append(find)


class OutboxMail(Scoped, CompanyRow, Stamped, Base):
    """A mail that waits or has gone; the body is dropped once it is delivered."""

    __tablename__ = "core_outbox"
    __table_args__ = (Index(None, "sent_at", "created_at"),)

    recipient: Mapped[str] = technical(Text(), nl="Aan", en="To", category=Category.CONTACT, personal=True)
    subject: Mapped[str] = technical(Text(), nl="Onderwerp", en="Subject", category=Category.CONTACT, personal=True)
    body: Mapped[str | None] = technical(Text(), nl="Tekst", en="Text", category=Category.CONTACT, personal=True)
    calendar: Mapped[str | None] = technical(  # an invitation (iCalendar with its METHOD), dropped with the body
        Text(), nl="Uitnodiging", en="Invitation", category=Category.CONTACT, personal=True
    )
    sent_at: Mapped[datetime | None] = technical(DateTime(timezone=True), nl="Verzonden", en="Sent")
    problem: Mapped[str | None] = technical(Text(), nl="Fout", en="Problem")
    through: Mapped[str | None] = technical(String(20), nl="Verzonden via", en="Sent through")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.scope in (Scope.OWN, Scope.COMPANY, Scope.NONE):
            return cls.company_id == viewer.company_id
        return super().visible_to(viewer)


def send(
    recipient: str, subject: str, body: str, company_id: UUID | None = None, calendar: str | None = None
) -> OutboxMail:
    """Queue a mail in this transaction; nothing leaves before the commit. `calendar`: an invitation that goes along."""
    mail = OutboxMail(
        company_id=company_id or signed_in_viewer().company_id,
        recipient=recipient,
        subject=" ".join(subject.split()),
        body=body,
        calendar=calendar,
    )
    session.add(mail)
    session.flush()
    defer(deliver_waiting, once="deliver mail")
    return mail


@job(
    queue="mail", retries=5, cron="*/5 * * * *", rank=Rank.PERSON, reason="mail of every company leaves from one place"
)
def deliver_waiting() -> None:
    """Send what waits. A refused recipient is noted on the mail; a server that is down lets the job try again later."""
    config = current_config()
    waiting = session.scalars(
        select(OutboxMail.id).where(OutboxMail.sent_at.is_(None), OutboxMail.problem.is_(None))
    ).all()
    for ident in waiting:
        mail = session.get(OutboxMail, ident)
        if mail is not None and not _left_through_own(mail) and config.mail_server is not None:
            _deliver(mail, platform_server(config), config.mail_sender, PLATFORM)
        checkpoint()


def _left_through_own(mail: OutboxMail) -> bool:
    """Through the company's own account. When that fails, its managers are told, and the mail does not wait for it."""
    route = next((found for find in _routes if (found := find(mail.company_id)) is not None), None)
    if route is None:
        return False
    try:
        _deliver(mail, route.server, formataddr((route.sender_name, route.sender)), route.name)
    except (OSError, smtplib.SMTPException) as problem:
        route.failed(kind_of(problem))
        return False
    if mail.sent_at is not None:
        route.worked()
    return True


def _deliver(mail: OutboxMail, server: Server, sender: str, through: str) -> None:
    try:
        message = _message(mail, sender)
    except ValueError as problem:  # an address that no header can hold
        mail.problem = type(problem).__name__
        return
    try:
        with connect(server) as connection:
            connection.send_message(message)
        mail.sent_at, mail.body, mail.calendar, mail.through = now(), None, None, through
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as problem:
        mail.problem = type(problem).__name__


def _message(mail: OutboxMail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.recipient, mail.subject
    message.set_content(mail.body or "")
    if mail.calendar:
        _invite(message, mail.calendar)
    return message


def _invite(message: EmailMessage, calendar: str) -> None:
    """Twice: mail programs act on the alternative, people without a calendar in theirs open the attachment."""
    method = re.search(r"^METHOD:([A-Z]+)\r?$", calendar, re.MULTILINE)
    said = {"method": method[1] if method else "PUBLISH"}
    message.add_alternative(calendar, subtype="calendar", params=said, cte="base64")
    message.add_attachment(calendar, subtype="calendar", params=said, cte="base64", filename="invite.ics")


def platform_server(config: Config) -> Server:
    """The one that the configuration names."""
    file = config.mail_password_file
    password = file.read_text(encoding="utf-8").strip() if config.mail_user and file else None
    return Server(
        config.mail_server or "", config.mail_port, config.mail_security, config.mail_user, password,
        config.mail_ca_file,
    )


def connected(config: Config) -> smtplib.SMTP:
    """A signed-in connection to the platform's server over verified TLS; plain SMTP is not offered."""
    return connect(platform_server(config))
