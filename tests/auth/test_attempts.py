"""Guessing is limited per account, per network and over all, also when everybody comes at once."""

import time
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.auth.services import attempts, passwords, second_factor
from tests.auth.accounts import Account, Enrolled, give_code, give_password, is_in, walk_in
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ANN, BOB, PASSWORD
from tests.world import Browser

ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


def guess(browser: Browser, email: str, password: str = "wrong", address: str = "127.0.0.1") -> Any:
    browser.environ_base["REMOTE_ADDR"] = address
    return give_password(browser, email, password)


@pytest.mark.asvs("V6.3.1")
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


@pytest.mark.asvs("V6.3.1")
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


@pytest.mark.asvs("V2.4.1")
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


def own_device(app: Flask, account: Account) -> Browser:
    """A browser on which somebody signed in completely, and out again."""
    browser = Browser(app)
    walk_in(browser, account)
    browser.send("/auth/sign-out")
    return browser


def strangers_use_everything_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the owner's own network too: the limits of account, network and everybody are gone."""
    monkeypatch.setattr(attempts, "PASSWORD_ALL", attempts.parse_many("30 per 5 minutes"))
    for number in range(30):
        guess(Browser(app), ANN.email, address=f"198.51.{number}.7" if number < 20 else "192.0.2.9")
    for number in range(12):
        guess(Browser(app), f"nobody{number}@example.org", address="192.0.2.9")
    assert guess(Browser(app), ANN.email, PASSWORD, address="192.0.2.1").status_code == 429


@pytest.mark.asvs("V6.3.1")
def test_the_owner_gets_in_on_a_known_device(
    app: Flask, enrolled: Enrolled, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = enrolled(ANN)
    device = own_device(app, ann)
    strangers_use_everything_up(app, monkeypatch)
    assert guess(device, ANN.email, PASSWORD, address="192.0.2.1").status_code == 303
    query("UPDATE auth_secret SET totp_last_step = 0")
    assert give_code(device, ann.code()).status_code == 303
    assert is_in(device)


def test_a_known_device_of_another_account_is_a_stranger(
    app: Flask, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(ANN)
    of_bob = own_device(app, enrolled(BOB))
    strangers_use_everything_up(app, monkeypatch)
    assert guess(of_bob, ANN.email, PASSWORD, address="192.0.2.1").status_code == 429


def test_a_stolen_device_cookie_is_no_free_pass(app: Flask, enrolled: Enrolled, query: Query) -> None:
    device = own_device(app, enrolled(ANN))
    assert [guess(device, ANN.email, address=f"198.51.{n}.7").status_code for n in range(7)] == [422] * 5 + [429] * 2
    query("UPDATE core_limit SET hits = ARRAY(SELECT h - 3601 FROM unnest(hits) AS h)")
    for _ in range(6):
        query("UPDATE core_limit SET hits = ARRAY(SELECT h - 3601 FROM unnest(hits) AS h)")
        for _ in range(5):
            guess(device, ANN.email)
    assert guess(device, ANN.email).status_code == 429  # thirty a day
    assert guess(Browser(app), ANN.email, PASSWORD).status_code == 303  # and the account's own are untouched


def test_codes_on_a_known_device_have_limits_of_their_own(app: Flask, enrolled: Enrolled, query: Query) -> None:
    """Somebody who has the password uses up the account's codes; its owner still gives one."""
    ann = enrolled(ANN)
    device, thief = own_device(app, ann), Browser(app)
    give_password(thief, ANN.email)
    assert [give_code(thief, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    query("UPDATE auth_secret SET totp_last_step = 0")
    give_password(device, ANN.email)
    assert [give_code(device, "000000").status_code for _ in range(4)] == [422] * 4
    assert give_code(device, ann.code()).status_code == 303


def later(query: Query, seconds: float) -> None:
    query("UPDATE core_limit SET hits = ARRAY(SELECT h - %s FROM unnest(hits) AS h)", seconds)


def test_the_delay_doubles(app: Flask, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    for _ in range(5):
        guess(Browser(app), ANN.email)
    for wait in (30, 60, 120, 240, 480, 900, 900):
        refused = guess(Browser(app), ANN.email)
        assert refused.status_code == 429
        assert wait - 5 <= int(refused.headers["Retry-After"]) <= wait
        later(query, wait + 1)
        assert guess(Browser(app), ANN.email).status_code == 422


def test_nobody_is_made_to_wait_inside_a_worker(
    app: Flask, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(ANN)
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("a worker that sleeps serves nobody"))
    for _ in range(8):
        guess(Browser(app), ANN.email)


@pytest.mark.asvs("V16.5.3")
def test_nobody_gets_in_when_nothing_can_be_counted(
    app: Flask, enrolled: Enrolled, admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(ANN)
    monkeypatch.setattr(passwords, "verify", lambda *_: pytest.fail("looked at, though it was not counted"))
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE core_limit RENAME TO core_limit_away")
        try:
            assert guess(Browser(app), ANN.email, PASSWORD).status_code >= 500
        finally:
            admin.execute("ALTER TABLE core_limit_away RENAME TO core_limit")
