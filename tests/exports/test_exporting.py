"""From the list to a file: whose rows, what stays hidden, who may, for how long, and what the trail says."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update

from leadcrm.core.audit import AuditLine
from leadcrm.core.blobs import Blob
from leadcrm.core.db import now, session
from leadcrm.core.jobs import run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.exports import jobs
from leadcrm.exports.models import Export, Rule, State
from leadcrm.exports.services import making
from leadcrm.leads.models.lead import Lead
from tests.attempts import attempts, disabled, no_answer
from tests.bulk.conftest import As, Leads, Work
from tests.leads.factories import a_full_lead, a_lead
from tests.people import ANN, BOB, EVE, HOME, MEG
from tests.people import Person as Someone
from tests.world import Browser, sign_in_as

ClientAs = Callable[[Someone], Browser]
ALL = {"everything": "yes", "said": "100", "form": "csv"}


def text_of(response: Any) -> str:
    return unescape(response.get_data(as_text=True))


def asked(client: Browser, back: str = "/leads/?", **more: object) -> str:
    """The page of an export that was asked for."""
    answer = client.send("/exports/begin", ALL | {"back": back} | more)
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def lines_of(client: Browser, url: str) -> list[list[str]]:
    answer = client.get(f"{url}/file")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))


def allow_agents(as_: As) -> None:
    with as_(MEG):
        session.add(Rule(company_id=HOME, id=HOME, agents_may=True))


def trail(as_: As, *actions: str) -> list[tuple[str, dict[str, Any]]]:
    with as_(MEG):
        found = select(AuditLine.action, AuditLine.body).where(AuditLine.action.in_(actions)).order_by(AuditLine.seq)
        return [(line.action, json.loads(line.body)["details"]) for line in session.execute(found)]


def test_a_list_becomes_a_file(as_: As, client_as: ClientAs, work: Work) -> None:
    with as_(ANN):
        a_full_lead(next_action="Bellen")
    with as_(BOB):
        a_lead({"birth_name": "=1+1", "phone": "+4930123456"}, next_action="=HYPERLINK(1)")
    meg = client_as(MEG)
    shown = ("goal", "mortgage_amount", "next_action", "owner", "phone", "created_at", "ltv")
    columns = "&".join(f"column={name}" for name in shown)
    ask = meg.send("/exports/ask", {"everything": "yes", "back": f"/leads/?sort=name&{columns}"})
    assert "2 leads exporteren" in text_of(ask) and "Hypotheekbedrag" not in text_of(ask)
    url = asked(meg, f"/leads/?sort=name&{columns}", said="2")
    assert "every 1s" in text_of(meg.get(url))
    work()
    assert "Uw bestand is klaar" in text_of(meg.get(url))
    rows = lines_of(meg, url)
    assert len(rows) == 3 and rows[0][:3] == ["Klant", "Kenmerk", "Doel"]
    by_name = {row[0]: row for row in rows[1:]}
    full, other = by_name["Jan de Vries & Els Bakker"], by_name["'=1+1"]
    assert full[3] == "360000" and full[6] == "Ann de Wit" and full[7] == "06 12345678"
    assert other[4] == "'=HYPERLINK(1)" and other[7].startswith("0049 30")
    assert "Uw export is klaar" in text_of(meg.get("/notifications/"))
    said = trail(as_, "exports.asked", "exports.made", "exports.downloaded")
    assert [action for action, _details in said] == ["exports.asked", "exports.made", "exports.downloaded"]
    assert said[0][1]["leads"] == 2 and said[1][1]["lines"] == 2


def test_an_excel_file_opens(as_: As, client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    ids, meg = some_leads(ANN, 3), client_as(MEG)
    answer = meg.send("/exports/begin", {"id": [str(ids[0]), str(ids[2])], "said": "2", "form": "xlsx"})
    work()
    content = meg.get(f"{answer.location}/file")
    assert content.mimetype.endswith("sheet") and "attachment" in content.headers["Content-Disposition"]
    assert content.headers["Cache-Control"] == "no-store" and "sandbox" in content.headers["Content-Security-Policy"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content.data)).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 3


def test_an_export_holds_what_its_maker_sees(as_: As, client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    some_leads(ANN, 2), some_leads(BOB, 3), some_leads(EVE, 4)
    allow_agents(as_)
    ann = client_as(ANN)
    url = asked(ann)
    work()
    assert len(lines_of(ann, url)) == 1 + 2


def test_filters_hold(as_: As, client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    some_leads(ANN, 2), some_leads(BOB, 3)
    meg = client_as(MEG)
    url = asked(meg, f"/leads/?owner={BOB.id}&q=Vries")
    work()
    assert len(lines_of(meg, url)) == 1 + 3
    [(_action, details)] = trail(as_, "exports.asked")
    assert details["filters"] == {"q": "…", "owner": str(BOB.id)}


@pytest.mark.asvs("V14.2.6")
def test_what_is_hidden_stays_hidden_unless_it_is_opened_and_written_down(
    as_: As, client_as: ClientAs, work: Work
) -> None:
    with as_(ANN):
        a_lead()
    meg, back = client_as(MEG), "/leads/?column=iban&column=birth_date"
    masked, opened = asked(meg, back), asked(meg, back, reveal="yes")
    work()
    assert lines_of(meg, masked)[1][2:] == ["•••• 4300", "••••"]
    assert trail(as_, "revealed") == [("revealed", {"fields": ["birth_date", "iban"], "leads": 1})]
    assert lines_of(meg, opened)[1][2:] == ["NL91 ABNA 0417 1643 00", "14-03-1985"]


def test_who_may_not_reveal_cannot_ask_for_it(as_: As, client_as: ClientAs, work: Work, admin_url: str) -> None:
    with as_(ANN):
        a_lead()
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_user SET role = 'agent' WHERE id = %s", [MEG.id])  # any role, then without the right
        admin.execute("UPDATE auth_user SET role = 'companymanager' WHERE id = %s", [MEG.id])
    with as_(MEG):
        export = Export(company_id=HOME, user_id=MEG.id, form="csv", listed="", columns=["iban"], said=1, revealed=True)
        session.add(export)
        session.flush()
        ident = export.id
    viewer_without = Someone(MEG.name, MEG.role, MEG.company_id, MEG.scope)
    with as_(viewer_without) as viewer:
        lesser = frozenset(viewer.permissions - {"leads.reveal"})
        object.__setattr__(viewer, "permissions", lesser)
        jobs.make(str(ident))
        session.commit()
        assert session.get(Export, ident).state == State.FAILED


@pytest.mark.asvs("V8.2.2")
def test_only_its_maker_gets_it(as_: As, client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    some_leads(ANN, 1)
    allow_agents(as_)
    url = asked(client_as(ANN))
    work()
    for who in (MEG, BOB, EVE):
        for path in (url, f"{url}/file"):
            assert client_as(who).get(path).status_code == 404, who.name
        assert client_as(who).send(f"{url}/remove").status_code == 404
        with as_(who):
            assert session.scalars(select(Export)).all() == []
    assert client_as(ANN).get(f"{url}/file").status_code == 200


def test_agents_export_only_when_the_company_says_so(client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    some_leads(ANN, 1)
    ann, meg = client_as(ANN), client_as(MEG)
    for path in ("ask", "begin"):
        assert ann.send(f"/exports/{path}", ALL | {"back": "/leads/?"}).status_code == 403
    assert "/exports/ask" not in text_of(ann.get("/leads/"))
    assert meg.send("/exports/rule", {"agents_may": "yes"}).status_code == 303
    assert "/exports/ask" in text_of(ann.get("/leads/"))
    first, second = asked(ann), asked(ann)
    work()
    third = asked(ann)
    meg.send("/exports/rule")
    assert ann.get(f"{first}/file").status_code == 403
    work()
    assert "mag niet meer exporteren" in text_of(ann.get(third))
    assert second
    assert ann.send("/exports/rule", {"agents_may": "yes"}).status_code == 403


@pytest.mark.asvs("V14.2.7")
def test_a_file_goes_after_a_day(
    as_: As, client_as: ClientAs, some_leads: Leads, work: Work, worker_app: Flask
) -> None:
    some_leads(ANN, 1)
    meg = client_as(MEG)
    url = asked(meg)
    work()
    with as_(MEG):
        left = session.scalars(select(Export.expires_at)).one() - now()
        assert timedelta(hours=23) < left <= making.LASTS
        session.execute(update(Export).values(expires_at=now() - timedelta(seconds=1)))
    assert meg.get(f"{url}/file").status_code == 404
    with worker_app.app_context(), viewing_as(Everything("a test")):
        jobs.let_go()
        assert session.scalars(select(Blob.state)).all() in (["doomed"], [])
    assert "Het bestand is weg" in text_of(meg.get(url))


def test_it_can_be_taken_away_before(as_: As, client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    some_leads(ANN, 1)
    meg = client_as(MEG)
    url = asked(meg)
    work()
    assert meg.send(f"{url}/remove").status_code == 303
    assert meg.get(f"{url}/file").status_code == 404
    assert "Mijn exports" in text_of(meg.get("/exports/"))


def test_it_asks_for_the_second_factor(app: Flask, admin_url: str, some_leads: Leads) -> None:
    some_leads(ANN, 1)
    stale = sign_in_as(app, MEG, admin_url, stepped_up=False)
    for path in ("ask", "begin"):
        assert stale.send(f"/exports/{path}", ALL | {"back": "/leads/?"}).status_code == 401


def test_one_that_is_stopped_makes_no_file(
    as_: As, client_as: ClientAs, some_leads: Leads, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_leads(ANN, 4)
    monkeypatch.setattr(making, "AT_A_TIME", 2)
    meg = client_as(MEG)
    url = asked(meg)
    assert meg.send(f"{url}/stop").status_code == 303
    work()
    assert "Gestopt" in text_of(meg.get(url))
    with as_(MEG):
        assert session.scalar(select(func.count()).select_from(Blob)) == 0


def test_a_database_that_never_answers_is_told_in_the_end(
    client_as: ClientAs, some_leads: Leads, worker_app: Flask, urls: Urls, admin_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    some_leads(ANN, 2)
    monkeypatch.setattr(making, "make", no_answer)
    meg = client_as(MEG)
    url = asked(meg)
    assert attempts(worker_app, urls, admin_url) == 4
    assert "Er is iets misgegaan" in text_of(meg.get(url))


def test_it_ends_when_whoever_asked_for_it_was_disabled(
    client_as: ClientAs, some_leads: Leads, worker_app: Flask, urls: Urls, admin_url: str
) -> None:
    some_leads(ANN, 2)
    meg = client_as(MEG)
    url = asked(meg)
    with disabled(MEG, admin_url):
        run_worker(worker_app, urls.worker, wait=False)
    assert "kon wie erom vroeg niet inloggen" in text_of(meg.get(url))


def test_stretches_make_one_file(
    as_: As, client_as: ClientAs, some_leads: Leads, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = some_leads(ANN, 7)
    monkeypatch.setattr(making, "AT_A_TIME", 2)
    meg = client_as(MEG)
    url = asked(meg)
    work()
    rows = lines_of(meg, url)
    with as_(MEG):
        assert {row[1] for row in rows[1:]} == set(session.scalars(select(Lead.reference).where(Lead.id.in_(ids))))
    assert len(rows) == 8


def test_a_worker_that_is_killed_makes_it_anew(as_: As, some_leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    some_leads(ANN, 3)
    with as_(MEG):
        export = Export(company_id=HOME, user_id=MEG.id, form="csv", listed="", columns=["goal"], said=3)
        session.add(export)
        session.flush()
        ident: UUID = export.id
        session.commit()
    monkeypatch.setattr(making, "AT_A_TIME", 2)
    real = making._tell_progress

    class Killed(BaseException):
        pass

    def die(export_id: UUID, done: int) -> None:
        real(export_id, done)
        raise Killed

    with as_(MEG):
        monkeypatch.setattr(making, "_tell_progress", die)
        with pytest.raises(Killed):
            jobs.make(str(ident))
        session.rollback()
        assert session.get(Export, ident).state == State.RUNNING
        monkeypatch.setattr(making, "_tell_progress", real)
        jobs.make(str(ident))
        session.commit()
        done = session.get(Export, ident)
        assert (done.state, done.rows) == (State.DONE, 3)
        assert session.scalar(select(func.count()).select_from(Blob)) == 1


def test_a_filter_that_is_gone_makes_no_wider_export(client_as: ClientAs, some_leads: Leads) -> None:
    some_leads(ANN, 1)
    meg, back = client_as(MEG), "/leads/?amount_from=veel"
    answer = meg.send("/exports/begin", ALL | {"back": back})
    assert (answer.status_code, answer.location) == (303, back)
    assert meg.send("/leads/many/ask", {"action": "delete", "everything": "yes", "back": back}).location == back
