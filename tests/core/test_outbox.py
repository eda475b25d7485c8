"""Mail leaves after the commit, over verified TLS, once; what cannot leave waits."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import select

from leadcrm.core import outbox
from leadcrm.core.db import session
from leadcrm.core.outbox import OutboxMail
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.core.tls import TlsFiles, ensure_certificate
from tests.people import ANN
from tests.ports import free_port
from tests.world import viewer_of


class Letterbox:
    """What a mail server does with what it gets; one address it does not know."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.letters.append(envelope)
        return "250 OK"


class StartTls(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, tls_context=self.tls, require_starttls=True)

    tls: ssl.SSLContext


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return ensure_certificate(tmp_path_factory.mktemp("tls"), ("localhost", "127.0.0.1"))


@pytest.fixture
def mailbox(tls: TlsFiles) -> Iterator[tuple[Letterbox, int]]:
    """A real SMTP server that insists on STARTTLS."""
    box = Letterbox()
    server = StartTls(box, hostname="localhost", port=free_port())
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(tls.certificate, tls.key)
    server.start()
    yield box, server.port
    server.stop()


def deliver(app: Flask, port: int, ca: Path | None) -> None:
    config = app.extensions["config"]
    app.extensions["config"] = config.model_copy(
        update={"mail_server": "localhost", "mail_port": port, "mail_ca_file": ca}
    )
    try:
        with app.app_context(), viewing_as(Everything("mail of the tests")):
            outbox.deliver_waiting()
            session.commit()
    finally:
        app.extensions["config"] = config


def mails(app: Flask) -> list[OutboxMail]:
    with app.app_context(), viewing_as(Everything("mail of the tests")):
        found = list(session.scalars(select(OutboxMail).order_by(OutboxMail.created_at)))
        session.expunge_all()
        return found


def write(app: Flask, *recipients: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        for recipient in recipients:
            outbox.send(recipient, "Uw\r\nBcc: x@y.nl afspraak", "Tot morgen.")
        session.commit()


def test_it_leaves_once_and_its_text_is_dropped(app: Flask, worker_app: Flask, mailbox: Any, tls: TlsFiles) -> None:
    box, port = mailbox
    write(app, "jan@example.nl")
    for _ in range(2):
        deliver(worker_app, port, tls.certificate.parent / "ca.pem")
    assert [letter.rcpt_tos for letter in box.letters] == [["jan@example.nl"]]
    assert b"Tot morgen." in box.letters[0].content
    [mail] = mails(worker_app)
    assert mail.sent_at is not None and mail.body is None


@pytest.mark.asvs("V1.2.1", "V1.3.11")
def test_a_subject_cannot_smuggle_a_header(app: Flask, worker_app: Flask, mailbox: Any, tls: TlsFiles) -> None:
    box, port = mailbox
    write(app, "jan@example.nl")
    deliver(worker_app, port, tls.certificate.parent / "ca.pem")
    assert b"\r\nBcc:" not in box.letters[0].content


def test_a_refused_recipient_holds_up_nobody(app: Flask, worker_app: Flask, mailbox: Any, tls: TlsFiles) -> None:
    box, port = mailbox
    write(app, "nobody@example.nl", "jan@example.nl")
    deliver(worker_app, port, tls.certificate.parent / "ca.pem")
    assert len(box.letters) == 1
    assert [bool(mail.problem) for mail in mails(worker_app)] == [True, False]


@pytest.mark.asvs("V12.3.1", "V12.3.2")
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(app: Flask, worker_app: Flask, mailbox: Any) -> None:
    box, port = mailbox
    write(app, "jan@example.nl")
    with pytest.raises(ssl.SSLCertVerificationError):
        deliver(worker_app, port, None)
    assert box.letters == [] and mails(worker_app)[0].sent_at is None


def test_what_was_rolled_back_is_never_sent(app: Flask, worker_app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        outbox.send("jan@example.nl", "x", "y")
        session.rollback()
    assert mails(worker_app) == []


def test_without_a_server_it_waits(app: Flask, worker_app: Flask) -> None:
    write(app, "jan@example.nl")
    with worker_app.app_context(), viewing_as(Everything("mail of the tests")):
        outbox.deliver_waiting()
    assert mails(worker_app)[0].sent_at is None
