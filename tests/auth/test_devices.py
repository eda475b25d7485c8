"""A device is known by a cookie that we made ourselves; one that was never seen is told to its person."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask

from leadcrm.auth.services import devices
from tests.auth.accounts import (
    ACCOUNT,
    SIGN_IN,
    Account,
    Enrolled,
    browser_with,
    give_password,
    is_in,
    token_of,
    walk_in,
)
from tests.auth.conftest import Query
from tests.people import ANN, BOB, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0"


def device_cookie(browser: Browser) -> str:
    cookie = browser.get_cookie(devices.COOKIE, domain="localhost")
    return cookie.value if cookie else ""


def comes_in(browser: Browser, account: Account, query: Query) -> Browser:
    query("UPDATE auth_secret SET totp_last_step = 0")
    walk_in(browser, account)
    assert is_in(browser)
    return browser


def known(app: Flask, person: Person, cookie: str) -> bool:
    with app.app_context():
        return devices.is_known(person.id, SimpleNamespace(cookies={devices.COOKIE: cookie}))


def mails(query: Query) -> list[tuple[str, str, str]]:
    return [
        (row[0], row[1], row[2])
        for row in query("SELECT recipient, subject, body FROM core_outbox ORDER BY created_at")
    ]


def test_the_cookie_is_ours_alone_and_for_a_year(stranger: Browser, enrolled: Enrolled) -> None:
    answer = walk_in(stranger, enrolled(ANN))
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(devices.COOKIE)]
    attributes = {part.strip().partition("=")[0].lower(): part.strip() for part in cookie.split(";")[1:]}
    assert set(attributes) == {"secure", "httponly", "path", "samesite", "max-age", "expires"}
    assert (attributes["samesite"], attributes["max-age"]) == ("SameSite=Lax", "Max-Age=31536000")


def test_only_its_hash_is_kept(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    walk_in(stranger, enrolled(ANN))
    assert device_cookie(stranger).encode() not in [
        bytes(row[0]) for row in query("SELECT token_hash FROM auth_device")
    ]


def test_known_is_who_came_in_completely(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    ann = enrolled(ANN)
    give_password(stranger, ANN.email)
    assert device_cookie(stranger) == ""
    comes_in(stranger, ann, query)
    cookie = device_cookie(stranger)
    assert known(app, ANN, cookie)
    assert not known(app, BOB, cookie)
    assert not known(app, ANN, cookie[:-1] + ("x" if cookie[-1] != "x" else "y"))
    assert not known(app, ANN, "")


def test_for_a_year(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    comes_in(stranger, enrolled(ANN), query)
    query("UPDATE auth_device SET last_seen_at = now() - interval '364 days'")
    assert known(app, ANN, device_cookie(stranger))
    query("UPDATE auth_device SET last_seen_at = now() - interval '366 days'")
    assert not known(app, ANN, device_cookie(stranger))


@pytest.mark.parametrize("planted", ["A" * 43, ".".join(["B" * 43] * 9), "x" * 4000, "é.ü", "'; --"])
def test_a_planted_cookie_becomes_nobodys_device(
    app: Flask, stranger: Browser, enrolled: Enrolled, query: Query, planted: str
) -> None:
    stranger.set_cookie(devices.COOKIE, planted, domain="localhost", secure=True)
    comes_in(stranger, enrolled(ANN), query)
    assert not known(app, ANN, planted)
    assert known(app, ANN, device_cookie(stranger))


def test_two_people_share_a_browser(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    ann, bob = enrolled(ANN), enrolled(BOB)
    for account in (ann, bob, ann, bob):
        comes_in(stranger, account, query)
    assert known(app, ANN, device_cookie(stranger)) and known(app, BOB, device_cookie(stranger))
    assert [mail[0] for mail in mails(query)] == [ANN.email, BOB.email]
    assert query("SELECT count(*) FROM auth_device") == [(2,)]


@pytest.mark.asvs("V6.3.5")
def test_a_new_device_is_told_once(app: Flask, enrolled: Enrolled, query: Query) -> None:
    ann, office = enrolled(ANN), Browser(app)
    office.environ_base["HTTP_USER_AGENT"] = FIREFOX
    comes_in(office, ann, query)
    office.send("/auth/sign-out")
    comes_in(office, ann, query)
    [(recipient, subject, body)] = mails(query)
    assert (recipient, subject) == (ANN.email, "Ingelogd op een nieuw apparaat")
    for said in (ANN.name, "Firefox op Windows", "127.0.0.0/24", "https://localhost:8443/auth/not-me/"):
        assert said in body
    assert re.search(r"Tijd: \d{1,2} \w+ \d{4}, \d\d:\d\d", body)
    comes_in(Browser(app), ann, query)
    assert len(mails(query)) == 2


def test_in_the_language_of_the_person(app: Flask, enrolled: Enrolled, query: Query) -> None:
    ann = enrolled(ANN)
    query(
        "INSERT INTO auth_preference (company_id, id, language, theme, rows_per_page, columns) "
        "VALUES (%s, %s, 'en', 'auto', 50, '{}')",
        ANN.company_id,
        ANN.id,
    )
    comes_in(Browser(app), ann, query)
    [(_recipient, subject, body)] = mails(query)
    assert subject == "Signed in on a new device"
    assert "Was it not you?" in body


def test_no_address_of_a_mail_comes_from_the_request(
    app: Flask, stranger: Browser, enrolled: Enrolled, query: Query
) -> None:
    comes_in(stranger, enrolled(ANN), query)
    assert all("https://localhost:8443/" in mail[2] for mail in mails(query))


def link_of(query: Query) -> str:
    found = re.search(r"/auth/not-me/\S+", mails(query)[-1][2])
    assert found
    return found[0]


def test_it_was_not_me(app: Flask, stranger: Browser, enrolled: Enrolled, client_as: ClientAs, query: Query) -> None:
    thief, other, bob = Browser(app), client_as(ANN), client_as(BOB)
    comes_in(thief, enrolled(ANN), query)
    link = link_of(query)
    page = stranger.get(link)
    assert page.status_code == 200 and ANN.email in page.text
    assert is_in(thief)  # looking ends nothing
    assert stranger.send(link).status_code == 200
    assert (is_in(thief), is_in(other), is_in(bob)) == (False, False, True)
    assert not known(app, ANN, device_cookie(thief))
    assert give_password(Browser(app), ANN.email).status_code == 422  # whoever knows it
    assert query("SELECT totp_confirmed_at IS NOT NULL FROM auth_secret") == [(True,)]
    assert query("SELECT kind, company_id FROM core_notice") == [("not me", ANN.company_id)]
    assert ("everything ended by its owner",) in query("SELECT action FROM core_audit_line")
    assert stranger.get(link).status_code == stranger.send(link).status_code == 404  # once


@pytest.mark.parametrize("token", ["x", "A" * 43, "x" * 3000])
def test_a_made_up_link_ends_nothing(stranger: Browser, client_as: ClientAs, query: Query, token: str) -> None:
    ann = client_as(ANN)
    assert stranger.get(f"/auth/not-me/{token}").status_code == 404
    assert stranger.send(f"/auth/not-me/{token}").status_code == 404
    assert is_in(ann)
    assert query("SELECT DISTINCT reason FROM auth_failed_login") == [("bad_link",)]


@pytest.mark.parametrize(
    "over", ["UPDATE auth_device SET first_seen_at = now() - interval '31 days'", "DELETE FROM auth_device"]
)
def test_an_old_link_ends_nothing(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query, over: str) -> None:
    ann = comes_in(Browser(app), enrolled(ANN), query)
    link = link_of(query)
    query(over)
    assert stranger.send(link).status_code == 404
    assert is_in(ann)


def test_my_devices_are_listed_and_forgotten(app: Flask, enrolled: Enrolled, query: Query) -> None:
    account, here, there = enrolled(ANN), Browser(app), Browser(app)
    there.environ_base["HTTP_USER_AGENT"] = FIREFOX
    comes_in(here, account, query)
    comes_in(there, account, query)
    assert "Firefox op Windows" in here.get(ACCOUNT).text
    [(ident,)] = query("SELECT id FROM auth_device WHERE name LIKE 'Firefox%%'")
    assert here.send(f"{ACCOUNT}/devices/{ident}/forget").location == ACCOUNT
    assert (is_in(here), is_in(there)) == (True, False)
    assert not known(app, ANN, device_cookie(there))
    assert here.send(f"{ACCOUNT}/devices/{ident}/forget").status_code == 404
    comes_in(there, account, query)
    assert len(mails(query)) == 3  # new again


def test_nobody_forgets_the_device_of_another(
    app: Flask, enrolled: Enrolled, client_as: ClientAs, query: Query
) -> None:
    ann = comes_in(Browser(app), enrolled(ANN), query)
    [(ident,)] = query("SELECT id FROM auth_device")
    for person in (BOB, MEG):
        assert client_as(person).send(f"{ACCOUNT}/devices/{ident}/forget").status_code == 404
    assert is_in(ann)


def test_a_person_has_fifty(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    account = enrolled(ANN)
    query(
        "INSERT INTO auth_device (company_id, id, user_id, token_hash, notice_hash, name, address_prefix, "
        "first_seen_at, last_seen_at) SELECT %s, gen_random_uuid(), %s, n::text::bytea, n::text::bytea, 'old', '', "
        "now(), now() - make_interval(days => n) FROM generate_series(1, 60) AS n",
        ANN.company_id,
        ANN.id,
    )
    comes_in(stranger, account, query)
    assert query("SELECT count(*), count(*) FILTER (WHERE name <> 'old') FROM auth_device") == [(50, 1)]


def test_a_cookie_stands_for_a_device_and_opens_nothing(
    app: Flask, stranger: Browser, enrolled: Enrolled, query: Query
) -> None:
    comes_in(stranger, enrolled(ANN), query)
    thief = Browser(app)
    thief.set_cookie(devices.COOKIE, device_cookie(stranger), domain="localhost", secure=True)
    assert thief.get(ACCOUNT).location.startswith(SIGN_IN)
    assert not is_in(browser_with(app, device_cookie(stranger)))
    assert token_of(thief) == ""
