"""Recovery codes: ten, once each, to get in and no further."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from leadcrm.auth.services.factors import recovery
from tests.auth.accounts import Account, Enrolled, browser_with, give_password, is_in, token_of
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ANN, BOB, HOME, MEG, Person
from tests.world import Browser, sign_in_as

MAKE, USE = "/auth/account/security/recovery-codes", "/auth/second-factor/recovery"
CODE = re.compile(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}")
ClientAs = Callable[[Person], Browser]


@pytest.fixture
def ann(enrolled: Enrolled) -> Account:
    return enrolled(ANN)


@pytest.fixture
def codes(ann: Account, client_as: ClientAs) -> list[str]:
    return CODE.findall(client_as(ANN).send(MAKE).text)


def use(browser: Browser, code: str, person: Person = ANN) -> int:
    give_password(browser, person.email)
    return browser.send(USE, {"recovery_code": code}).status_code


@pytest.mark.asvs("V6.5.2", "V6.5.4")
def test_ten_of_120_bits_shown_once(codes: list[str], client_as: ClientAs, query: Query) -> None:
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) * 5 == 120 for code in codes)
    stored = [bytes(kept) for (kept,) in query("SELECT code_hash FROM auth_recovery_code")]
    assert sorted(stored) == sorted(recovery.code_hash(code, ANN.id) for code in codes)
    for page in ("/auth/account/security", "/auth/account"):
        assert not CODE.search(client_as(ANN).get(page).text)
    assert not CODE.search(str(query("SELECT body FROM core_audit_line")) + str(query("SELECT body FROM core_outbox")))


def test_the_page_with_them_is_kept_nowhere(ann: Account, client_as: ClientAs) -> None:
    assert client_as(ANN).send(MAKE).headers["Cache-Control"] == "no-store"


@pytest.mark.asvs("V6.5.1")
@pytest.mark.parametrize(
    "write", [str, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' ')} "]
)
def test_each_gets_in_once_however_it_is_written(
    codes: list[str], stranger: Browser, query: Query, write: Callable[[str], str]
) -> None:
    assert use(stranger, write(codes[0])) == 303
    assert is_in(stranger)
    other = Browser(stranger.application)
    assert use(other, write(codes[0])) == 422
    assert not is_in(other)
    assert query("SELECT reason FROM auth_failed_login") == [("wrong_recovery_code",)]


def test_of_many_uses_at_once_one_gets_in(app: Flask, codes: list[str], stranger: Browser, query: Query) -> None:
    give_password(stranger, ANN.email)
    copies = [browser_with(app, token_of(stranger)) for _each in range(4)]
    at_once(4, lambda number: copies[number].send(USE, {"recovery_code": codes[0]}).status_code)
    assert query("SELECT count(*) FROM auth_recovery_code WHERE used_at IS NOT NULL") == [(1,)]
    assert query("SELECT count(*) FROM auth_session WHERE auth_level = 2 AND user_agent <> 'test'") == [(1,)]


def test_a_code_gets_in_and_no_further(app: Flask, enrolled: Enrolled, client_as: ClientAs, stranger: Browser) -> None:
    """It never satisfies step-up: not by having signed in with it, and not when it is given there."""
    meg = enrolled(MEG)
    codes = CODE.findall(client_as(MEG).send(MAKE).text)
    assert use(stranger, codes[0], MEG) == 303
    rights = f"/admin/users/{ANN.id}/rights"
    assert stranger.send(rights).status_code == 401
    for name in ("step_up_code", "step_up_answer", "step_up_password", "recovery_code"):
        assert stranger.send("/auth/step-up", {name: codes[1]}).status_code == 401
    assert stranger.send(rights).status_code == 401
    assert stranger.send(USE, {"recovery_code": codes[1]}).location == "/auth/sign-in"
    assert stranger.send("/auth/step-up", {"step_up_code": meg.code()}).status_code == 303
    assert stranger.send(rights).status_code == 303


def test_a_used_one_is_mailed_and_few_are_warned_of(codes: list[str], app: Flask, query: Query) -> None:
    query("DELETE FROM core_outbox")
    for number, code in enumerate(codes):
        browser = Browser(app)
        assert use(browser, code) == 303
        page = browser.get("/auth/account/security").text
        left = 9 - number
        assert ("notice-warning" in page) is (left <= 3), left
        query("DELETE FROM core_limit")
    mails = query("SELECT recipient, company_id FROM core_outbox WHERE subject LIKE '%%herstelcode%%'")
    assert mails.count((ANN.email, HOME)) >= 10
    assert [body for (body,) in query("SELECT body FROM core_audit_line WHERE action = 'recovery code used'")]
    browser = Browser(app)
    give_password(browser, ANN.email)
    assert "with=recovery" not in browser.get("/auth/second-factor").text


def test_a_new_set_replaces_the_old_one(codes: list[str], client_as: ClientAs, stranger: Browser) -> None:
    newer = CODE.findall(client_as(ANN).send(MAKE).text)
    assert use(stranger, codes[0]) == 422
    assert use(stranger, newer[0]) == 303


def test_the_code_of_another_is_none(
    codes: list[str], enrolled: Enrolled, client_as: ClientAs, stranger: Browser
) -> None:
    enrolled(BOB)
    client_as(BOB).send(MAKE)
    assert use(stranger, codes[0], BOB) == 422


def test_it_needs_the_password_first(codes: list[str], stranger: Browser) -> None:
    assert stranger.send(USE, {"recovery_code": codes[0]}).location == "/auth/sign-in"
    assert not is_in(stranger)


def test_nobody_guesses_for_ever(codes: list[str], stranger: Browser) -> None:
    give_password(stranger, ANN.email)
    answers = [stranger.send(USE, {"recovery_code": "A" * 24}).status_code for _each in range(6)]
    assert answers == [422] * 5 + [429]
    assert stranger.send(USE, {"recovery_code": codes[0]}).status_code == 429


def test_a_set_is_made_after_step_up_by_who_has_a_factor(
    app: Flask, admin_url: str, ann: Account, enrolled: Enrolled, query: Query
) -> None:
    assert sign_in_as(app, ANN, admin_url, stepped_up=False).send(MAKE).status_code == 401
    enrolled(BOB, factor=False)
    assert sign_in_as(app, BOB, admin_url).send(MAKE).location == "/auth/account/security"
    assert query("SELECT 1 FROM auth_recovery_code") == []
