"""Forgotten passwords: one answer for everybody, a link by mail for whom there is one, past neither guard."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from leadcrm.auth.services import attempts
from leadcrm.core.jobs import run_worker
from leadcrm.core.postgres.urls import Urls
from tests.auth.accounts import Enrolled, give_password, is_in
from tests.auth.conftest import Query
from tests.people import ANN, BOB, PASSWORD, Person
from tests.world import ORIGIN, Browser

NEW = "vier groene fietsen in de regen"
FORGOTTEN = "/auth/forgotten"
Work = Callable[[], None]


@pytest.fixture
def work(worker_app: Flask, urls: Urls) -> Work:
    return lambda: run_worker(worker_app, urls.worker, wait=False)


def ask(browser: Browser, email: str) -> Any:
    return browser.send(FORGOTTEN, {"email": email})


def mails(query: Query) -> list[tuple[Any, ...]]:
    return query("SELECT recipient, subject, body FROM core_outbox ORDER BY created_at")


def link_in(query: Query) -> str:
    found = re.search(r"https://\S+(/auth/set-password/[\w-]+)", mails(query)[-1][2])
    assert found
    return found[1]


def choose(browser: Browser, link: str, password: str = NEW) -> int:
    return browser.send(link, {"new_password": password, "new_password_again": password}).status_code


@pytest.mark.asvs("V6.4.3")
def test_the_whole_way(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query, work: Work) -> None:
    enrolled(ANN)
    assert FORGOTTEN in stranger.get("/auth/sign-in").text
    assert ask(stranger, ANN.email.upper()).status_code == 200
    assert mails(query) == []  # the request itself knows nothing
    work()
    assert mails(query)[0][0] == ANN.email
    link = link_in(query)
    assert choose(stranger, link) == 303
    assert give_password(Browser(app), ANN.email).status_code == 422
    assert give_password(Browser(app), ANN.email, NEW).location == "/auth/second-factor"  # which stays
    assert not is_in(stranger)
    assert choose(stranger, link) == 404
    assert query("SELECT count(*) FROM auth_forgotten") == [(0,)]


def test_everybody_gets_the_same_answer(app: Flask, enrolled: Enrolled, query: Query, work: Work) -> None:
    enrolled(ANN)
    enrolled(BOB)
    query("UPDATE auth_user SET active = false WHERE id = %s", BOB.id)
    pages, addresses = [], (ANN.email, BOB.email, "nobody@example.org")
    for email in addresses:
        answer = ask(Browser(app), email)
        pages.append((answer.status_code, re.sub(r'nonce="[^"]+"|[\w.-]{40,}', "", answer.text.replace(email, "…"))))
    query("UPDATE auth_user SET active = true")
    assert len(set(pages)) == 1
    assert query("SELECT count(*) FROM auth_forgotten") == [(3,)]


def test_only_who_may_sign_in_gets_a_link(app: Flask, enrolled: Enrolled, query: Query, work: Work) -> None:
    enrolled(BOB)
    query("UPDATE auth_user SET active = id <> %s, joined_at = CASE id WHEN %s THEN now() END", BOB.id, BOB.id)
    for email in (BOB.email, "nobody@example.org", ANN.email):  # disabled, unknown, invited but never joined
        ask(Browser(app), email)
    work()
    query("UPDATE auth_user SET active = true")
    assert mails(query) == [] and query("SELECT count(*) FROM auth_link") == [(0,)]
    assert query("SELECT count(*) FROM auth_forgotten") == [(0,)]


def test_the_address_is_not_kept_in_clear(stranger: Browser, query: Query) -> None:
    ask(stranger, ANN.email)
    [(sealed,)] = query("SELECT sealed FROM auth_forgotten")
    assert ANN.email.encode() not in bytes(sealed)
    [(arguments,)] = query("SELECT args::text FROM procrastinate.procrastinate_jobs")
    assert ANN.email not in arguments


def test_the_link_comes_from_the_configuration_never_from_the_request(
    app: Flask, stranger: Browser, enrolled: Enrolled, query: Query, work: Work
) -> None:
    enrolled(ANN)
    stranger.post(
        FORGOTTEN, data={"csrf_token": stranger.csrf_token(), "email": ANN.email},
        headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-Forwarded-Host": "evil.example"},
    )
    work()
    assert app.extensions["config"].base_url + "/auth/set-password/" in mails(query)[0][2]
    assert "evil.example" not in mails(query)[0][2]


def test_it_works_for_half_an_hour(stranger: Browser, enrolled: Enrolled, query: Query, work: Work) -> None:
    enrolled(ANN)
    ask(stranger, ANN.email)
    work()
    [(minutes,)] = query("SELECT round(extract(epoch FROM expires_at - created_at) / 60)::int FROM auth_link")
    assert minutes == 30
    query("UPDATE auth_link SET expires_at = now() - interval '1 second'")
    assert choose(stranger, link_in(query)) == 404


def test_the_second_link_replaces_the_first_but_no_managers_link(
    app: Flask, stranger: Browser, enrolled: Enrolled, query: Query, work: Work
) -> None:
    enrolled(ANN)
    query(
        "INSERT INTO auth_link (company_id, id, user_id, token_hash, created_by, created_at, expires_at) "
        "SELECT company_id, gen_random_uuid(), id, 'managers', id, now(), now() + interval '1 day' "
        "FROM auth_user WHERE id = %s", ANN.id,
    )
    links = []
    for _ in range(2):
        ask(stranger, ANN.email)
        work()
        links.append(link_in(query))
    assert choose(Browser(app), links[0]) == 404
    assert query("SELECT count(*) FROM auth_link WHERE expires_at > now()") == [(2,)]
    assert choose(Browser(app), links[1]) == 303


@pytest.mark.asvs("V7.4.3", "V6.3.7")
def test_sessions_end_and_the_owner_is_told(
    stranger: Browser, client_as: Callable[[Person], Browser], enrolled: Enrolled, query: Query, work: Work
) -> None:
    enrolled(ANN)
    ann = client_as(ANN)
    ask(stranger, ANN.email)
    work()
    choose(stranger, link_in(query))
    assert not is_in(ann)
    recipient, subject, body = mails(query)[-1]
    assert recipient == ANN.email and "gewijzigd" in subject and FORGOTTEN in body


def test_changing_ones_own_password_ends_the_rest_and_tells_too(
    client_as: Callable[[Person], Browser], enrolled: Enrolled, query: Query
) -> None:
    enrolled(ANN)
    here, elsewhere = client_as(ANN), client_as(ANN)
    form = {"current_password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
    assert here.send("/auth/account/password", form).status_code == 303
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert [(mail[0], "gewijzigd" in mail[1]) for mail in mails(query)] == [(ANN.email, True)]


@pytest.mark.parametrize("email", [ANN.email, "nobody@example.org"])
def test_it_is_limited_alike_for_everybody(app: Flask, enrolled: Enrolled, query: Query, email: str) -> None:
    enrolled(ANN)
    codes = [ask(Browser(app), email).status_code for _ in range(attempts.RESET_ACCOUNT[0].amount + 1)]
    assert codes == [200] * 3 + [429]
    assert query("SELECT count(*) FROM auth_forgotten") == [(3,)]


@pytest.mark.parametrize(
    "typed", ["", "geen adres", "a@b", "x" * 300 + "@example.org", "jan@example.org\r\nBcc: x@y.nl"]
)
def test_what_is_no_address_is_said(stranger: Browser, query: Query, typed: str) -> None:
    assert ask(stranger, typed).status_code == 422
    assert query("SELECT count(*) FROM auth_forgotten") == [(0,)]


def test_asking_is_answered_within_the_hour(
    stranger: Browser, enrolled: Enrolled, query: Query, work: Work
) -> None:
    enrolled(ANN)
    ask(stranger, ANN.email)
    query("UPDATE auth_forgotten SET created_at = now() - interval '61 minutes'")
    work()
    assert mails(query) == []
