"""The way in: one answer for every failure, its true reason recorded, and nothing open before the second factor."""

import re
from typing import Any

import pytest
from flask import Flask
from passlib.hash import bcrypt, pbkdf2_sha256, scrypt

from leadcrm.auth.services import old_hashes, passwords
from tests.auth.accounts import (
    ACCOUNT,
    SECOND_FACTOR,
    SIGN_IN,
    Enrolled,
    browser_with,
    give_code,
    give_password,
    is_in,
    token_of,
    walk_in,
)
from tests.auth.conftest import Query
from tests.people import ANN, BOB, HOME, PASSWORD
from tests.world import Browser


def test_password_and_code_let_in(stranger: Browser, enrolled: Enrolled) -> None:
    ann = enrolled(ANN)
    assert give_password(stranger, ANN.email).location == SECOND_FACTOR
    assert give_code(stranger, ann.code()).location == "/"
    assert is_in(stranger)


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4", "V7.2.3")
def test_the_cookie_is_of_this_browser_session_host_and_tls_only(stranger: Browser, enrolled: Enrolled) -> None:
    answer = walk_in(stranger, enrolled(ANN))
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-leadcrm="))
    attributes = {part.strip().lower().partition("=")[0]: part.strip() for part in cookie.split(";")[1:]}
    assert set(attributes) == {"secure", "httponly", "path", "samesite"}
    assert (attributes["path"], attributes["samesite"]) == ("Path=/", "SameSite=Lax")
    assert len(token_of(stranger)) >= 43


