"""The trail: every audited change is in it, in the same transaction, without personal values, for good."""

import json
import threading
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from leadcrm.core import audit
from leadcrm.core.audit import AuditLine, chain_mac
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person as Applicant
from tests.people import ADA, ANN, EVE, HOME, MEG
from tests.world import viewer_of


def new_lead(**values: Any) -> Lead:
    lead = Lead(company_id=HOME, owner_id=ANN.id, reference=uuid4().hex[:12], **values)
    session.add(lead)
    return lead


def lines(admin_url: str) -> list[dict[str, Any]]:
    with psycopg.connect(admin_url) as admin:
        rows = admin.execute(
            "SELECT company_id, seq, action, subject, row_id, body, mac FROM core_audit_line ORDER BY 1, 2"
        )
        names = [column.name for column in rows.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.asvs("V16.2.1")
def test_a_change_of_an_audited_column_is_one_line(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        lead = new_lead(stage="new")
        session.commit()
        lead.stage = "assigned"  # type: ignore[assignment]  # a plain value is as good
        session.commit()
        ident = lead.id
    created, changed = lines(admin_url)
    assert (created["action"], changed["action"]) == ("created", "changed")
    body = json.loads(changed["body"])
    assert body["details"] == {"stage": ["new", "assigned"]}
    assert (body["actor_id"], body["as"], changed["row_id"]) == (str(ANN.id), "agent", ident)


def test_what_is_rolled_back_leaves_no_line(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        new_lead()
        session.flush()
        session.rollback()
        session.commit()
    assert lines(admin_url) == []


@pytest.mark.asvs("V16.2.5")
def test_no_personal_value_stands_in_a_line(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        lead = new_lead()
        session.flush()
        session.add(
            Applicant(
                company_id=HOME,
                lead_id=lead.id,
                position=1,
                birth_name="Geheimenstein",
                email="geheim@example.nl",
                phone="+31612345678",
            )
        )
        session.commit()
    everything = " ".join(line["body"] for line in lines(admin_url))
    for personal in ("Geheimenstein", "geheim@example.nl", "+31612345678"):
        assert personal not in everything


def test_a_personal_value_is_sealed_beside_the_line(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        lead = new_lead()
        session.commit()
        lead.stage_reason = "Belt zelf terug"
        session.commit()
    reference = json.loads(lines(admin_url)[-1]["body"])["details"]["stage_reason"]["value"]
    with psycopg.connect(admin_url) as admin:
        ident, sealed = admin.execute(
            "SELECT id, sealed FROM core_audit_value WHERE id = %s", [reference]
        ).fetchone() or (None, b"")
    opened = keyring().open(bytes(sealed), Place("core_audit_value", "sealed", HOME, ident))  # type: ignore[arg-type]
    assert json.loads(opened) == [None, "Belt zelf terug"]


def test_the_chain_holds_and_shows_every_change(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        for _ in range(5):
            new_lead()
            session.commit()
    found = lines(admin_url)
    assert [line["seq"] for line in found] == [1, 2, 3, 4, 5]
    previous = b""
    for line in found:
        assert chain_mac(HOME, previous, line["body"]) == line["mac"]
        assert chain_mac(HOME, previous, line["body"].replace("created", "changed")) != line["mac"]
        previous = line["mac"]


def test_parallel_writers_make_one_chain(app: Flask, admin_url: str) -> None:
    def write() -> None:
        with app.app_context(), viewing_as(viewer_of(ANN)):
            for _ in range(10):
                new_lead()
                session.commit()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(90)
    assert [line["seq"] for line in lines(admin_url)] == list(range(1, 41))


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_audit_line SET action = 'x'",
        "DELETE FROM core_audit_line",
        "TRUNCATE core_audit_line",
        "INSERT INTO core_audit_line SELECT * FROM core_audit_line",
        "UPDATE core_audit_head SET seq = 0",
    ],
)
def test_no_role_of_the_application_can_rewrite_it(app: Flask, statement: str) -> None:
    with app.app_context(), viewing_as(viewer_of(MEG)), pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(statement))


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize("statement", ["UPDATE core_audit_line SET action = 'x'", "DELETE FROM core_audit_line"])
def test_even_the_owner_cannot(app: Flask, admin_url: str, statement: str) -> None:
    with psycopg.connect(admin_url) as admin, pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        admin.execute(statement)  # type: ignore[call-overload]  # one of the two above


@pytest.mark.asvs("V2.3.3", "V16.5.3")
def test_a_line_that_cannot_be_written_stops_the_change(
    app: Flask, admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_append", lambda *_: (_ for _ in ()).throw(RuntimeError("disk full")))
    with app.app_context(), viewing_as(viewer_of(ANN)):
        new_lead()
        with pytest.raises(RuntimeError, match="disk full"):
            session.commit()
    with psycopg.connect(admin_url) as admin:
        assert admin.execute("SELECT count(*) FROM leads_lead").fetchone() == (0,)


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize(
    ("who", "seen"), [(ANN, 0), (EVE, 0), (MEG, 2), (ADA, 1)], ids=lambda value: getattr(value, "name", value)
)
def test_who_sees_the_trail(app: Flask, who: Any, seen: int) -> None:
    """Managers their company's; admins of it what is about security, and nothing of what is done with leads."""
    with app.app_context(), viewing_as(viewer_of(ANN)):
        lead = new_lead()
        session.flush()
        audit.note("revealed", lead, fields=["iban"])
        session.commit()
    with app.app_context(), viewing_as(viewer_of(who)):
        assert len(session.scalars(select(AuditLine)).all()) == seen
