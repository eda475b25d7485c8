"""Forms in a company's own site: who may show them, what is agreed to, what looks like spam, and the newsletter."""

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.intake.models.terms import State, Why
from leadcrm.intake.models.webform import FormText, OptIn, WebForm
from leadcrm.intake.services import recording, webforms
from leadcrm.leads.models.consent import Consent
from tests.intake.conftest import As, Given
from tests.people import HOME, MEG
from tests.people import Person as Somebody
from tests.world import ORIGIN, Browser

SITE = "https://www.dehypotheekhoek.nl"
FILLED = {
    "applicant.call_name": "Els", "applicant.birth_name": "Vries", "applicant.email": "els@voorbeeld.nl",
    "applicant.phone": "0612345678", "lead.goal": "purchase_existing", "agree": "yes",
}  # fmt: skip
Arrivals = Callable[[], list[Any]]
Work = Callable[[], int]


@pytest.fixture
def form(as_: As, given: Given, client_as: Callable[[Somebody], Browser]) -> Any:
    """As a manager builds one."""
    meg, path = client_as(MEG), f"/intake/sources/{given.inlet_id}/forms/new"
    assert meg.get(path).status_code == 200
    asked = {f"use-{key}": "1" for key, _must in webforms.FIRST} | {"must-applicant.birth_name": "1"}
    words = {
        "name": "Contact", "title": "Vraag advies aan", "thanks": "Wij bellen u.", "language": "nl", "active": "yes",
        "consent_text": "Ik ga akkoord.", "marketing_text": "Stuur mij nieuws.", "sites": SITE,
    }  # fmt: skip
    saved = meg.send(path, words | asked)
    assert saved.status_code == 303, saved.text
    built = meg.get(saved.location).text
    assert "&lt;iframe" in built and "Vraag advies aan" in built
    with as_(MEG):
        made: Any = session.scalars(select(WebForm)).one()
        return made.token, saved.location, words | asked, made.id


