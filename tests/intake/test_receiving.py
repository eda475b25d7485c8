"""The keyed address: what is taken, what is refused and how it is said, and that nothing is taken twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.jobs import run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.intake import jobs
from leadcrm.intake.models.inlet import Inlet, Key
from leadcrm.intake.models.terms import State, Why
from leadcrm.intake.services import content as contents
from leadcrm.intake.services import sources, taking
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.source import Source
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.models.timeline import Entry
from tests.attempts import attempts, no_answer
from tests.intake.conftest import LEAD, As, Given, Post
from tests.people import HOME, MEG
from tests.world import ORIGIN

Work = Callable[[], int]
Arrivals = Callable[[], list[Any]]


def test_a_lead_is_stored_answered_and_made(as_: As, given: Given, post: Post, work: Work, arrivals: Arrivals) -> None:
    answer = post(given, LEAD | {"bericht": "Graag na zessen bellen.", "kleur": "blauw"})
    assert answer.status_code == 202 and answer.json["state"] == "received", answer.text
    (arrived,) = arrivals()
    assert str(arrived.id) == answer.json["receipt"] and arrived.state == State.WAITING
    assert b"Vries" not in arrived.sealed
    assert work() == 1
    (arrived,) = arrivals()
    assert arrived.state == State.LEAD
    with as_(MEG):
        lead: Any = session.get(Lead, arrived.lead_id)
        assert (lead.stage, lead.owner_id, lead.lead_cost, lead.exclusive) == (Stage.NEW, None, 12_500, True)
        assert lead.return_deadline - arrived.arrived_at == timedelta(days=14) and "Vries" in lead.household_name
        person: Any = session.scalars(select(Person)).one()
        assert (person.email, person.phone) == ("jan@voorbeeld.nl", "+31612345678")
        note: Any = session.scalars(select(Entry)).one()
        assert "Graag na zessen bellen." in note.text and "kleur: blauw" in note.text


def test_the_receipt_says_how_it_stands(app: Flask, given: Given, post: Post, work: Work) -> None:
    status = post(given).json["status"]

    def asked(key: str) -> Any:
        return app.test_client().get(status, headers={"Authorization": f"Bearer {key}"}, base_url=ORIGIN)

    assert asked(given.key).json["state"] == "received"
    work()
    assert asked(given.key).json["state"] == "accepted"
    assert asked("lead_wrong").status_code == 401 and asked("").status_code == 401


def test_a_form_may_carry_the_key_in_a_field(app: Flask, given: Given, work: Work, arrivals: Arrivals) -> None:
    fields = {"key": given.key, "Naam": "Jan de Vries", "E-mailadres": "jan@voorbeeld.nl", "Doel": "Doorstromen"}
    answer = app.test_client().post(given.address, data=fields, base_url=ORIGIN)
    assert answer.status_code == 202, answer.text
    assert given.key.encode() not in arrivals()[0].sealed
    work()
    assert arrivals()[0].state in (State.LEAD, State.QUARANTINED)


@pytest.mark.parametrize("how", ["none", "wrong", "revoked", "other source", "inlet closed", "source out of use",
                                 "company disabled"])  # fmt: skip
def test_without_a_live_key_nothing_comes_in(
    as_: As, given: Given, post: Post, arrivals: Arrivals, admin_url: str, make_source: Any, how: str
) -> None:
    """Also a key that this process knows: it opened the source a moment ago."""
    key = given.key
    assert post(given).status_code == 202
    match how:
        case "none":
            key = ""
        case "wrong":
            key = given.key[:-1] + ("A" if given.key[-1] != "A" else "B")
        case "revoked":
            with as_(MEG):
                assert sources.revoke(session.get(Key, given.key_id))
        case "other source":
            key = make_source(key="elders").key
        case "inlet closed":
            with as_(MEG):
                session.get(Inlet, given.inlet_id).active = False
        case "source out of use":
            with as_(MEG):
                session.scalars(select(Source)).one().active = False
        case _:
            with psycopg.connect(admin_url, autocommit=True) as admin:
                admin.execute("UPDATE auth_company SET active = false WHERE id = %s", [HOME])
    answer = post(given, key=key)
    assert (answer.status_code, answer.json["error"]) == (401, "key")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        assert admin.execute("SELECT count(*) FROM intake_arrival").fetchone() == (1,)


def test_who_tries_keys_has_to_wait(given: Given, post: Post) -> None:
    answers = [post(given, key=f"lead_{number}") for number in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0 and post(given).status_code == 202


@pytest.mark.parametrize(("body", "kind", "status", "code"), [
    ("{", "application/json", 400, "json"),
    ('{"a": 1, "a": 2}', "application/json", 400, "json"),
    ("[" * 5_000, "application/json", 400, "json"),
    ("[]", "application/json", 422, "fields"),
    ('"x"', "application/json", 422, "fields"),
    ("{}", "application/json", 422, "empty"),
    ('{"a": {"b": {"c": {"d": {"e": 1}}}}}', "application/json", 422, "fields"),
    ('{"a": [{"b": 1}]}', "application/json", 422, "fields"),
    ('{"a": "' + "x" * 6_000 + '"}', "application/json", 422, "fields"),
    ("x" * 70_000, "application/json", 413, "too_large"),
    ("x" * 1_500_000, "application/json", 413, "too_large"),
    ("a=" + "x" * 1_500_000, "application/x-www-form-urlencoded", 413, "too_large"),
    ("a=1&a=2", "application/x-www-form-urlencoded", 400, "request"),
    ("<a/>", "application/xml", 415, "content_type"),
    ("", "", 415, "content_type"),
], ids=range(15))  # fmt: skip
def test_what_cannot_be_read_is_refused_in_json(
    app: Flask, given: Given, arrivals: Arrivals, body: str, kind: str, status: int, code: str
) -> None:
    bearer = {"Authorization": f"Bearer {given.key}"}
    answer: Any = app.test_client().post(given.address, data=body, content_type=kind, headers=bearer, base_url=ORIGIN)
    assert (answer.status_code, answer.json["error"]) == (status, code) and answer.json["message"]
    assert arrivals() == []


def test_sent_again_it_is_the_same(given: Given, post: Post, arrivals: Arrivals) -> None:
    first = post(given, **{"Idempotency-Key": "abc"})
    again = post(given, **{"Idempotency-Key": "abc"})
    assert (again.status_code, again.json["receipt"], again.json["again"]) == (200, first.json["receipt"], True)
    other = post(given, LEAD | {"bericht": "anders"}, **{"Idempotency-Key": "abc"})
    assert (other.status_code, other.json["receipt"]) == (409, first.json["receipt"])
    referred = LEAD | {"external_reference": "S-1"}
    first, again = post(given, referred), post(given, referred)
    assert first.json["receipt"] == again.json["receipt"] and len(arrivals()) == 2


def test_a_reference_with_other_contents_is_kept_and_marked(
    given: Given, post: Post, work: Work, arrivals: Arrivals
) -> None:
    one = {"lead.external_reference": "S-1", "applicant.birth_name": "Een", "goal": "purchase_existing"}
    assert post(given, one).status_code == post(given, one | {"applicant.birth_name": "Twee"}).status_code == 202
    work()
    assert [(each.state, each.like_why) for each in arrivals()] == [(State.LEAD, None), (State.LEAD, "reference")]


def test_no_more_than_a_source_may_send(as_: As, given: Given, post: Post, arrivals: Arrivals) -> None:
    with as_(MEG):
        session.get(Inlet, given.inlet_id).per_minute = 2
    answers = [post(given).status_code for _each in range(3)]
    assert answers in ([202, 202, 429], [202, 202, 202])  # a minute may end in between
    assert len(arrivals()) == answers.count(202)


def test_who_is_known_is_marked_and_the_supplier_told(
    app: Flask, as_: As, given: Given, post: Post, work: Work, arrivals: Arrivals
) -> None:
    for _each in range(2):
        status = post(given).json["status"]
    work()
    assert [each.like_why for each in arrivals()] == [None, "email"]
    assert arrivals()[1].like_id == arrivals()[0].lead_id

    def asked() -> Any:
        return app.test_client().get(status, headers={"Authorization": f"Bearer {given.key}"}, base_url=ORIGIN).json

    assert "duplicate" not in asked()
    with as_(MEG):
        session.get(Inlet, given.inlet_id).tells_duplicates = True
    assert asked()["duplicate"]


def test_who_is_known_can_be_held(make_source: Any, post: Post, work: Work, arrivals: Arrivals) -> None:
    given = make_source(on_duplicate="hold")
    post(given), post(given)
    work()
    assert [(each.state, each.why) for each in arrivals()] == [(State.LEAD, None), (State.QUARANTINED, Why.DUPLICATE)]


@pytest.mark.parametrize(("sent", "problems"), [
    ({"applicant": {"email": "geen adres"}}, 1),
    ({"lead": {"goal": None}}, 1),
    ({"applicant": {"house_number": "12"}}, 1),
    ({"applicant.birth_date": "31-02-1980", "applicant.iban": "NL00"}, 2),
])  # fmt: skip
def test_what_the_form_would_refuse_waits_for_a_person(
    as_: As, given: Given, post: Post, work: Work, arrivals: Arrivals, sent: dict[str, Any], problems: int
) -> None:
    body: dict[str, Any] = {part: LEAD[part] | sent.get(part, {}) for part in LEAD}
    assert post(given, body | {key: value for key, value in sent.items() if key not in LEAD}).status_code == 202
    work()
    (arrived,) = arrivals()
    assert (arrived.state, arrived.why, arrived.problems) == (State.QUARANTINED, Why.INVALID, problems)
    assert b"Vries" in contents.packed(contents.open_of(arrived))
    with as_(MEG):
        assert session.scalars(select(Lead)).all() == []


@pytest.mark.parametrize("name", [
    "lead.owner_id", "lead.stage", "lead.lead_cost", "stage", "Fase", "Adviseur (e-mail of naam)",
])  # fmt: skip
def test_a_supplier_decides_nothing_of_ours(as_: As, given: Given, post: Post, work: Work, name: str) -> None:
    post(given, LEAD | {name: "ann@example.org" if "A" in name or "owner" in name else "paid_out"})
    work()
    with as_(MEG):
        lead: Any = session.scalars(select(Lead)).one()
        assert (lead.owner_id, lead.stage, lead.lead_cost) == (None, Stage.NEW, 12_500)


def test_no_citizen_service_number_is_stored(as_: As, given: Given, post: Post, work: Work, arrivals: Arrivals) -> None:
    post(given, LEAD | {"BSN": "111222333", "bericht": "mijn bsn is 111222333"})
    (arrived,) = arrivals()
    assert b"111222333" not in contents.packed(contents.open_of(arrived))
    work()
    with as_(MEG):
        assert "111222333" not in str(session.scalars(select(Entry)).one().text)


def test_consent_comes_with_its_text_and_moment(as_: As, given: Given, post: Post, work: Work) -> None:
    said = {"given": True, "text_version": "site v4", "given_at": "2026-11-20T10:00:00+01:00"}
    post(given, LEAD | {"consent": said})
    work()
    with as_(MEG):
        lines: Any = session.scalars(select(Consent)).all()
        assert {str(line.channel) for line in lines} == {"phone", "email"}
        assert {(line.text_version, line.source, line.given_at.hour) for line in lines} == {("site v4", "Website", 9)}


def test_one_that_breaks_holds_up_nobody(
    given: Given, post: Post, work: Work, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch, admin_url: str
) -> None:
    post(given), post(given, LEAD | {"applicant": {"birth_name": "Twee", "email": "twee@voorbeeld.nl"}})
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE intake_arrival SET sealed = 'x' WHERE id = %s", [arrivals()[0].id])
    assert work() == 2
    assert [(each.state, each.why) for each in arrivals()] == [(State.QUARANTINED, Why.BROKEN), (State.LEAD, None)]


def test_one_that_the_database_never_answers_for_holds_up_nobody(
    given: Given, post: Post, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch, worker_app: Flask, urls: Urls,
    admin_url: str,
) -> None:  # fmt: skip
    """It is tried again a few times with the others, and then one by one."""
    post(given), post(given, LEAD | {"applicant": {"birth_name": "Twee", "email": "twee@voorbeeld.nl"}})
    heavy, made = arrivals()[0].id, taking._make

    def make(company_id: Any, rows: Any, terms: Any) -> None:
        if heavy in [each.id for each in rows]:
            no_answer()
        made(company_id, rows, terms)

    monkeypatch.setattr(taking, "_make", make)
    run_worker(worker_app, urls.worker, wait=False)
    assert {each.state for each in arrivals()} == {State.WAITING}
    attempts(worker_app, urls, admin_url)
    assert [(each.state, each.why) for each in arrivals()] == [(State.QUARANTINED, Why.BROKEN), (State.LEAD, None)]


def test_contents_are_not_kept_twice(
    worker_app: Flask, given: Given, post: Post, work: Work, arrivals: Arrivals, admin_url: str
) -> None:
    post(given), post(given, {"applicant": {"email": "geen adres"}})
    work()
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE intake_arrival SET arrived_at = arrived_at - interval '91 days'")
    with worker_app.app_context(), viewing_as(Everything("as the job")):
        jobs.forget()
        session.commit()
    assert [(each.state, each.sealed is None) for each in arrivals()] == [
        (State.LEAD, True), (State.QUARANTINED, False),
    ]  # fmt: skip
