"""The screen of the trail: who sees which lines, in words, as a file; refusals and changed settings are in it."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from leadcrm.core import audit, refusals
from leadcrm.core.audit import AuditLine
from leadcrm.core.config import Config
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.scope import viewing_as
from leadcrm.core.tls import ensure_certificate
from leadcrm.leads.models.lead import Lead
from leadcrm.trail import commands, jobs
from leadcrm.trail.services import anchors, settings, witnesses
from tests.auth.conftest import Query
from tests.people import ADA, ANN, BOB, ELSEWHERE, EVE, HOME, MEG, Person
from tests.trail.tampering import as_maintenance, tamper, write
from tests.world import Browser, viewer_of

ClientAs = Callable[[Person], Browser]
PAGE = "/admin/trail/"


@pytest.fixture
def lead(app: Flask) -> Lead:
    """Ann made it, moved it on, and looked at a hidden value."""
    with app.app_context(), viewing_as(viewer_of(ANN)):
        made = Lead(company_id=HOME, owner_id=ANN.id, reference="trail-1", stage="new")
        session.add(made)
        session.commit()
        made.stage = "assigned"  # type: ignore[assignment]  # a plain value is as good
        audit.note("revealed", made, fields=["iban"])
        session.commit()
        session.refresh(made)
        session.expunge(made)
    return made


def test_a_manager_reads_words_and_goes_to_the_lead(client_as: ClientAs, lead: Lead) -> None:
    page = client_as(MEG).get(PAGE).text
    for words in (ANN.name, "afgeschermde gegevens bekeken", "gewijzigd", "toegevoegd", f"/leads/{lead.id}"):
        assert words in page, words
    assert "leads_lead" not in page.partition("<table")[2] and "revealed" not in page.partition("<table")[2]


def test_who_sees_which_chain(client_as: ClientAs, lead: Lead) -> None:
    for person in (ANN, BOB, EVE):
        assert client_as(person).get(PAGE).status_code == 403
    own = client_as(ADA).get(PAGE).text
    assert str(lead.id) not in own
    of_home = client_as(ADA).get(f"{PAGE}?company={HOME}").text
    assert "afgeschermde gegevens bekeken" in of_home and "toegevoegd</td>" not in of_home
    assert f"/leads/{lead.id}" not in of_home
    with_foreign = client_as(MEG).get(f"{PAGE}?company={ELSEWHERE}")
    assert with_foreign.status_code == 200 and "Niets in het logboek" in with_foreign.text


def test_who_signs_in_is_named(app: Flask, client_as: ClientAs) -> None:
    with app.app_context(), viewing_as(None):
        audit.note("signed in", company_id=HOME, subject="auth_user", user=str(BOB.id))
        session.commit()
    assert BOB.name in client_as(MEG).get(PAGE).text.partition("<tbody>")[2]


def test_wall_two_holds_alone(app: Flask, lead: Lead) -> None:
    with app.app_context():
        everything: set[str] = {"created", "changed", "revealed"}
        for person, actions in ((MEG, everything), (ADA, {"revealed"}), (ANN, set()), (EVE, set())):
            with viewing_as(viewer_of(person)):
                rows = session.connection().exec_driver_sql(
                    "SELECT action FROM core_audit_line WHERE company_id = %s", (HOME,)
                )
                assert set(rows.scalars()) == actions, person.name
                session.rollback()


@pytest.mark.parametrize(
    ("asked", "found"),
    [("", 3), (f"who={ANN.id}", 3), (f"who={BOB.id}", 0), ("action=revealed", 1), ("subject=leads_lead", 3),
     ("subject=auth_user", 0), ("since=1-1-2020", 3), ("until=1-1-2020", 0), ("action=nonsense&since=gisteren", 3),
     (f"row={HOME}", 0)],
)  # fmt: skip
@pytest.mark.usefixtures("lead")
def test_filters(client_as: ClientAs, asked: str, found: int) -> None:
    assert client_as(MEG).get(f"{PAGE}?{asked}").text.partition("<tbody>")[2].count("<tr>") == found


def test_pages_by_key(app: Flask, client_as: ClientAs) -> None:
    write(app, 60)
    meg = client_as(MEG)
    first = meg.get(PAGE).text
    older = first.partition('id="page-older" rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert first.partition("<tbody>")[2].count("<tr>") == 50
    assert meg.get(older).text.partition("<tbody>")[2].count("<tr>") == 10


def test_the_download_is_whole_and_noted(client_as: ClientAs, lead: Lead, query: Query) -> None:
    meg = client_as(MEG)
    answer = meg.send(f"{PAGE}export", {"action": "revealed"})
    assert query("SELECT count(*) FROM core_audit_line WHERE action = 'exported'") == [(1,)]
    lines = meg.get(answer.location).text.splitlines()
    assert len(lines) == 2 and "afgeschermde gegevens bekeken" in lines[1] and str(lead.id) in lines[1]


def refusals_in(query: Query, action: str = "refused") -> list[dict[str, Any]]:
    return [json.loads(row[0]) for row in query("SELECT body FROM core_audit_line WHERE action = %s", action)]


@pytest.mark.asvs("V16.3.2")
def test_refused_access_is_in_the_trail(client_as: ClientAs, query: Query) -> None:
    ann, foreign = client_as(ANN), uuid4()
    ann.get("/admin/users")
    ann.get(f"/leads/{foreign}")
    ann.get("/no/such/page")
    told = sorted(refusals_in(query), key=lambda body: body["details"]["status"])
    assert [body["details"]["status"] for body in told] == [403, 404]
    assert told[1]["details"]["asked"] == {"lead_id": str(foreign)}
    assert {body["actor_id"] for body in told} == {str(ANN.id)}


def test_strangers_and_scanners_fill_nothing(
    client_as: ClientAs, stranger: Browser, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "KEPT_AN_HOUR", 3)
    stranger.get("/admin/users")
    ann = client_as(ANN)
    for _ in range(8):
        ann.get(f"/leads/{uuid4()}")
    assert len(refusals_in(query)) == 3
    assert len(refusals_in(query, "refused many times")) == 1


def test_changed_settings_are_noted_and_secrets_are_not(worker_app: Flask, own_instance: Config, query: Query) -> None:
    with as_maintenance(worker_app):
        assert settings.note_changes(own_instance)
    with as_maintenance(worker_app):
        assert settings.note_changes(own_instance) == []
    changed = own_instance.model_copy(update={"session_hours": 6, "database_url": "postgresql://x:geheimpje@db/x"})
    with as_maintenance(worker_app):
        assert settings.note_changes(changed) == ["database_url", "session_hours"]
    (body,) = refusals_in(query, "configuration changed")
    assert body["details"]["changes"] == {"database_url": "changed", "session_hours": ["12", "6"]}
    assert "geheimpje" not in str(query("SELECT value FROM trail_setting"))


def test_the_job_anchors_and_tells_when_nobody_listens(worker_app: Flask, own_instance: Config, query: Query,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    unheard = own_instance.model_copy(update={"anchor_syslog": "tls://127.0.0.1:1", "anchor_mail": "anker@example.org"})
    monkeypatch.setitem(worker_app.extensions, "config", unheard)
    with as_maintenance(worker_app):
        jobs.anchor()
    assert query("SELECT kind FROM core_notice") == [("anchor",)]
    ((recipient, body),) = query("SELECT recipient, body FROM core_outbox")
    assert recipient == "anker@example.org" and json.loads(body)["number"] == 1


ANCHOR = anchors.Anchor(7, '{"number":7}', 1)
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_an_anchor_goes_to_syslog_over_verified_tls(tmp_path: Path, own_instance: Config) -> None:
    files = ensure_certificate(tmp_path / "tls", ("localhost",))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def listen() -> None:
            for _ in range(2):
                plain, _address = server.accept()
                try:
                    with context.wrap_socket(plain, server_side=True) as secured:
                        heard.append(secured.recv(4096))
                except OSError:
                    plain.close()

        thread = threading.Thread(target=listen)
        thread.start()
        trusting = {"anchor_syslog": f"tls://localhost:{port}", "anchor_syslog_ca_file": tmp_path / "tls" / "ca.pem"}
        assert witnesses.send(own_instance.model_copy(update=trusting), ANCHOR, AT) == []
        stranger = {"anchor_syslog": f"tls://localhost:{port}"}
        assert witnesses.send(own_instance.model_copy(update=stranger), ANCHOR, AT) == ["syslog"]
        thread.join(90)
    content = witnesses.message(ANCHOR, AT)
    assert heard[0] == b"%d " % len(content) + content and heard[1:] in ([], [b""])
    assert content.startswith(b"<109>1 2026-11-21T12:00:00.000+00:00 ") and content.endswith(b'{"number":7}')


def test_an_anchor_goes_to_a_local_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        witnesses.to_syslog(f"unix:{tmp_path / 'log'}", None, b"<109>1 an anchor")
        assert server.recv(100) == b"<109>1 an anchor"


@pytest.mark.parametrize("address", ["tcp://localhost:514", "localhost", "tls://"])
def test_an_anchor_never_travels_in_clear(address: str) -> None:
    with pytest.raises(ValueError, match="must be tls"):
        witnesses.to_syslog(address, None, b"x")


def test_the_commands(worker_app: Flask, app: Flask, admin_url: str, tmp_path: Path, own_instance: Config) -> None:
    write(app)
    with worker_app.app_context():
        run = CliRunner().invoke
        assert "Anchor 1" in run(commands.audit, ["anchor"]).output
        good = run(commands.audit, ["verify"])
        assert good.exit_code == 0 and "no problems" in good.output
        assert "lines are in" in run(commands.audit, ["export", str(tmp_path / "out")]).output
        assert "keys of" in run(commands.audit, ["keys", str(tmp_path / "keys.json")]).output
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
        tamper(admin_url, "DELETE FROM core_audit_line WHERE company_id = %(home)s AND seq = 2")
        bad = run(commands.audit, ["verify"])
        assert bad.exit_code == 1 and "comes after line 1" in bad.output
    with as_maintenance(worker_app):
        noted = set(session.scalars(select(AuditLine.action).where(AuditLine.company_id == PLATFORM_ID)))
        assert {"anchored", "exported", "keys exported"} <= noted
