"""A mailbox read from a real IMAP server over TLS: everything once, nothing changed there, and no server that is not
who it says."""

# ruff: noqa: F811  fixtures
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.core.tls import TlsFiles, ensure_certificate
from leadcrm.intake.models.inlet import Mailbox
from leadcrm.intake.models.terms import State, Why
from leadcrm.intake.services import polling
from tests.intake.conftest import As, Given, arrivals, as_, given, make_source, work  # noqa: F401  its fixtures
from tests.intake.test_mail import LINES, mail
from tests.people import HOME, MEG
from tests.ports import free_port

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SENTENCE = "No dovecot: install dovecot-imapd to read mailboxes from a real server."
CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = required
ssl_cert = <{tls.certificate}
ssl_key = <{tls.key}
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mail
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
passdb {{
  driver = static
  args = password=een-mailwachtwoord
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""
Arrivals = Callable[[], list[Any]]


@dataclass
class Server:
    folder: Path
    port: int
    tls: TlsFiles

    def deliver(self, raw: bytes, name: str, folder: str = "") -> None:
        """As a mail server does: into `new` of the maildir."""
        place = self.folder / "mail" / folder
        for part in ("new", "cur", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        (place / "new" / name).write_bytes(raw)
        for each in (place, *place.rglob("*")):
            shutil.chown(each, "nobody", "nogroup")

    def names(self) -> set[str]:
        found = (self.folder / "mail").rglob("*")
        return {file.name for file in found if file.parent.name in ("new", "cur")}


@pytest.fixture
def imap(tmp_path: Path) -> Iterator[Server]:
    if DOVECOT is None or os.getuid() != 0:
        pytest.fail(SENTENCE) if os.environ.get("CI") == "true" else pytest.skip(SENTENCE)
    for place in (tmp_path, *list(tmp_path.parents)[:3]):
        place.chmod(0o755)
    port = free_port()
    made = Server(tmp_path, port, ensure_certificate(tmp_path / "tls", ("localhost",)))
    (tmp_path / "mail").mkdir()
    shutil.chown(tmp_path / "mail", "nobody", "nogroup")
    config = tmp_path / "dovecot.conf"
    config.write_text(CONFIG.format(folder=tmp_path, port=port, tls=made.tls))
    process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(config)])
    try:
        wait(port, process)
        yield made
    finally:
        process.terminate()
        process.wait(20)


def wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise RuntimeError("dovecot did not start")


@pytest.fixture
def configured(app: Flask, worker_app: Flask, imap: Server) -> Iterator[Any]:
    """The worker trusts this server's authority, and may go to it within this machine."""
    before, authority = worker_app.extensions["config"], imap.tls.certificate.parent / "ca.pem"
    values = {"mail_ca_file": authority, "private_mail_networks": ("127.0.0.0/8", "::1/128")}
    yield SimpleNamespace(trust=lambda **more: use(worker_app, before, values | more))
    worker_app.extensions["config"] = before


def use(app: Flask, config: Any, values: dict[str, Any]) -> None:
    app.extensions["config"] = config.model_copy(update=values)


@pytest.fixture
def mailbox(as_: As, given: Given, imap: Server) -> Callable[..., None]:
    def kept(**values: Any) -> None:
        with as_(MEG):
            known = polling.of_inlet(given.inlet_id)
            box = known or Mailbox(company_id=HOME, inlet_id=given.inlet_id)
            usual = {"host": "localhost", "port": imap.port, "username": "kantoor", "folder": "INBOX", "active": True}
            for name, value in (usual | values).items():
                setattr(box, name, value)
            polling.keep(box, values.get("password", "een-mailwachtwoord"))

    return kept


@pytest.fixture
def poll(worker_app: Flask) -> Callable[[], str | None]:
    def done() -> str | None:
        with worker_app.app_context(), viewing_as(Everything("as the job")):
            polling.poll_all()
            session.commit()
            problem: str | None = session.scalars(select(Mailbox)).one().problem
            return problem

    return done


def test_every_mail_is_taken_once_and_left_as_it_was(
    configured: Any, imap: Server, mailbox: Any, poll: Any, work: Any, arrivals: Arrivals
) -> None:
    configured.trust()
    mailbox()
    imap.deliver(mail(LINES, Message_ID="<one@x>"), "1.a.host")
    imap.deliver(mail(LINES.replace("Jan", "Els"), Message_ID="<two@x>"), "2.a.host")
    assert poll() is None and poll() is None
    assert len(arrivals()) == 2
    imap.deliver(mail(LINES, Message_ID="<one@x>"), "3.a.host")  # delivered a second time
    imap.deliver(mail("x" * 6_000_000, Message_ID="<large@x>"), "4.a.host")
    assert poll() is None
    work()
    states = sorted(str(each.state) for each in arrivals())
    assert states == ["lead", "lead", "quarantined"]
    assert [each.why for each in arrivals() if each.state == State.QUARANTINED] in ([Why.UNREAD], [Why.INVALID])
    assert not any(",S" in name or ":2,S" in name for name in imap.names())  # nobody has read them


def test_a_folder_by_its_name(configured: Any, imap: Server, mailbox: Any, poll: Any, arrivals: Arrivals) -> None:
    configured.trust()
    imap.deliver(mail(), "1.a.host", ".Leads")
    mailbox(folder="Leads")
    assert poll() is None and len(arrivals()) == 1
    mailbox(folder='Is er "niet"')
    assert poll() == "folder"


def test_a_wrong_password_is_said(configured: Any, imap: Server, mailbox: Any, poll: Any, arrivals: Arrivals) -> None:
    configured.trust()
    imap.deliver(mail(), "1.a.host")
    mailbox(password="een ander")
    assert poll() == "password" and arrivals() == []
    mailbox()
    assert poll() is None and len(arrivals()) == 1


@pytest.mark.parametrize(("values", "trusted", "problem"), [
    ({}, {"mail_ca_file": None}, "certificate"),  # an authority that nobody knows
    ({"host": "127.0.0.1"}, {}, "certificate"),  # another name than the certificate's
    ({}, {"private_mail_networks": ()}, "not_allowed"),  # within this machine, where a company may not lead us
    ({"host": "nergens.invalid"}, {}, "unknown_host"),
])  # fmt: skip
def test_nothing_is_read_from_who_may_be_somebody_else(
    configured: Any, imap: Server, mailbox: Any, poll: Any, arrivals: Arrivals, values: Any, trusted: Any,
    problem: str,
) -> None:  # fmt: skip
    configured.trust(**trusted)
    imap.deliver(mail(), "1.a.host")
    mailbox(**values)
    assert poll() == problem and arrivals() == []
