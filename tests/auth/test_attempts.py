"""Guessing is limited per account, per network and over all, also when everybody comes at once."""

from typing import Any

import pytest
from flask import Flask

from leadcrm.auth.services import attempts, passwords, second_factor
from tests.auth.accounts import Enrolled, give_code, give_password
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ANN, BOB
from tests.world import Browser

ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


def guess(browser: Browser, email: str, password: str = "wrong", address: str = "127.0.0.1") -> Any:
    browser.environ_base["REMOTE_ADDR"] = address
    return give_password(browser, email, password)


def test_the_sixth_guess_is_not_looked_at(app: Flask, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    answers = [guess(Browser(app), ANN.email) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 300
    assert "pogingen" in answers[-1].text
    assert query("SELECT reason FROM auth_failed_login ORDER BY at")[-1] == ("limited",)
    assert guess(Browser(app), ANN.email, "een-lange-zin-over-hypotheken").status_code == 429  # the right one neither


def test_guesses_at_once_do_not_exceed_the_limit(
    app: Flask, enrolled: Enrolled, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(ANN)
    looked_at: list[str] = []
    verify = passwords.verify

    def counting(password: str, known: str | None) -> Any:
        looked_at.append(password)
        return verify(password, known)

    monkeypatch.setattr(passwords, "verify", counting)
    codes = [answer.status_code for answer in at_once(30, lambda _number: guess(Browser(app), ANN.email))]
    assert len(looked_at) == 5
    assert (codes.count(422), codes.count(429)) == (5, 25)


def test_spelling_and_capitals_make_no_new_account(app: Flask, enrolled: Enrolled) -> None:
    enrolled(ANN)
    spellings = [
        "ann@example.org",
        "ANN@example.org",
        " ann@EXAMPLE.org",
        "mailto:ann@example.org",
        "a\u200bn\u200bn@example.org",
        "ann@example\u3002org",
    ]
    assert [guess(Browser(app), email).status_code for email in spellings] == [422] * 5 + [429]


def test_a_right_password_costs_nothing(app: Flask, enrolled: Enrolled) -> None:
    enrolled(ANN)
    assert {give_password(Browser(app), ANN.email).status_code for _ in range(12)} == {303}


def test_an_attacker_elsewhere_does_not_lock_the_owner_out_at_once(app: Flask, enrolled: Enrolled) -> None:
    enrolled(ANN)
    for _ in range(8):
        guess(Browser(app), ANN.email, address="198.51.100.7")
    assert guess(Browser(app), ANN.email, "een-lange-zin-over-hypotheken", address="192.0.2.1").status_code == 303


def test_many_networks_share_the_limit_of_the_account(app: Flask, enrolled: Enrolled) -> None:
    enrolled(ANN)
    codes = [guess(Browser(app), ANN.email, address=f"198.51.{number}.7").status_code for number in range(22)]
    assert codes == [422] * 20 + [429] * 2


def test_one_network_shares_its_limit_over_accounts(app: Flask, enrolled: Enrolled) -> None:
    enrolled(BOB)
    codes = [
        guess(Browser(app), f"nobody{number}@example.org", address=f"198.51.100.{number}").status_code
        for number in range(32)
    ]
    assert codes == [422] * 30 + [429] * 2
    assert guess(Browser(app), BOB.email, "een-lange-zin-over-hypotheken").status_code == 303


def test_everybody_together_has_a_limit(app: Flask, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PASSWORD_ALL", attempts.parse_many("3 per 5 minutes"))
    enrolled(ANN)
    codes = [
        guess(Browser(app), f"n{number}@example.org", address=f"198.51.{number}.7").status_code for number in range(4)
    ]
    assert codes == [422, 422, 422, 429]


def test_a_flood_does_not_fill_the_table(app: Flask, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "RECORDED", attempts.parse_many("2 per 5 minutes"))
    for _ in range(10):
        guess(Browser(app), ANN.email)
    assert query("SELECT count(*) FROM auth_failed_login") == [(7,)]  # five that were looked at, two that were not


def test_codes_have_a_limit_of_their_own(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    ann = enrolled(ANN)
    give_password(stranger, ANN.email)
    assert [give_code(stranger, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    assert give_code(stranger, ann.code()).status_code == 429
    assert query("SELECT reason, count(*) FROM auth_failed_login GROUP BY reason ORDER BY 2") == [
        ("limited", 2),
        ("wrong_code", 5),
    ]
    other = Browser(app)
    assert give_password(other, ANN.email).status_code == 303
    assert give_code(other, ann.code()).status_code == 429  # a new session brings no new guesses


def test_codes_at_once_do_not_exceed_the_limit(app: Flask, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolled(ANN)
    browsers = [Browser(app) for _ in range(20)]
    for browser in browsers:
        give_password(browser, ANN.email)
    looked_at: list[str] = []
    step_of = second_factor.step_of

    def counting(secret: str, code: str, at: float | None = None) -> int | None:
        looked_at.append(code)
        return step_of(secret, code, at)

    monkeypatch.setattr(second_factor, "step_of", counting)
    codes = [answer.status_code for answer in at_once(20, lambda number: give_code(browsers[number], "000000"))]
    assert len(looked_at) == 5
    assert (codes.count(422), codes.count(429)) == (5, 15)


def test_a_flood_at_the_door_meets_flask_limiter(app: Flask, stranger: Browser, query: Query) -> None:
    query(
        "INSERT INTO core_limit SELECT 'LIMITER/127.0.0.0/24/auth.do_sign_in/300/1/minute', "
        "array_agg(extract(epoch FROM now())), "
        "now() + interval '1 minute' FROM generate_series(1, 299)"
    )
    ordinary = give_password(stranger, "nobody@example.org")
    assert ordinary.status_code == 422
    assert not {"Retry-After", "X-RateLimit-Limit"} & set(ordinary.headers.keys())
    answer = give_password(stranger, "nobody@example.org")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert stranger.get("/auth/sign-in").status_code == 200
