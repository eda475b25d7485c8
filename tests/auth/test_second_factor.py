"""Codes: the right one, once, in its time; and setting them up."""

import re
import time
from xml.etree import ElementTree

import pyotp
import pytest
from flask import Flask

from leadcrm.auth.services import attempts, second_factor
from leadcrm.core.crypto import CannotOpen
from tests.auth.accounts import Enrolled, browser_with, give_code, give_password, is_in, token_of, walk_in
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ANN, BOB, HOME
from tests.world import Browser

ENROL = "/auth/enrol"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that not the limits but the burning of the code is what holds."""
    monkeypatch.setattr(attempts, "CODE_ACCOUNT", attempts.parse_many("1000 per minute"))
    monkeypatch.setattr(attempts, "CODE_NETWORK", ())


@pytest.mark.attack
@pytest.mark.asvs("V6.5.1", "V2.3.4")
@pytest.mark.usefixtures("unlimited")
def test_fifty_uses_of_one_code_at_once_let_in_one(app: Flask, enrolled: Enrolled, query: Query) -> None:
    ann = enrolled(ANN)
    browsers = [Browser(app) for _ in range(50)]
    for browser in browsers:
        give_password(browser, ANN.email)
    code = ann.code()
    done = at_once(50, lambda number: give_code(browsers[number], code).status_code)
    assert (done.count(303), done.count(422)) == (1, 49)
    assert sum(is_in(browser) for browser in browsers) == 1


@pytest.mark.usefixtures("unlimited")
def test_one_half_session_becomes_one_full_session(
    app: Flask, stranger: Browser, enrolled: Enrolled, query: Query
) -> None:
    ann = enrolled(ANN)
    give_password(stranger, ANN.email)
    copies = [browser_with(app, token_of(stranger)) for _ in range(10)]
    at_once(10, lambda number: give_code(copies[number], ann.code(-(number % 2))).status_code)
    assert query("SELECT count(*) FROM auth_session WHERE auth_level = 2 AND revoked_at IS NULL") == [(1,)]


@pytest.mark.asvs("V6.5.1")
def test_a_code_works_once(app: Flask, stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    ann = enrolled(ANN)
    code = ann.code()
    give_password(stranger, ANN.email)
    assert give_code(stranger, code).status_code == 303
    other = Browser(app)
    give_password(other, ANN.email)
    for same in (code, f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}"):
        answer = give_code(other, same)
        assert answer.status_code == 422
        assert "al gebruikt" in answer.text
    assert query("SELECT DISTINCT reason FROM auth_failed_login") == [("replayed_code",)]


def test_an_older_code_is_dead_after_a_newer_one(app: Flask, stranger: Browser, enrolled: Enrolled) -> None:
    ann = enrolled(ANN)
    walk_in(stranger, ann)
    other = Browser(app)
    give_password(other, ANN.email)
    assert give_code(other, ann.code(-1)).status_code == 422


@pytest.mark.asvs("V6.5.8")
@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, False), (2, False)])
def test_this_step_and_the_one_before(steps: int, accepted: bool) -> None:
    now = 1_800_000_000
    code = pyotp.TOTP(SECRET).at(now, counter_offset=steps)
    assert (second_factor.step_of(SECRET, code, at=now) == now // 30 + steps) is accepted


@pytest.mark.parametrize(
    "code", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "123456\x00", "'--", "0" * 500]
)
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert second_factor.step_of(SECRET, code, at=1_800_000_000) is None


def test_a_burned_code_stays_burned_when_the_request_fails(
    app: Flask, stranger: Browser, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = enrolled(ANN)
    give_password(stranger, ANN.email)

    def breaks(_state: object, _id_hash: bytes, **_how: object) -> str:
        raise RuntimeError("after the code was burned")

    code = ann.code()
    monkeypatch.setattr(second_factor, "finish", breaks)
    with pytest.raises(RuntimeError):
        give_code(stranger, code)
    monkeypatch.undo()
    assert give_code(stranger, code).status_code == 422


def test_a_wrong_code_is_recorded_and_lets_nobody_in(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    give_password(stranger, ANN.email)
    assert give_code(stranger, "000000").status_code == 422
    assert not is_in(stranger)
    assert query("SELECT reason, account, company_id FROM auth_failed_login") == [("wrong_code", ANN.email, HOME)]


def test_the_code_of_another_is_wrong(stranger: Browser, enrolled: Enrolled) -> None:
    enrolled(ANN)
    bob = enrolled(BOB)
    give_password(stranger, ANN.email)
    assert give_code(stranger, bob.code()).status_code == 422


@pytest.mark.asvs("V2.3.1")
def test_without_a_password_no_code_is_asked(stranger: Browser, enrolled: Enrolled) -> None:
    ann = enrolled(ANN)
    assert stranger.get("/auth/second-factor").location == "/auth/sign-in"
    assert give_code(stranger, ann.code()).location == "/auth/sign-in"
    assert stranger.get(ENROL).location == "/auth/sign-in"
    assert stranger.send(ENROL, {"code": ann.code()}).location == "/auth/sign-in"


def offered(page: str) -> str:
    """The key that the page shows for typing."""
    found = re.search(r"data-copy-text>([A-Z2-7 ]{39})<", page)
    assert found
    return found[1].replace(" ", "")


def test_the_first_sign_in_sets_the_second_step_up(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN, factor=False)
    assert give_password(stranger, ANN.email).location == ENROL
    assert stranger.get("/auth/second-factor").location == ENROL
    assert stranger.get("/auth/account").location.startswith("/auth/sign-in")
    secret = offered(stranger.get(ENROL).text)
    assert stranger.send(ENROL, {"code": "000000"}).status_code == 422
    assert offered(stranger.get(ENROL).text) == secret
    code = pyotp.TOTP(secret).now()
    assert stranger.send(ENROL, {"code": code}).location == "/"
    assert is_in(stranger)
    [(box, at)] = query("SELECT x.totp, u.second_factor_at FROM auth_secret x JOIN auth_user u ON u.id = x.id")
    assert secret.encode() not in bytes(box)
    assert at is not None
    other = Browser(stranger.application)
    assert give_password(other, ANN.email).location == "/auth/second-factor"
    assert give_code(other, code).status_code == 422  # the first code is burned as well


def test_what_one_session_was_shown_no_other_confirms(app: Flask, enrolled: Enrolled) -> None:
    """Somebody who knew the password and saw a key must not know the key that its owner then sets up."""
    enrolled(ANN, factor=False)
    thief, owner = Browser(app), Browser(app)
    give_password(thief, ANN.email)
    give_password(owner, ANN.email)
    seen, own = (offered(browser.get(ENROL).text) for browser in (thief, owner))
    assert seen != own
    assert owner.send(ENROL, {"code": pyotp.TOTP(seen).now()}).status_code == 422
    assert owner.send(ENROL, {"code": pyotp.TOTP(own).now()}).status_code == 303
    assert thief.send(ENROL, {"code": pyotp.TOTP(seen).now()}).location == "/auth/sign-in"
    assert not is_in(thief)


@pytest.mark.usefixtures("unlimited")
def test_two_sessions_confirm_one_factor(app: Flask, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN, factor=False)
    browsers = [Browser(app) for _ in range(8)]
    for browser in browsers:
        give_password(browser, ANN.email)
    codes = [pyotp.TOTP(offered(browser.get(ENROL).text)).now() for browser in browsers]
    done = at_once(8, lambda number: browsers[number].send(ENROL, {"code": codes[number]}))
    assert sum(is_in(browser) for browser in browsers) == 1
    assert {answer.status_code for answer in done} <= {303, 422, 429}


def test_a_sealed_secret_opens_for_its_owner_only(app: Flask) -> None:
    with app.app_context():
        box = second_factor.sealed(SECRET, ANN.company_id, ANN.id)
        assert second_factor.opened(box, ANN.company_id, ANN.id) == SECRET
        with pytest.raises(CannotOpen):
            second_factor.opened(box, BOB.company_id, BOB.id)


def test_a_secret_has_160_bits() -> None:
    secrets = {second_factor.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(pyotp.TOTP(secret).byte_secret()) for secret in secrets} == {20}


def test_the_square_needs_no_style_and_no_script() -> None:
    drawn = ElementTree.fromstring(second_factor.qr_code(second_factor.address_of(SECRET, ANN.email)))
    for element in drawn.iter():
        assert element.tag.rpartition("}")[2] in {"svg", "path", "g"}
        assert not {"style", "onload", "href"} & set(element.keys())


def test_somebody_may_switch_it_on_where_nobody_asks(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN, factor=False)
    query("UPDATE auth_company SET totp_required = false WHERE id = %s", HOME)
    try:
        give_password(stranger, ANN.email)
        assert stranger.get(ENROL).location == "/auth/sign-in"
        assert stranger.send("/auth/account/second-factor").location == ENROL
        secret = offered(stranger.get(ENROL).text)
        assert stranger.send(ENROL, {"code": pyotp.TOTP(secret).now()}).location == "/auth/account/security"
        assert stranger.get(ENROL).location == "/auth/sign-in"
        assert give_password(Browser(stranger.application), ANN.email).location == "/auth/second-factor"
    finally:
        query("UPDATE auth_company SET totp_required = true WHERE id = %s", HOME)


def test_the_clock_of_the_test_is_not_at_the_edge_of_a_step() -> None:
    """Those above that take a code and use it at once rely on the step before being accepted too."""
    code = pyotp.TOTP(SECRET).now()
    assert second_factor.step_of(SECRET, code, at=time.time() + 29) is not None