def ticket_of(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def visitor(app: Flask, form: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Somebody in another site's page: no cookie, no token of ours, and what their browser says of where they are."""
    monkeypatch.setattr(webforms, "LEAST_SECONDS", 0)

    def sent(values: dict[str, str] | None = None, **more: str) -> Any:
        client, address = app.test_client(), f"/aanvraag/{form[0]}"
        page = client.get(address, base_url=ORIGIN)
        given = {"ticket": ticket_of(page.text)} | (FILLED if values is None else values) | more
        elsewhere = {"Origin": SITE, "Sec-Fetch-Site": "cross-site"}
        return app.test_client().post(address, data=given, headers=elsewhere, base_url=ORIGIN)

    return sent


def test_only_the_named_sites_may_show_it(app: Flask, form: Any) -> None:
    answer = app.test_client().get(f"/aanvraag/{form[0]}", base_url=ORIGIN)
    assert f"frame-ancestors {SITE};" in answer.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in answer.headers and "<script" not in answer.text
    for path in ("/aanvraag/unknown", "/auth/sign-in", "/intake/arrivals", "/aanvraag/bevestigen/x"):
        other = app.test_client().get(path, base_url=ORIGIN)
        assert other.headers["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"], path


def test_without_sites_nobody_shows_it(app: Flask, form: Any, as_: As) -> None:
    with as_(MEG):
        session.scalars(select(WebForm)).one().sites = []
    assert app.test_client().get(f"/aanvraag/{form[0]}", base_url=ORIGIN).headers["X-Frame-Options"] == "DENY"


def test_what_a_visitor_sends_becomes_a_lead_with_its_consent(
    as_: As, visitor: Any, work: Work, arrivals: Arrivals, form: Any
) -> None:
    answer = visitor(message="Graag na zessen")
    assert answer.status_code == 200 and "Wij bellen u." in answer.text
    work()
    assert arrivals()[0].state == State.LEAD
    with as_(MEG):
        lines: Any = session.scalars(select(Consent)).all()
        assert {line.text_version for line in lines} == {f"{str(form[3])[:8]} v1"}
        assert {str(line.purpose) for line in lines} == {"advice"}


@pytest.mark.parametrize("wrong", [
    {"applicant.birth_name": ""}, {"applicant.email": "geen adres"}, {"agree": ""}, {"message": "bsn 111222333"},
])  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field(visitor: Any, arrivals: Arrivals, wrong: dict[str, str]) -> None:
    answer = visitor(FILLED | wrong)
    assert answer.status_code == 422 and "Vries" in answer.text or "birth_name" in str(wrong)
    assert arrivals() == []


def test_a_plain_form_elsewhere_is_shown_ours_first(app: Flask, form: Any, arrivals: Arrivals) -> None:
    """Nobody agrees to a text that they have not seen."""
    address = f"/aanvraag/{form[0]}"
    real = ticket_of(app.test_client().get(address, base_url=ORIGIN).text)
    for ticket in ({}, {"ticket": "x"}, {"ticket": real[:-1]}):
        answer = app.test_client().post(address, data=FILLED | ticket, headers={"Origin": SITE}, base_url=ORIGIN)
        assert answer.status_code == 200 and 'value="Vries"' in answer.text and "Ik ga akkoord." in answer.text
    assert arrivals() == []


def test_programs_land_in_quarantine(visitor: Any, work: Work, arrivals: Arrivals, as_: As) -> None:
    assert visitor(website="https://spam.example", news="yes").status_code == 200
    work()
    assert (arrivals()[0].state, arrivals()[0].why) == (State.QUARANTINED, Why.SPAM)
    with as_(MEG):
        assert session.scalars(select(OptIn)).all() == []  # and mail nobody


def test_too_fast_for_a_person(
    visitor: Any, work: Work, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webforms, "LEAST_SECONDS", 3)
    visitor()
    work()
    assert arrivals()[0].why == Why.SPAM


def test_a_ticket_counts_once(app: Flask, form: Any, arrivals: Arrivals) -> None:
    address = f"/aanvraag/{form[0]}"
    ticket = {"ticket": ticket_of(app.test_client().get(address, base_url=ORIGIN).text)}
    for _each in range(3):
        assert app.test_client().post(address, data=FILLED | ticket, base_url=ORIGIN).status_code in (200, 409)
    assert len(arrivals()) == 1


def test_a_network_sends_ten_in_ten_minutes(visitor: Any, arrivals: Arrivals) -> None:
    answers = [visitor(message=str(number)).status_code for number in range(11)]
    assert answers == [200] * 10 + [429] and len(arrivals()) == 10


def test_the_newsletter_counts_after_confirmation(
    app: Flask, worker_app: Flask, as_: As, visitor: Any, work: Work, admin_url: str, stranger: Browser, form: Any
) -> None:
    visitor(news="yes")
    work()

    def purposes() -> set[str]:
        with worker_app.app_context(), viewing_as(Everything("as the job")):
            recording.record_opt_ins()
            session.commit()
        with as_(MEG):
            return {str(purpose) for purpose in session.scalars(select(Consent.purpose))}

    with psycopg.connect(admin_url) as admin:
        row: Any = admin.execute("SELECT recipient, body FROM core_outbox").fetchone()
    assert row[0] == "els@voorbeeld.nl"
    link = "/aanvraag/bevestigen/" + row[1].partition("/aanvraag/bevestigen/")[2].split()[0]
    assert purposes() == {"advice"}
    assert "Stuur mij nieuws." in stranger.get(link).text
    assert purposes() == {"advice"}  # looking is not agreeing
    assert stranger.send(link).status_code == 200
    assert purposes() == {"advice", "newsletter"}
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE intake_opt_in SET expires_at = now()")
    assert stranger.get(link).status_code == stranger.send(link).status_code == 404


def test_another_text_is_another_version(as_: As, form: Any, client_as: Callable[[Somebody], Browser]) -> None:
    _token, path, words, ident = form
    meg = client_as(MEG)
    meg.send(path, words)
    meg.send(path, words | {"consent_text": "Ik ga nog meer akkoord."})
    with as_(MEG):
        texts: Any = session.scalars(select(FormText).order_by(FormText.number)).all()
        assert [(text.number, text.consent_text) for text in texts] == [
            (1, "Ik ga akkoord."), (2, "Ik ga nog meer akkoord."),
        ]  # fmt: skip
        assert session.get(WebForm, ident).version == 2


@pytest.mark.parametrize("sites", ["http://x.nl", "'none'", "https://x.nl;script-src *", "localhost", "https://x", "*"])
def test_no_site_that_is_none(form: Any, client_as: Callable[[Somebody], Browser], sites: str) -> None:
    assert client_as(MEG).send(form[1], form[2] | {"sites": sites}).status_code == 422


def test_a_form_that_makes_no_lead_is_not_kept(form: Any, client_as: Callable[[Somebody], Browser]) -> None:
    words = {name: value for name, value in form[2].items() if not name.startswith("use-")}
    assert client_as(MEG).send(form[1], words).status_code == 422
    assert client_as(MEG).get(f"{form[1]}/preview").status_code == 200


@pytest.mark.parametrize("how", ["unknown", "switched off", "company disabled"])
def test_a_form_out_of_use_takes_nothing(
    app: Flask, form: Any, as_: As, visitor: Any, arrivals: Arrivals, admin_url: str, how: str
) -> None:
    address = "/aanvraag/unknown" if how == "unknown" else f"/aanvraag/{form[0]}"
    if how == "switched off":
        with as_(MEG):
            session.scalars(select(WebForm)).one().active = False
    elif how == "company disabled":
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("UPDATE auth_company SET active = false WHERE id = %s", [HOME])
    assert app.test_client().get(address, base_url=ORIGIN).status_code == 404
    assert app.test_client().post(address, data=FILLED, base_url=ORIGIN).status_code == 404
    assert arrivals() == []
