"""Whatever cookie somebody planted in a browser, it is never the one of whoever signs in there."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.auth.accounts import (
    ACCOUNT,
    Account,
    Enrolled,
    browser_with,
    give_code,
    give_password,
    is_in,
    token_of,
    walk_in,
)
from tests.people import ANN, BOB
from tests.world import Browser

Planted = Callable[[Flask, Account], str]


def made_up(_app: Flask, _bob: Account) -> str:
    return "A" * 43


def half_of_the_attacker(app: Flask, bob: Account) -> str:
    browser = Browser(app)
    give_password(browser, bob.person.email)
    return token_of(browser)


def full_of_the_attacker(app: Flask, bob: Account) -> str:
    browser = Browser(app)
    walk_in(browser, bob)
    return token_of(browser)


def signed_out_of_the_attacker(app: Flask, bob: Account) -> str:
    browser = Browser(app)
    walk_in(browser, bob)
    token = token_of(browser)
    browser.send("/auth/sign-out")
    return token


PLANTS = [made_up, half_of_the_attacker, full_of_the_attacker, signed_out_of_the_attacker]


def plant(browser: Browser, token: str) -> None:
    browser.set_cookie("__Host-leadcrm", token, domain="localhost", secure=True)


@pytest.mark.parametrize("planted", PLANTS, ids=lambda each: each.__name__)
def test_planted_before_the_password(app: Flask, stranger: Browser, enrolled: Enrolled, planted: Planted) -> None:
    ann, bob = enrolled(ANN), enrolled(BOB)
    token = planted(app, bob)
    plant(stranger, token)
    walk_in(stranger, ann)
    assert is_in(stranger) and ANN.email in stranger.get(ACCOUNT).text
    assert token_of(stranger) != token
    assert not is_in(browser_with(app, token))


@pytest.mark.parametrize("planted", PLANTS, ids=lambda each: each.__name__)
def test_planted_before_the_code(app: Flask, stranger: Browser, enrolled: Enrolled, planted: Planted) -> None:
    """The code of Ann raises no session but her own."""
    ann, bob = enrolled(ANN), enrolled(BOB)
    give_password(stranger, ANN.email)
    token = planted(app, bob)
    plant(stranger, token)
    give_code(stranger, ann.code())
    assert ANN.email not in stranger.get(ACCOUNT).text
    assert ANN.email not in browser_with(app, token).get(ACCOUNT).text


def test_the_half_session_that_an_attacker_saw_is_of_no_use(app: Flask, stranger: Browser, enrolled: Enrolled) -> None:
    ann = enrolled(ANN)
    give_password(stranger, ANN.email)
    seen = token_of(stranger)
    give_code(stranger, ann.code())
    assert is_in(stranger)
    assert not is_in(browser_with(app, seen))
    assert browser_with(app, seen).get("/auth/second-factor").location == "/auth/sign-in"
