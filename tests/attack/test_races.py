"""Tokens that work once, used by many at the same moment in several web processes: one use counts."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.auth.services import links
from leadcrm.core.config import Config
from leadcrm.core.db import session
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import viewing_as
from tests.auth.accounts import enrol, give_password, token_of
from tests.auth.processes import ask, web_processes
from tests.auth.races import at_once
from tests.people import ANN, MEG
from tests.world import Browser, sign_in_as, viewer_of

PROCESSES, AT_ONCE, ROUNDS = 3, 12, 5
CODE = re.compile(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}")
Do = Callable[..., Any]


@pytest.fixture(scope="module")
def ports(
    whole_app: Flask, config: Config, urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sequence[int]]:
    with web_processes(PROCESSES, config.instance, urls, tmp_path_factory.mktemp("log") / "looked-at") as started:
        yield started


@pytest.fixture
def query(admin_url: str) -> Do:
    def run(statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            cursor = admin.execute(statement, values)  # type: ignore[arg-type]  # written below
            return cursor.fetchall() if cursor.description else []

    return run


def storm(ports: Sequence[int], path: str, browsers: Sequence[Browser], form: dict[str, str]) -> Counter[int]:
    """The same form from many sides at once; what each was answered. Nothing but the token itself is to hold them."""

    def one(number: int) -> int:
        browser = browsers[number % len(browsers)]
        token = browser.csrf_token()
        named = ("__Host-leadcrm", "__Host-leadcrm-form")
        found = {name: browser.get_cookie(name, domain="localhost") for name in named}
        cookies = {name: cookie.value for name, cookie in found.items() if cookie}
        sent = form | {"csrf_token": token}
        return ask(ports[number % len(ports)], path, cookies, sent, address=f"192.0.{number}.1")[0]

    for browser in browsers:
        browser.csrf_token()  # its cookie is there before they all begin
    return Counter(at_once(AT_ONCE, one))


@pytest.mark.parametrize("again", range(ROUNDS))
def test_a_password_link(app: Flask, ports: Sequence[int], admin_url: str, query: Do, again: int) -> None:
    enrol(app, admin_url, ANN)
    with app.app_context(), viewing_as(viewer_of(MEG)):
        user = type("Somebody", (), {"id": ANN.id, "company_id": ANN.company_id, "__tablename__": "auth_user"})
        token = links.make(user)
        session.commit()
    new = f"vier groene fietsen in regen {again}"
    answers = storm(ports, f"/auth/set-password/{token}", [Browser(app)], {
        "new_password": new, "new_password_again": new,
    })  # fmt: skip
    assert answers[303] == 1 and set(answers) <= {303, 404, 429, 503}, answers
    assert query("SELECT count(*) FROM auth_link WHERE used_at IS NOT NULL") == [(1,)]


@pytest.mark.parametrize("again", range(ROUNDS))
@pytest.mark.parametrize("sessions", [1, 3], ids=["one half session", "three half sessions"])
def test_a_recovery_code(
    app: Flask, ports: Sequence[int], admin_url: str, query: Do, sessions: int, again: int
) -> None:
    enrol(app, admin_url, ANN)
    codes = CODE.findall(sign_in_as(app, ANN, admin_url).send("/auth/account/security/recovery-codes").text)
    query("DELETE FROM auth_session")
    halves = [sign_in_as(app, ANN, admin_url, level=1) for _number in range(sessions)]
    storm(ports, "/auth/second-factor/recovery", halves, {"recovery_code": codes[again]})
    assert query("SELECT count(*) FROM auth_recovery_code WHERE used_at IS NOT NULL") == [(1,)]
    assert query("SELECT count(*) FROM auth_session WHERE auth_level = 2 AND revoked_at IS NULL") == [(1,)]


@pytest.mark.parametrize("again", range(ROUNDS))
def test_a_code_of_the_telephone(app: Flask, ports: Sequence[int], admin_url: str, query: Do, again: int) -> None:
    ann = enrol(app, admin_url, ANN)
    halves = [sign_in_as(app, ANN, admin_url, level=1) for _number in range(3)]
    storm(ports, "/auth/second-factor", halves, {"code": ann.code()})
    assert query("SELECT count(*) FROM auth_session WHERE auth_level = 2 AND revoked_at IS NULL") == [(1,)]


def test_one_half_session_is_raised_once(app: Flask, ports: Sequence[int], admin_url: str, query: Do) -> None:
    """Two codes that are both right, with one half session: no second full session comes of it."""
    ann = enrol(app, admin_url, ANN)
    half = Browser(app)
    give_password(half, ANN.email)
    assert token_of(half)
    for code in (ann.code(-1), ann.code()):
        storm(ports, "/auth/second-factor", [half], {"code": code})
    assert query("SELECT count(*) FROM auth_session WHERE auth_level = 2 AND revoked_at IS NULL") == [(1,)]
