"""A client's side: the code, who comes in, and every way in which somebody else does not."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from leadcrm.collecting.models.link import CodeWay, Link
from leadcrm.collecting.services import secrets
from leadcrm.collecting.services.links import MOST_WRONG
from leadcrm.collecting.services.visiting import client_of
from leadcrm.collecting.views.client import COOKIE
from leadcrm.core.db import now, session
from leadcrm.core.scope import scoped_models, viewing_as
from leadcrm.leads.models.lead import Lead
from tests.checklists.conftest import As
from tests.collecting.conftest import Make, Sent, begin, come_in, upload
from tests.people import ANN, ELSEWHERE, HOME
from tests.world import Browser


def change_link(as_: As, sent: Sent, **values: Any) -> None:
    with as_(ANN):
        link = session.get(Link, sent.link_id)
        for name, value in values.items():
            setattr(link, name, value)


def said(answer: Any) -> list[str]:
    """Without what is new each time."""
    new = ("nonce=", "csrf", 'name="next"')
    return [line for line in answer.text.splitlines() if not any(each in line for each in new)]


def test_the_page_before_the_code_tells_nothing(stranger: Browser, sent: Sent) -> None:
    page = stranger.get(sent.page)
    assert page.status_code == 200 and "De Hypotheekhoek" in page.text
    assert not {"Jan", "Vries", "Identiteitsbewijs", "Ann de Wit"} & set(page.text.split())
    for secret in ("Identiteitsbewijs", "Jan de Vries", "Ann de Wit", sent.code):
        assert secret not in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_the_right_code_opens_the_list(inside: Browser, sent: Sent) -> None:
    page = inside.get(sent.page)
    assert "Identiteitsbewijs" in page.text and "Koopovereenkomst" in page.text and "Jan de Vries" in page.text
    cookie = inside.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None and cookie.secure and cookie.http_only and cookie.same_site == "Lax"


@pytest.mark.parametrize("typed", ["482 913", "482-913", " 482913 "])
def test_a_code_may_be_typed_as_it_is_read_out(app: Flask, as_: As, sent: Sent, typed: str) -> None:
    spaced = f"{sent.code[:3]} {sent.code[3:]}" if " " in typed.strip() else f"{sent.code[:3]}-{sent.code[3:]}"
    come_in(Browser(app), sent, spaced)


@pytest.mark.parametrize("typed", ["", "abcdef", "12345", "1234567", "' OR 1=1", "٤٨٢٩١٣", "0" * 5_000])
def test_nonsense_is_a_wrong_code(stranger: Browser, sent: Sent, typed: str) -> None:
    answer = stranger.send(f"{sent.page}/code", {"code": typed})
    assert answer.status_code == 422 and stranger.get_cookie(COOKIE, domain="localhost") is None


def test_guessing_ends_after_ten_also_with_the_right_code(app: Flask, sent: Sent, admin_url: str) -> None:
    """Also when the limits on attempts forget: the link itself counts."""
    for number in range(MOST_WRONG):
        forget_limits(admin_url)
        answer = Browser(app).send(f"{sent.page}/code", {"code": wrong(sent)})
        assert answer.status_code == 422, number
    forget_limits(admin_url)
    right = Browser(app).send(f"{sent.page}/code", {"code": sent.code})
    assert right.status_code == 422 and "Te vaak" in right.text
    assert "Te vaak" in Browser(app).get(sent.page).text
    assert deferred(admin_url, "collecting.jobs.tell_locked") == 1


def wrong(sent: Sent) -> str:
    return f"{(int(sent.code) + 1) % 1_000_000:06d}"


def forget_limits(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("DELETE FROM core_limit")


def deferred(admin_url: str, name: str) -> int:
    with psycopg.connect(admin_url) as admin:
        row = admin.execute(
            "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE task_name = %s", [name]
        ).fetchone()
        return int(row[0]) if row else 0


def test_five_in_a_row_have_to_wait(app: Flask, sent: Sent) -> None:
    answers = [Browser(app).send(f"{sent.page}/code", {"code": wrong(sent)}).status_code for _each in range(6)]
    assert answers == [422] * 5 + [429]
    assert Browser(app).send(f"{sent.page}/code", {"code": sent.code}).status_code == 429  # nothing was looked at


def test_a_right_code_forgets_the_wrong_ones(app: Flask, as_: As, sent: Sent) -> None:
    Browser(app).send(f"{sent.page}/code", {"code": wrong(sent)})
    come_in(Browser(app), sent)
    with as_(ANN):
        link: Any = session.get(Link, sent.link_id)
        assert link.failures == 0 and link.opened_at is not None


@pytest.mark.parametrize("how", ["invented", "revoked", "expired", "lead removed", "company disabled"])
def test_dead_links_all_look_the_same(
    app: Flask, as_: As, inside: Browser, sent: Sent, how: str, admin_url: str
) -> None:
    """For who stands before it and for who is inside already."""
    page = sent.page
    match how:
        case "revoked":
            change_link(as_, sent, revoked_at=now())
        case "expired":
            change_link(as_, sent, expires_at=now() - timedelta(seconds=1))
        case "lead removed":
            with as_(ANN):
                session.get(Lead, sent.lead_id).deleted_at = now()
        case "company disabled":
            with psycopg.connect(admin_url, autocommit=True) as admin:
                admin.execute("UPDATE auth_company SET active = false WHERE id = %s", [HOME])
        case _:
            page = f"/aanleveren/{'a' * 43}"
    never = Browser(app).get(f"/aanleveren/{'b' * 43}")
    for browser in (Browser(app), inside):
        answer = browser.get(page)
        assert answer.status_code == 404 and said(answer) == said(never)
        assert browser.send(f"{page}/code", {"code": sent.code}).status_code == 404
        assert browser.send(f"{page}/ready").status_code == 404
        assert begun(browser, page) == 404


def begun(browser: Browser, page: str) -> int:
    return int(begin(browser, page, 10).status_code)


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5_000, "%00", "..%2f..%2fetc", "é" * 43, "' OR 1=1 --"])
def test_invented_tokens_are_not_found(stranger: Browser, token: str) -> None:
    assert stranger.get(f"/aanleveren/{token}").status_code in (404, 308)


def test_a_tampered_token_is_another_one(inside: Browser, sent: Sent) -> None:
    for place in (0, 20, 42):
        other = "A" if sent.token[place] != "A" else "B"
        tampered = sent.token[:place] + other + sent.token[place + 1 :]
        assert inside.get(f"/aanleveren/{tampered}").status_code == 404
    for other in (sent.token.lower(), sent.token + "=", sent.token[:-1], sent.token + "A"):
        if other != sent.token:
            assert inside.get(f"/aanleveren/{other}").status_code == 404


def test_guessing_tokens_is_limited_per_network(app: Flask) -> None:
    answers = [Browser(app).get(f"/aanleveren/{number:043d}").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


def test_a_visit_opens_its_own_link_only(app: Flask, make_link: Make, inside: Browser, sent: Sent) -> None:
    other = make_link()
    page = inside.get(other.page)
    assert "Identiteitsbewijs" not in page.text and 'name="code"' in page.text
    assert begun(inside, other.page) == 404


def test_a_cookie_that_was_invented_opens_nothing(app: Flask, sent: Sent) -> None:
    for value in ("x", "a" * 43, "a" * 500, ""):
        browser = Browser(app)
        browser.set_cookie(COOKIE, value, domain="localhost", secure=True)
        assert 'name="code"' in browser.get(sent.page).text


def test_a_code_counts_for_its_link_only(app: Flask) -> None:
    """Equal codes of two links look different in the database, and with another key."""
    with app.app_context():
        one, other = uuid4(), uuid4()
        seen = {secrets.mac_of("482913", HOME, one), secrets.mac_of("482913", HOME, other),
                secrets.mac_of("482913", ELSEWHERE, one), secrets.mac_of("482914", HOME, one)}  # fmt: skip
        assert len(seen) == 4


def test_the_code_of_another_link_does_not_fit(stranger: Browser, make_link: Make, sent: Sent) -> None:
    other = make_link()
    if other.code != sent.code:
        assert stranger.send(f"{sent.page}/code", {"code": other.code}).status_code == 422


def test_done_is_done(app: Flask, inside: Browser, sent: Sent) -> None:
    """The browser is a stranger again, and its old cookie opens nothing, wherever it was copied to."""
    cookie = inside.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    assert "Dank u wel" in inside.send(f"{sent.page}/ready").text
    thief = Browser(app)
    thief.set_cookie(COOKIE, cookie.value, domain="localhost", secure=True)
    for browser in (inside, thief):
        assert 'name="code"' in browser.get(sent.page).text


def test_a_visit_ends_by_itself(inside: Browser, sent: Sent, admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE collecting_visit SET expires_at = now()")
    assert 'name="code"' in inside.get(sent.page).text


def test_an_adviser_who_is_signed_in_sees_no_more(client_as: Any, sent: Sent) -> None:
    page = client_as(ANN).get(sent.page)
    assert 'name="code"' in page.text and "Identiteitsbewijs" not in page.text


def test_the_database_shows_a_client_nothing(app: Flask, sent: Sent, inside: Browser) -> None:
    """Behind the first wall too: as who a client is, no table of leads, documents or links has a row."""
    upload(inside, sent.page)
    seen = {}
    with app.app_context(), viewing_as(client_of(SimpleNamespace(company_id=HOME, link_id=sent.link_id))):
        for model in scoped_models():
            if model.__tablename__.split("_")[0] in ("leads", "documents", "checklists", "collecting"):  # type: ignore[attr-defined]
                seen[model.__name__] = len(session.query(model).limit(5).all())
    assert seen.pop("Norm")  # published figures
    assert not any(seen.values()), seen


def test_english_for_who_reads_english(app: Flask, as_: As, sent: Sent) -> None:
    change_link(as_, sent, language="en")
    browser = Browser(app)
    assert "Your code of six digits" in browser.get(sent.page).text
    assert "Take a photo" in come_in(browser, sent).get(sent.page).text


def test_the_code_by_mail_is_told_so(stranger: Browser, make_link: Make) -> None:
    assert "per e-mail" in stranger.get(make_link(CodeWay.MAIL).page).text
