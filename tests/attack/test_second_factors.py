"""One code, one entry: however many use it at once, in however many processes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pyotp
import pytest
from flask import Flask

from leadcrm.auth.services import attempts, second_factor
from leadcrm.auth.services.factors import recovery
from leadcrm.auth.views import second_factor as second_factor_views
from tests.auth.accounts import browser_with, enrol, give_password, is_in, token_of
from tests.auth.authenticator import SoftKey
from tests.auth.races import at_once
from tests.people import ANN, HOME
from tests.world import Browser, sign_in_as

ROUNDS, AT_ONCE, FEWER = 50, 50, 20  # a code looked at before it is burned is used twice in two rounds out of three


Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def run(app: Flask, admin_url: str) -> Query:
    """Behind the walls: SQL as the superuser."""

    def query(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            cursor = admin.execute(statement, values)  # type: ignore[arg-type]  # typed here
            return cursor.fetchall() if cursor.description else []

    return query


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that not the limits but the burning is what holds. The page of a refusal is not drawn ten thousand times."""
    monkeypatch.setattr(attempts, "CODE_ACCOUNT", ())
    monkeypatch.setattr(attempts, "CODE_NETWORK", ())
    monkeypatch.setattr(second_factor_views, "second_factor_page", lambda *_state, **_words: "")


@pytest.fixture
def thieves(app: Flask, admin_url: str, run: Query) -> Callable[[], list[Browser]]:
    """Fifty browsers that each hold a half session of Ann; the same ones, half in again, at each call."""
    enrol(app, admin_url, ANN)
    tokens = [token_of(sign_in_as(app, ANN, admin_url, level=1)) for _each in range(AT_ONCE)]

    def again() -> list[Browser]:
        run("DELETE FROM auth_session WHERE auth_level = 2")
        run("UPDATE auth_session SET revoked_at = NULL")
        run("DELETE FROM core_limit")
        return [browser_with(app, token) for token in tokens]

    return again


def test_50_rounds_of_50_parallel_uses_of_one_code(
    app: Flask, thieves: Callable[[], list[Browser]], run: Query
) -> None:
    """Exactly one success each round."""
    for round_ in range(ROUNDS):
        secret = second_factor.new_secret()
        run("UPDATE auth_secret SET totp_last_step = 0, totp = %s", in_box(app, secret))
        code, browsers = pyotp.TOTP(secret).now(), thieves()
        done = at_once(AT_ONCE, partial(give, browsers, "/auth/second-factor", "code", code))
        assert (done.count(303), done.count(422)) == (1, AT_ONCE - 1), (round_, done)
        assert run("SELECT count(*) FROM auth_session WHERE auth_level = 2") == [(1,)], round_


def test_50_parallel_uses_of_one_recovery_code(thieves: Callable[[], list[Browser]], run: Query) -> None:
    for round_ in range(FEWER):
        code, spare = recovery.new_code(), recovery.new_code()
        for each in (code, spare):
            run("INSERT INTO auth_recovery_code (company_id, id, user_id, code_hash, created_at) "
                "VALUES (%s, gen_random_uuid(), %s, %s, now())",
                HOME, ANN.id, recovery.code_hash(each, ANN.id))  # fmt: skip
        browsers = thieves()
        done = at_once(AT_ONCE, partial(give, browsers, "/auth/second-factor/recovery", "recovery_code", code))
        assert (done.count(303), done.count(422)) == (1, AT_ONCE - 1), (round_, done)
        assert run("SELECT count(*) FROM auth_session WHERE auth_level = 2") == [(1,)], round_


def in_box(app: Flask, secret: str) -> bytes:
    with app.app_context():
        return second_factor.sealed(secret, HOME, ANN.id)


def give(browsers: list[Browser], path: str, name: str, value: str, number: int) -> int:
    return browsers[number].send(path, {name: value}).status_code


def test_50_parallel_uses_of_one_answer_of_a_passkey(app: Flask, admin_url: str, run: Query) -> None:
    enrol(app, admin_url, ANN)
    key, settled = SoftKey(), sign_in_as(app, ANN, admin_url)
    made = settled.send("/auth/enrol/passkey/options").json
    assert made and settled.send("/auth/account/security/passkeys", {"answer": key.make(made)}).status_code == 303
    for round_ in range(FEWER):
        run("DELETE FROM core_limit")
        browser = Browser(app)
        give_password(browser, ANN.email)
        options = browser.send("/auth/second-factor/passkey/options").json
        assert options
        copies = [browser_with(app, token_of(browser)) for _each in range(AT_ONCE)]
        done = at_once(AT_ONCE, partial(give, copies, "/auth/second-factor/passkey", "answer", key.sign(options)))
        assert len(done) == AT_ONCE and sum(is_in(copy) for copy in copies) == 1, round_
