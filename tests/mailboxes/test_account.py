"""A company's own mail account: only its server sees its password, and mail never takes another way in silence."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from flask import Flask
from sqlalchemy import select

from leadcrm.core import outbox
from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.core.tls import TlsFiles, ensure_certificate
from leadcrm.mailboxes.models import Account
from tests.core.test_outbox import Letterbox, StartTls
from tests.people import ADA, ANN, EVE, MEG, Person
from tests.ports import free_port
from tests.world import Browser, sign_in_as, viewer_of

PAGE, SECRET = "/mailboxes/", "zeer geheim van de provider"
ClientAs = Callable[[Person], Browser]


class OfCompany(StartTls):
    """A mail server that wants user name and password."""

    def factory(self) -> SMTP:
        def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
            return AuthResult(success=data.password.decode() == SECRET, handled=False)

        return SMTP(
            self.handler, tls_context=self.tls, require_starttls=True, auth_required=True, authenticator=check,
        )


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return ensure_certificate(tmp_path_factory.mktemp("tls"), ("localhost", "127.0.0.1"))


def serving(kind: Any, tls: TlsFiles) -> Any:
    server = kind(Letterbox(), hostname="localhost", port=free_port())
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(tls.certificate, tls.key)
    server.start()
    return server


@pytest.fixture
def own(tls: TlsFiles) -> Iterator[Any]:
    server = serving(OfCompany, tls)
    yield server
    server.stop()


@pytest.fixture
def platform(tls: TlsFiles) -> Iterator[Any]:
    server = serving(StartTls, tls)
    yield server
    server.stop()


@pytest.fixture
def configured(app: Flask, worker_app: Flask, platform: Any, tls: TlsFiles) -> Iterator[None]:
    """The platform has a server too; both stand on this machine, which the installation permits."""
    before = app.extensions["config"]
    changed = before.model_copy(update={
        "mail_server": "localhost", "mail_port": platform.port, "mail_ca_file": tls.certificate.parent / "ca.pem",
        "private_mail_networks": ("127.0.0.0/8", "::1/128"),
    })
    for each in (app, worker_app):
        each.extensions["config"] = changed
    yield
    for each in (app, worker_app):
        each.extensions["config"] = before


def form(port: int, **more: str) -> dict[str, str]:
    return {
        "sender": "info@hypotheekhoek.nl", "sender_name": "De Hypotheekhoek", "host": "localhost",
        "security": "starttls", "port": str(port), "username": "info", "password": SECRET,
    } | more


def deliver(app: Flask, company: Person = ANN) -> None:
    with app.app_context(), viewing_as(viewer_of(company)):
        outbox.send("jan@example.nl", "Uw afspraak", "Tot morgen.")
        session.commit()


def run(worker_app: Flask) -> None:
    with worker_app.app_context(), viewing_as(Everything("mail of the tests")):
        outbox.deliver_waiting()
        session.commit()


def asked(admin_url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        cursor = admin.execute(statement)  # type: ignore[arg-type]  # written in these tests
        return cursor.fetchall() if cursor.description else []


def test_the_whole_way(
    app: Flask, worker_app: Flask, client_as: ClientAs, own: Any, platform: Any, configured: None, admin_url: str
) -> None:
    meg = client_as(MEG)
    assert meg.send(PAGE, form(own.port)).status_code == 303
    deliver(app)
    run(worker_app)  # not tried yet: as the platform's
    assert len(platform.handler.letters) == 1 and own.handler.letters == []
    tried = meg.send(f"{PAGE}test", follow_redirects=True)
    assert MEG.email in tried.text and [letter.rcpt_tos for letter in own.handler.letters] == [[MEG.email]]
    deliver(app)
    run(worker_app)
    assert own.handler.letters[-1].rcpt_tos == ["jan@example.nl"] and len(platform.handler.letters) == 1
    assert b"From: De Hypotheekhoek <info@hypotheekhoek.nl>" in own.handler.letters[-1].content
    through = asked(admin_url, "SELECT through FROM core_outbox ORDER BY created_at")
    assert through == [("platform",), ("mailboxes",)]


def test_other_companies_mail_leaves_as_before(
    app: Flask, worker_app: Flask, client_as: ClientAs, own: Any, platform: Any, configured: None
) -> None:
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port))
    meg.send(f"{PAGE}test")
    deliver(app, EVE)
    run(worker_app)
    assert [letter.rcpt_tos for letter in platform.handler.letters] == [["jan@example.nl"]]


@pytest.mark.asvs("V16.5.2")
def test_a_failing_account_is_told_and_mail_does_not_wait(
    app: Flask, worker_app: Flask, client_as: ClientAs, own: Any, platform: Any, configured: None, admin_url: str
) -> None:
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port))
    meg.send(f"{PAGE}test")
    asked(admin_url, f"UPDATE mailboxes_account SET port = {free_port()}")  # as if it were down
    deliver(app)
    run(worker_app)
    assert len(platform.handler.letters) == 1
    assert asked(admin_url, "SELECT through FROM core_outbox") == [("platform",)]
    assert asked(admin_url, "SELECT problem FROM mailboxes_account") == [("no_answer",)]
    assert asked(admin_url, "SELECT kind FROM core_notice") == [("mail account",)]
    assert asked(admin_url, "SELECT count(*) FROM core_audit_line WHERE action = 'mail account failed'") == [(1,)]
    assert "werkt niet" in meg.get(PAGE).text
    asked(admin_url, f"UPDATE mailboxes_account SET port = {own.port}")
    deliver(app)
    run(worker_app)
    assert asked(admin_url, "SELECT problem FROM mailboxes_account") == [(None,)]


def test_the_password_is_sealed_and_never_shown(
    client_as: ClientAs, own: Any, configured: None, admin_url: str, worker_app: Flask
) -> None:
    meg = client_as(MEG)
    pages = [meg.send(PAGE, form(own.port), follow_redirects=True).text, meg.get(PAGE).text]
    pages.append(meg.send(PAGE, form(own.port, sender="geen adres")).text)
    assert not [page for page in pages if SECRET in page]
    dump = asked(admin_url, "SELECT mailboxes_account::text FROM mailboxes_account")
    lines = asked(admin_url, "SELECT body FROM core_audit_line")
    assert SECRET.encode().hex() not in str(dump) and SECRET not in str(dump) + str(lines)
    with worker_app.app_context(), viewing_as(Everything("the password of the tests")):
        assert SECRET not in repr(session.scalars(select(Account)).one().password)


@pytest.mark.parametrize(
    "change", [{"host": "127.0.0.1"}, {"port": "2525"}, {"username": "ander"}, {"security": "tls"}], ids=str
)
def test_another_server_does_not_get_the_old_password(
    client_as: ClientAs, own: Any, configured: None, admin_url: str, change: dict[str, str]
) -> None:
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port))
    before = asked(admin_url, "SELECT host, port, username, password FROM mailboxes_account")
    assert meg.send(PAGE, form(own.port, password="") | change).status_code == 422
    assert asked(admin_url, "SELECT host, port, username, password FROM mailboxes_account") == before
    assert meg.send(PAGE, form(own.port, password="", sender_name="Kantoor")).status_code == 303


def test_new_settings_count_as_untried(client_as: ClientAs, own: Any, configured: None, admin_url: str) -> None:
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port))
    meg.send(f"{PAGE}test")
    assert asked(admin_url, "SELECT proven_at IS NULL FROM mailboxes_account") == [(False,)]
    meg.send(PAGE, form(own.port, password="", sender="ander@hypotheekhoek.nl"))
    assert asked(admin_url, "SELECT proven_at IS NULL FROM mailboxes_account") == [(True,)]


def test_what_goes_wrong_is_said(client_as: ClientAs, own: Any, configured: None, app: Flask) -> None:
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port, password="verkeerd wachtwoord"))
    assert "wachtwoord niet" in meg.send(f"{PAGE}test", follow_redirects=True).text
    meg.send(PAGE, form(free_port()))
    assert "antwoordt niet" in meg.send(f"{PAGE}test", follow_redirects=True).text


@pytest.mark.asvs("V12.3.2")
def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    client_as: ClientAs, own: Any, configured: None, app: Flask
) -> None:
    app.extensions["config"] = app.extensions["config"].model_copy(update={"mail_ca_file": None})
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port))
    assert "certificaat" in meg.send(f"{PAGE}test", follow_redirects=True).text.lower()
    assert own.handler.letters == []


def test_a_server_inside_is_refused_without_permission(
    client_as: ClientAs, own: Any, configured: None, app: Flask
) -> None:
    app.extensions["config"] = app.extensions["config"].model_copy(update={"private_mail_networks": ()})
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port))
    assert "openbare mailserver" in meg.send(f"{PAGE}test", follow_redirects=True).text
    assert own.handler.letters == []


@pytest.mark.parametrize("person", [ANN, EVE, ADA])
def test_it_is_the_managers(client_as: ClientAs, person: Person) -> None:
    assert client_as(person).get(PAGE).status_code == 403


def test_saving_asks_for_the_second_factor_again(app: Flask, admin_url: str, own: Any) -> None:
    browser = sign_in_as(app, MEG, admin_url, stepped_up=False)
    browser.send(PAGE, form(own.port))
    assert asked(admin_url, "SELECT count(*) FROM mailboxes_account") == [(0,)]


def test_removed_is_gone(client_as: ClientAs, own: Any, configured: None, admin_url: str) -> None:
    meg = client_as(MEG)
    meg.send(PAGE, form(own.port))
    assert meg.send(f"{PAGE}remove").status_code == 303
    assert asked(admin_url, "SELECT count(*) FROM mailboxes_account") == [(0,)]
    assert meg.send(f"{PAGE}remove").status_code == 404 and meg.send(f"{PAGE}test").status_code == 404
