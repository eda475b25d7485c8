"""Mail as rows first: written in the transaction that causes it, delivered by a job after the commit."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Index, String, Text, select
from sqlalchemy.orm import Mapped

from leadcrm.core.config import Config, current_config
from leadcrm.core.db import Base, CompanyRow, Stamped, now, session
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.jobs import checkpoint, defer, job
from leadcrm.core.scope import Scope, Scoped, Viewer, signed_in_viewer

TIMEOUT_SECONDS = 20


class OutboxMail(Scoped, CompanyRow, Stamped, Base):
    """A mail that waits or has gone; the body is dropped once it is delivered."""

    __tablename__ = "core_outbox"
    __table_args__ = (Index(None, "sent_at", "created_at"),)

    recipient: Mapped[str] = technical(Text(), nl="Aan", en="To", category=Category.CONTACT, personal=True)
    subject: Mapped[str] = technical(Text(), nl="Onderwerp", en="Subject", category=Category.CONTACT, personal=True)
    body: Mapped[str | None] = technical(Text(), nl="Tekst", en="Text", category=Category.CONTACT, personal=True)
    sent_at: Mapped[datetime | None] = technical(DateTime(timezone=True), nl="Verzonden", en="Sent")
    problem: Mapped[str | None] = technical(Text(), nl="Fout", en="Problem")
    through: Mapped[str | None] = technical(String(20), nl="Verzonden via", en="Sent through")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.scope in (Scope.OWN, Scope.COMPANY, Scope.NONE):
            return cls.company_id == viewer.company_id
        return super().visible_to(viewer)


def send(recipient: str, subject: str, body: str, company_id: UUID | None = None) -> OutboxMail:
    """Queue a mail in this transaction; nothing leaves before the commit."""
    mail = OutboxMail(
        company_id=company_id or signed_in_viewer().company_id,
        recipient=recipient,
        subject=" ".join(subject.split()),
        body=body,
    )
    session.add(mail)
    session.flush()
    defer(deliver_waiting, once="deliver mail")
    return mail


@job(queue="mail", retries=5, cron="*/5 * * * *", reason="mail of every company leaves through one server")
def deliver_waiting() -> None:
    """Send what waits. A refused recipient is noted on the mail; a server that is down lets the job try again later."""
    config = current_config()
    if config.mail_server is None:
        return
    waiting = session.scalars(
        select(OutboxMail.id).where(OutboxMail.sent_at.is_(None), OutboxMail.problem.is_(None))
    ).all()
    for ident in waiting:
        _deliver(config, session.get(OutboxMail, ident))
        checkpoint()


def _deliver(config: Config, mail: OutboxMail) -> None:
    try:
        message = _message(config, mail)
    except ValueError as problem:  # an address that no header can hold
        mail.problem = type(problem).__name__
        return
    try:
        with connected(config) as server:
            server.send_message(message)
        mail.sent_at, mail.body = now(), None
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as problem:
        mail.problem = type(problem).__name__


def _message(config: Config, mail: OutboxMail) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = config.mail_sender, mail.recipient, mail.subject
    message.set_content(mail.body or "")
    return message


def connected(config: Config) -> smtplib.SMTP:
    """A signed-in connection over verified TLS; plain SMTP is not offered."""
    context = ssl.create_default_context(cafile=str(config.mail_ca_file) if config.mail_ca_file else None)
    host = config.mail_server or ""
    if config.mail_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, config.mail_port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(host, config.mail_port, timeout=TIMEOUT_SECONDS)
        server.starttls(context=context)
    if config.mail_user and config.mail_password_file:
        server.login(config.mail_user, config.mail_password_file.read_text(encoding="utf-8").strip())
    return server