def test_only_the_hash_of_the_token_is_kept(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    walk_in(stranger, enrolled(ANN))
    assert token_of(stranger).encode() not in [bytes(row[0]) for row in query("SELECT id_hash FROM auth_session")]


@pytest.mark.asvs("V2.3.1", "V6.3.4")
def test_a_password_alone_opens_nothing(stranger: Browser, enrolled: Enrolled) -> None:
    enrolled(ANN)
    give_password(stranger, ANN.email)
    for path in (ACCOUNT, "/"):
        assert stranger.get(path).location.startswith(SIGN_IN)
    assert stranger.send(ACCOUNT, {"name": "Eve"}).status_code == 401


@pytest.mark.asvs("V7.2.2", "V7.2.4")
def test_the_token_is_new_at_each_level_and_the_old_ones_are_dead(
    app: Flask, stranger: Browser, enrolled: Enrolled
) -> None:
    ann = enrolled(ANN)
    stranger.set_cookie("__Host-leadcrm", "planted-by-somebody", domain="localhost", secure=True)
    give_password(stranger, ANN.email)
    half = token_of(stranger)
    give_code(stranger, ann.code())
    assert len({"planted-by-somebody", half, token_of(stranger)}) == 3
    assert not is_in(browser_with(app, half))
    assert browser_with(app, half).get(SECOND_FACTOR).location == SIGN_IN


def failures(query: Query) -> list[tuple[Any, ...]]:
    return query("SELECT reason, account, user_id, company_id FROM auth_failed_login ORDER BY at")


def without_tokens(page: str) -> str:
    return (
        re.sub(r'(content|value|nonce)="[^"]{20,}"', "", page).replace(ANN.email, "").replace("nobody@example.org", "")
    )


@pytest.mark.asvs("V6.3.8")
def test_every_failure_gets_the_same_answer(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    unknown = give_password(stranger, "nobody@example.org")
    wrong = give_password(stranger, ANN.email, "not-the-password-of-ann")
    query("UPDATE auth_user SET active = false WHERE id = %s", ANN.id)
    inactive = give_password(stranger, ANN.email)
    query("UPDATE auth_user SET active = true WHERE id = %s", ANN.id)
    query("UPDATE auth_secret SET password_hash = NULL")
    without = give_password(stranger, ANN.email)
    assert {answer.status_code for answer in (unknown, wrong, inactive, without)} == {422}
    assert len({without_tokens(answer.text) for answer in (unknown, wrong, inactive, without)}) == 1
    assert not any("__Host-leadcrm=" in str(answer.headers) for answer in (unknown, wrong, inactive, without))


@pytest.mark.asvs("V16.3.1")
def test_every_failure_is_recorded_with_its_true_reason(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    give_password(stranger, "nobody@example.org")
    give_password(stranger, ANN.email, "not-the-password-of-ann")
    query("UPDATE auth_user SET active = false WHERE id = %s", ANN.id)
    give_password(stranger, ANN.email)
    query("UPDATE auth_user SET active = true WHERE id = %s", ANN.id)
    query("UPDATE auth_secret SET password_hash = NULL")
    give_password(stranger, ANN.email)
    rows = failures(query)
    assert [row[0] for row in rows] == ["unknown_account", "wrong_password", "inactive", "no_password"]
    assert rows[0][1:3] == ("n•••@e•••.org", None)
    assert {row[1:] for row in rows[1:]} == {(ANN.email, ANN.id, HOME)}


@pytest.mark.asvs("V16.2.5")
@pytest.mark.parametrize(
    "typed", ["Welkom-bij-mij-2026", "P@ss.word", "een zin als wachtwoord", "a@b", "x" * 5000, "\x00\ud7ff'\""]
)
def test_a_password_typed_as_address_is_never_kept(stranger: Browser, query: Query, typed: str) -> None:
    assert give_password(stranger, typed).status_code == 422
    [(account,)] = query("SELECT account FROM auth_failed_login")
    assert typed not in account
    assert len(set(account) & set(typed) - set("@.")) <= 5


@pytest.mark.asvs("V6.3.8")
def test_a_wrong_password_takes_the_work_of_a_right_one(
    stranger: Browser, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is computed once, whoever tries."""
    enrolled(ANN)
    hashed: list[str] = []
    right = old_hashes.answer

    def counting(password: str, known: str) -> str:
        hashed.append(known)
        return right(password, known)

    monkeypatch.setattr(old_hashes, "answer", counting)
    for email, password in (
        (ANN.email, PASSWORD),
        (ANN.email, "wrong"),
        ("nobody@example.org", "wrong"),
        ("", ""),
        (ANN.email, "x" * 2000),
    ):
        give_password(stranger, email, password)
    assert len(hashed) == 5
    assert all(known.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for known in hashed)


@pytest.mark.parametrize("typed", [" Ann@Example.ORG ", "ANN@EXAMPLE.ORG", "mailto:ann@example.org"])
def test_the_address_may_be_typed_in_any_way(stranger: Browser, enrolled: Enrolled, typed: str) -> None:
    enrolled(ANN)
    assert give_password(stranger, typed).status_code == 303


@pytest.mark.parametrize("scheme", [bcrypt.using(rounds=5), pbkdf2_sha256.using(rounds=1000), scrypt.using(rounds=4)])
def test_an_older_hash_is_replaced_at_sign_in(stranger: Browser, enrolled: Enrolled, query: Query, scheme: Any) -> None:
    enrolled(ANN, password=scheme.hash(PASSWORD))
    assert give_password(stranger, ANN.email, "wrong").status_code == 422
    assert query("SELECT password_hash LIKE 'pw$1$%%' FROM auth_secret") == [(False,)]
    assert give_password(stranger, ANN.email).status_code == 303
    assert query("SELECT password_hash LIKE 'pw$1$$argon2id$v=19$m=19456,t=2,p=1$%%' FROM auth_secret") == [(True,)]
    assert give_password(Browser(stranger.application), ANN.email).status_code == 303


def test_a_company_may_do_without_the_second_factor(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN, factor=False)
    enrolled(BOB)
    query("UPDATE auth_company SET totp_required = false WHERE id = %s", HOME)
    try:
        assert give_password(stranger, ANN.email).location == "/"
        assert is_in(stranger)
        assert give_password(Browser(stranger.application), BOB.email).location == SECOND_FACTOR
    finally:
        query("UPDATE auth_company SET totp_required = true WHERE id = %s", HOME)


def test_signing_in_anew_ends_the_session_before(app: Flask, stranger: Browser, enrolled: Enrolled) -> None:
    enrolled(BOB)
    walk_in(stranger, enrolled(ANN))
    before = token_of(stranger)
    give_password(stranger, BOB.email)
    assert not is_in(browser_with(app, before))


@pytest.mark.asvs("V7.4.1")
def test_signing_out_kills_copied_cookies(app: Flask, stranger: Browser, enrolled: Enrolled) -> None:
    walk_in(stranger, enrolled(ANN))
    copy = token_of(stranger)
    answer = stranger.send("/auth/sign-out")
    assert (answer.location, token_of(stranger)) == (SIGN_IN, "")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(browser_with(app, copy))


def test_signing_out_needs_our_own_form(stranger: Browser, enrolled: Enrolled) -> None:
    walk_in(stranger, enrolled(ANN))
    assert stranger.get("/auth/sign-out").status_code == 405
    assert stranger.post("/auth/sign-out").status_code == 419
    assert is_in(stranger)


@pytest.mark.asvs("V16.3.3")
def test_a_sign_in_form_that_is_not_ours_is_refused_and_recorded(
    stranger: Browser, enrolled: Enrolled, query: Query
) -> None:
    enrolled(ANN)
    assert stranger.post(SIGN_IN, data={"email": ANN.email, "password": PASSWORD}).status_code == 419
    assert [row[0] for row in failures(query)] == ["csrf"]


def test_flask_logins_own_cookies_mean_nothing(app: Flask, stranger: Browser, enrolled: Enrolled) -> None:
    walk_in(stranger, enrolled(ANN))
    stranger.set_cookie("remember_token", f"{BOB.id}|0", domain="localhost")
    assert is_in(stranger)
    with stranger.session_transaction(base_url="https://localhost") as form_session:
        form_session["_user_id"] = str(BOB.id)
        form_session["_fresh"] = True
    assert ANN.email in stranger.get(ACCOUNT).text
    other = Browser(app)
    other.set_cookie("remember_token", f"{BOB.id}|0", domain="localhost")
    assert not is_in(other)


EVIL = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "https:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/auth/account@evil.example",
    "//evil.example/auth/account",
    "/%2f%2fevil.example",
    "/%09/evil.example",
    "https://localhost@evil.example/auth/account",
    "https://localhost:8443.evil.example",
    "/auth/../..//evil.example",
    "\x00/auth/account",
    "/auth/account\x00",
    "//localhost/auth/account",
    "https://localhost/auth/account",
    "///auth/account",
    "/.evil.example",
    "/;@evil.example",
    "//evil%E3%80%82example",
    "/auth/sign-in?next=//evil.example",
    "/auth/sign-out",
    "/nowhere",
    "auth/account",
    "?next=/auth/account",
    "#",
    " /auth/account",
    "/" * 3000,
    "a" * 5000,
    "",
]


@pytest.mark.asvs("V3.7.2")
@pytest.mark.parametrize("target", EVIL, ids=repr)
def test_nobody_is_sent_elsewhere(stranger: Browser, enrolled: Enrolled, target: str) -> None:
    ann = enrolled(ANN)
    give_password(stranger, ANN.email, next=target)
    assert give_code(stranger, ann.code(), next=target).location == "/"
    assert stranger.get(SIGN_IN, query_string={"next": target}).location == "/"


@pytest.mark.asvs("V1.2.2")
@pytest.mark.parametrize(
    ("target", "arrived"),
    [
        ("/auth/account", "/auth/account"),
        ("/auth/account?a=1&b=%20x", "/auth/account?a=1&b=+x"),
        ("/auth/account?next=//evil.example", "/auth/account?next=%2F%2Fevil.example"),
        ("/auth/account?a=%0d%0aSet-Cookie:x", "/auth/account?a=%0D%0ASet-Cookie%3Ax"),
    ],
)
def test_one_returns_to_a_page_of_ours(stranger: Browser, enrolled: Enrolled, target: str, arrived: str) -> None:
    walk_in(stranger, enrolled(ANN))
    assert stranger.get(SIGN_IN, query_string={"next": target}).location == arrived


def test_the_wish_travels_along_the_whole_way(stranger: Browser, enrolled: Enrolled) -> None:
    ann = enrolled(ANN)
    assert stranger.get(ACCOUNT).location == f"{SIGN_IN}?next=%2Fauth%2Faccount"
    assert 'name="next" value="/auth/account"' in stranger.get(f"{SIGN_IN}?next=%2Fauth%2Faccount").text
    second = give_password(stranger, ANN.email, next=ACCOUNT).location
    assert second == f"{SECOND_FACTOR}?next=/auth/account"
    assert 'name="next" value="/auth/account"' in stranger.get(second).text
    assert give_code(stranger, ann.code(), next=ACCOUNT).location == ACCOUNT


@pytest.mark.asvs("V16.3.1")
def test_signing_in_is_written_down(stranger: Browser, enrolled: Enrolled, query: Query) -> None:
    walk_in(stranger, enrolled(ANN))
    lines = query("SELECT company_id, action, body FROM core_audit_line ORDER BY seq")
    assert [line[:2] for line in lines] == [(HOME, "signed in"), (HOME, "new device")]
    assert all(str(ANN.id) in body for _company, _action, body in lines)


def test_the_language_of_the_door_stays_until_somebody_chose(stranger: Browser, enrolled: Enrolled) -> None:
    stranger.send("/preferences", {"language": "en"})
    assert "Sign in" in stranger.get(SIGN_IN).text
    walk_in(stranger, enrolled(ANN))
    assert "Where you are signed in" in stranger.get(ACCOUNT).text
    stranger.send(ACCOUNT, {"name": ANN.name, "language": "nl", "theme": "auto"})
    assert "Waar u bent ingelogd" in stranger.get(ACCOUNT).text


def test_too_many_hashes_at_once_is_a_moment_of_patience(
    stranger: Browser, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(ANN)

    def busy(*_arguments: object) -> None:
        raise passwords.Busy

    monkeypatch.setattr(passwords, "verify", busy)
    assert give_password(stranger, ANN.email).status_code == 503


@pytest.mark.parametrize("path", [SIGN_IN, f"{ACCOUNT}/password", "/auth/set-password/x", SECOND_FACTOR])
def test_a_stale_form_does_not_send_secrets_back(stranger: Browser, path: str) -> None:
    names = ("password", "current_password", "new_password", "new_password_again", "code", "next")
    answer = stranger.post(path, data={name: f"typed-{name}" for name in names})
    assert answer.status_code == 419
    assert "typed-next" in answer.text
    assert not re.search("typed-(?!next)", answer.text)
