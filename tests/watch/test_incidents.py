"""Incidents: found once, each company its own part, told, reviewed by somebody named, forgotten in time."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from leadcrm.auth.models.failures import Reason
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.jobs import maintenance
from leadcrm.core.scope import viewing_as
from leadcrm.watch import jobs
from leadcrm.watch.services import incidents, mailing
from tests.auth.accounts import Enrolled, give_password
from tests.auth.conftest import Query
from tests.people import ADA, ANN, ELSEWHERE, EVE, HOME, MEG, Person
from tests.world import Browser, viewer_of

ClientAs = Callable[[Person], Browser]
Fail = Callable[..., None]
QUEUE, ALERTS, LIST = "/admin/incidents", "/admin/alerts", "/admin/failed-logins"


@pytest.fixture
def fail(query: Query) -> Fail:
    """Failed logins of as many accounts of a company, from one network, a second apart."""

    def add(count: int, company: UUID = HOME, reason: Reason = Reason.WRONG_PASSWORD, network: str = "192.0.2", *,
            ago: str = "1 minute", known: bool = True) -> None:  # fmt: skip
        query(
            "INSERT INTO auth_failed_login (company_id, id, at, reason, account, fingerprint, user_id, address, "
            "prefix, user_agent) SELECT %s, gen_random_uuid(), now() - %s::interval - n * interval '1 second', %s, "
            "'nr' || n, n, CASE WHEN %s THEN gen_random_uuid() END, %s, %s, '' FROM generate_series(1, %s) n",
            company, ago, str(reason), known, f"{network}.9", f"{network}.0/24", count,
        )

    return add


@pytest.fixture(autouse=True)
def nobody_joined(query: Query) -> None:
    """People of earlier tests would get mail too."""
    query("UPDATE auth_user SET joined_at = NULL")


def run(app: Flask, job: Callable[[], Any]) -> Any:
    with app.app_context(), maintenance("a test of watch"):
        return job()


def kept(query: Query) -> list[tuple[Any, ...]]:
    return query("SELECT company_id, pattern, about, failures, wider FROM watch_incident ORDER BY first_at, company_id")


def test_an_incident_is_found_once_and_grows(worker_app: Flask, fail: Fail, query: Query) -> None:
    fail(6)
    assert run(worker_app, incidents.look) == 1
    assert run(worker_app, incidents.look) == 0
    assert kept(query) == [(HOME, "spraying", "192.0.2.0/24", 6, False)]
    fail(3, ago="10 seconds")
    assert run(worker_app, incidents.look) == 1
    assert kept(query) == [(HOME, "spraying", "192.0.2.0/24", 9, False)]
    assert len(query("SELECT 1 FROM core_notice")) == 1


def test_each_company_has_its_own_part(worker_app: Flask, fail: Fail, query: Query, client_as: ClientAs) -> None:
    fail(4, HOME)
    fail(3, ELSEWHERE, ago="2 minutes")
    run(worker_app, incidents.look)
    assert sorted(kept(query), key=str) == sorted(
        [(HOME, "spraying", "192.0.2.0/24", 4, True), (ELSEWHERE, "spraying", "192.0.2.0/24", 3, True)], key=str
    )
    theirs = str(query("SELECT id FROM watch_incident WHERE company_id = %s", ELSEWHERE)[0][0])
    meg, ada = client_as(MEG), client_as(ADA)
    assert theirs not in meg.get(QUEUE).text and theirs in ada.get(QUEUE).text
    assert meg.get(f"{QUEUE}/{theirs}").status_code == 404
    assert meg.send(f"{QUEUE}/{theirs}", {"verdict": "harmless", "note": "x"}).status_code == 404
    assert ada.get(f"{QUEUE}/{theirs}").status_code == 200
    assert client_as(ANN).get(QUEUE).status_code == 403


def test_the_database_alone_keeps_parts_apart(app: Flask, worker_app: Flask, fail: Fail) -> None:
    """Wall 2: the policies hold when the ORM would not narrow."""
    fail(6, HOME)
    fail(6, ELSEWHERE, network="198.51.100")
    run(worker_app, incidents.look)
    with app.app_context():
        for person, companies in ((MEG, {HOME}), (ANN, set()), (EVE, set()), (ADA, {HOME, ELSEWHERE})):
            with viewing_as(viewer_of(person)):
                seen = session.connection().exec_driver_sql("SELECT company_id FROM watch_incident").scalars().all()
                assert set(seen) == companies, person.name
                session.rollback()


def test_unknown_accounts_are_the_platforms(worker_app: Flask, fail: Fail, query: Query) -> None:
    fail(10, PLATFORM_ID, Reason.UNKNOWN_ACCOUNT, known=False)
    run(worker_app, incidents.look)
    assert [row[:2] for row in kept(query)] == [(PLATFORM_ID, "stuffing")]


def test_success_after_failures_comes_from_real_sign_ins(
    app: Flask, worker_app: Flask, enrolled: Enrolled, query: Query
) -> None:
    enrolled(ANN, factor=False)
    query("UPDATE auth_company SET totp_required = false WHERE id = %s", HOME)
    try:
        for _ in range(5):
            give_password(Browser(app), ANN.email, "verkeerd")
        query("DELETE FROM core_limit")
        assert give_password(Browser(app), ANN.email).status_code == 303
        run(worker_app, incidents.look)
        assert [row[1:3] for row in kept(query)] == [("success", str(ANN.id))]
    finally:
        query("UPDATE auth_company SET totp_required = true WHERE id = %s", HOME)


def test_a_verdict_has_a_name_and_ends_the_incident(
    worker_app: Flask, fail: Fail, query: Query, client_as: ClientAs
) -> None:
    fail(6)
    run(worker_app, incidents.look)
    meg = client_as(MEG)
    ident = query("SELECT id FROM watch_incident")[0][0]
    assert "1 uur" in meg.get(QUEUE).text  # how long the oldest waits
    assert meg.send(f"{QUEUE}/{ident}", {"verdict": "attack", "note": ""}).status_code == 422
    assert meg.send(f"{QUEUE}/{ident}", {"verdict": "attack", "note": "Netwerk geblokkeerd"}).status_code == 303
    assert query("SELECT verdict, note, reviewed_by FROM watch_incident") == [("attack", "Netwerk geblokkeerd", MEG.id)]
    assert MEG.name in meg.get(f"{QUEUE}?state=all").text and MEG.name in meg.get(f"{QUEUE}/{ident}").text
    assert str(ident) not in meg.get(QUEUE).text
    assert meg.send(f"{QUEUE}/{ident}", {"verdict": "harmless", "note": "Toch niet"}).status_code >= 400
    assert run(worker_app, incidents.look) == 0  # what was reviewed is not found again
    fail(6, ago="1 second")
    query("UPDATE auth_failed_login SET at = now() WHERE at > (SELECT max(last_at) FROM watch_incident)")
    run(worker_app, incidents.look)
    assert len(kept(query)) == 2
    bodies = " ".join(row[0] for row in query("SELECT body FROM core_audit_line WHERE subject = 'watch_incident'"))
    assert "attack" in bodies and "geblokkeerd" not in bodies


@pytest.mark.asvs("V6.3.5")
def test_it_is_told_in_the_app_and_by_mail(worker_app: Flask, fail: Fail, query: Query, client_as: ClientAs,
                                           enrolled: Enrolled) -> None:  # fmt: skip
    for person in (MEG, ADA, EVE):
        enrolled(person)
    meg = client_as(MEG)
    assert "ongelezen: 0" in meg.get("/auth/account").text
    fail(6)
    run(worker_app, incidents.look)
    assert "ongelezen: 1" in meg.get("/auth/account").text
    assert "Eén netwerk probeert veel accounts" in meg.get(ALERTS).text
    assert "ongelezen: 0" in client_as(ANN).get("/auth/account").text
    assert run(worker_app, mailing.mail_alerts) == 2
    assert run(worker_app, mailing.mail_alerts) == 0
    mails = query("SELECT recipient, subject, body FROM core_outbox ORDER BY recipient")
    assert [mail[0] for mail in mails] == [ADA.email, MEG.email]
    assert all("/admin/incidents/" in mail[2] for mail in mails)
    (notice,) = query("SELECT id FROM core_notice")[0]
    assert "/admin/incidents/" in meg.send(f"{ALERTS}/{notice}/read").location
    assert "ongelezen: 0" in meg.get("/auth/account").text
    assert "ongelezen: 1" in client_as(ADA).get("/auth/account").text
    client_as(ADA).send(f"{ALERTS}/read")
    assert "ongelezen: 0" in client_as(ADA).get("/auth/account").text


def test_mail_waits_a_quarter_of_an_hour(worker_app: Flask, fail: Fail, query: Query, enrolled: Enrolled) -> None:
    enrolled(MEG)
    fail(6)
    run(worker_app, incidents.look)
    assert run(worker_app, mailing.mail_alerts) == 1
    for network in ("198.51.100", "203.0.113"):
        fail(6, network=network)
    run(worker_app, incidents.look)
    assert run(worker_app, mailing.mail_alerts) == 0
    query("UPDATE watch_reader SET mailed_at = mailed_at - interval '16 minutes'")
    assert run(worker_app, mailing.mail_alerts) == 1
    assert query("SELECT body FROM core_outbox ORDER BY created_at DESC")[0][0].count("/admin/incidents/") == 2


def test_the_same_alert_is_counted(app: Flask, query: Query) -> None:
    """Also by who is nobody yet; a flood stays one row."""
    with app.app_context(), viewing_as(None):
        for _ in range(5):
            incidents.notices.alert("anything", HOME, "Tekst", about="x")
        session.commit()
    assert query("SELECT times FROM core_notice") == [(5,)]


def test_digest_and_reminder_come_once(worker_app: Flask, fail: Fail, query: Query, enrolled: Enrolled) -> None:
    enrolled(MEG)
    fail(6)
    run(worker_app, incidents.look)
    assert run(worker_app, mailing.mail_digest) == 1
    assert run(worker_app, mailing.mail_digest) == 0
    assert run(worker_app, mailing.remind) == 0
    query("UPDATE watch_incident SET first_at = now() - interval '3 days'")
    assert run(worker_app, mailing.remind) == 1
    assert run(worker_app, mailing.remind) == 0


def test_what_is_kept_long_enough_goes(worker_app: Flask, fail: Fail, query: Query) -> None:
    fail(6)
    fail(2, ago="366 days")
    run(worker_app, incidents.look)
    query("UPDATE watch_incident SET last_at = now() - interval '1096 days'")
    query("UPDATE core_notice SET at = now() - interval '181 days'")
    run(worker_app, jobs.forget_old)
    tables = ("auth_failed_login", "watch_incident", "core_notice")
    left = {table: len(query(f"SELECT 1 FROM {table}")) for table in tables}
    assert list(left.values()) == [6, 0, 0]
    assert query("SELECT count(*) FROM core_audit_line WHERE action = 'forgotten'") == [(1,)]


def test_a_flood_of_failures_goes_in_steps(
    worker_app: Flask, fail: Fail, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    fail(1)
    fail(5, ago="366 days")
    steps = []
    while not steps or steps[-1][0]:
        steps.append((run(worker_app, jobs.forget_old), query("SELECT count(*) FROM auth_failed_login")[0][0]))
    assert steps == [(True, 4), (True, 2), (False, 1)]


def test_no_role_of_people_can_forget(app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(ADA)), pytest.raises(Exception, match="permission denied"):
        incidents.forget(1, now(), now(), now())


def test_a_quiet_incident_ends_and_the_next_is_another(worker_app: Flask, fail: Fail, query: Query) -> None:
    fail(6, ago="8 hours")
    run(worker_app, incidents.look)
    run(worker_app, incidents.look)
    assert query("SELECT ended_at IS NOT NULL FROM watch_incident") == [(True,)]
    fail(6)
    run(worker_app, incidents.look)
    assert len(kept(query)) == 2


def test_growing_tenfold_is_told_again(worker_app: Flask, fail: Fail, query: Query) -> None:
    fail(6)
    run(worker_app, incidents.look)
    fail(60)
    run(worker_app, incidents.look)
    assert len(query("SELECT 1 FROM core_notice")) == 2


def test_the_download_is_noted_shielded_and_expires(
    fail: Fail, query: Query, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(3)
    fail(2, ELSEWHERE)
    query("UPDATE auth_failed_login SET account = '=1+1@example.org' WHERE account = 'nr1'")
    meg = client_as(MEG)
    answer = meg.send(f"{LIST}/export", {"days": "7"})
    assert answer.status_code == 303
    assert query("SELECT action, subject FROM core_audit_line WHERE action = 'exported'") == [
        ("exported", "auth_failed_login")
    ]
    file = meg.get(answer.location)
    lines = file.text.splitlines()
    assert file.headers["Content-Disposition"].startswith("attachment") and len(lines) == 4
    assert "'=1+1@example.org" in file.text and "Verkeerd wachtwoord" in file.text
    assert client_as(ADA).get(answer.location).status_code == 404  # another's link
    content, dot, signature = answer.location.rpartition(".")  # of whose last letter two bits say nothing
    assert meg.get(f"{content}{dot}{'x' if signature[0] != 'x' else 'y'}{signature[1:]}").status_code == 404
    monkeypatch.setattr("leadcrm.core.downloads.LIFETIME_SECONDS", -1)
    assert meg.get(answer.location).status_code == 404


def test_a_download_of_many_pages_is_whole(fail: Fail, client_as: ClientAs) -> None:
    fail(2_300)
    meg = client_as(MEG)
    lines = meg.get(meg.send(f"{LIST}/export", {"days": "7"}).location).text.splitlines()
    assert len(lines) == 2_301 and len({line.split(";")[2] for line in lines}) == 2_301


def test_the_chart_leads_to_the_list(fail: Fail, client_as: ClientAs, query: Query) -> None:
    fail(4)
    fail(2, reason=Reason.LIMITED, ago="3 days")
    page = client_as(MEG).get(LIST).text
    assert page.count('class="chart-wrong_password"') >= 2 and 'class="chart-limited"' in page
    assert " style=" not in page.partition("<figure")[2].partition("</figure>")[0]
    address = page.partition("<figure")[2].partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Te veel pogingen" in client_as(MEG).get(address).text.partition("<tbody>")[2]
    assert client_as(MEG).get(f"{LIST}?since=nonsense&until=2026-01-01").status_code == 200
    assert client_as(MEG).get(f"{LIST}?days=1").status_code == 200


def test_a_foreign_notice_does_not_exist(app: Flask, query: Query, client_as: ClientAs) -> None:
    query("INSERT INTO core_notice (company_id, id, at, kind, about, nl, en, url, times) "
          "VALUES (%s, %s, now(), 'x', '', 'geheim elders', 'x', '', 1)", ELSEWHERE, ident := uuid4())  # fmt: skip
    meg = client_as(MEG)
    assert "geheim elders" not in meg.get(ALERTS).text
    assert meg.send(f"{ALERTS}/{ident}/read").status_code == 404


def test_incidents_are_found_though_two_workers_look(worker_app: Flask, fail: Fail, query: Query) -> None:
    fail(6)
    with worker_app.app_context(), maintenance("the first"):
        assert incidents.look() == 1
        with worker_app.app_context(), maintenance("the second"):
            assert incidents.look() == 0
    assert len(kept(query)) == 1
