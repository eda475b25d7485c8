"""Passkeys: made, used, refused; whatever is wrong with an answer, it lets nobody in."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.auth.accounts import Account, Enrolled, give_code, give_password, is_in
from tests.auth.authenticator import SoftKey
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ADA, ANN, BOB, HOME, MEG, Person
from tests.world import Browser, sign_in_as

OPTIONS, ADD, SECURITY = "/auth/enrol/passkey/options", "/auth/account/security/passkeys", "/auth/account/security"
TO_SIGN_IN, SIGN_IN = "/auth/second-factor/passkey/options", "/auth/second-factor/passkey"
TO_STEP_UP, STEP_UP = "/auth/step-up/passkey", "/auth/step-up"
ClientAs = Callable[[Person], Browser]


def add(browser: Browser, key: SoftKey, label: str = "Telefoon") -> None:
    options = browser.send(OPTIONS).json
    assert options
    assert browser.send(ADD, {"answer": key.make(options), "label": label}).location == SECURITY


def come_in(browser: Browser, person: Person, key: SoftKey, **other: str) -> int:
    give_password(browser, person.email)
    options = browser.send(TO_SIGN_IN).json
    assert options
    return browser.send(SIGN_IN, {"answer": key.sign(options, **other)}).status_code


@pytest.fixture
def ann(enrolled: Enrolled) -> Account:
    return enrolled(ANN)


@pytest.fixture
def key(ann: Account, client_as: ClientAs) -> SoftKey:
    """Ann's, made in the account page."""
    made = SoftKey()
    add(client_as(ANN), made)
    return made


def test_a_passkey_is_the_second_step(key: SoftKey, stranger: Browser, query: Query) -> None:
    assert give_password(stranger, ANN.email).location == "/auth/second-factor"
    assert not is_in(stranger)
    options = stranger.send(TO_SIGN_IN).json
    assert options and options["rpId"] == "localhost" and len(options["allowCredentials"]) == 1
    assert stranger.send(SIGN_IN, {"answer": key.sign(options)}).status_code == 303
    assert is_in(stranger)
    assert query("SELECT sign_count, last_used_at IS NOT NULL FROM auth_passkey") == [(1, True)]


@pytest.mark.asvs("V9.2.2")
def test_it_steps_up_and_a_challenge_for_the_one_does_not_serve_the_other(
    app: Flask, admin_url: str, enrolled: Enrolled, client_as: ClientAs
) -> None:
    enrolled(MEG)
    key = SoftKey()
    add(client_as(MEG), key)
    browser = sign_in_as(app, MEG, admin_url, stepped_up=False)
    rights = f"/admin/users/{ANN.id}/rights"
    asked = browser.send(rights)
    assert asked.status_code == 401 and f'data-passkey="{TO_STEP_UP}"' in asked.text
    other = Browser(app)
    give_password(other, MEG.email)
    to_sign_in = other.send(TO_SIGN_IN).json
    assert to_sign_in and browser.send(STEP_UP, {"step_up_answer": key.sign(to_sign_in)}).status_code == 401
    to_step_up = browser.send(TO_STEP_UP).json
    assert to_step_up and browser.send(STEP_UP, {"step_up_answer": key.sign(to_step_up)}).status_code == 303
    assert browser.send(rights).status_code == 303


def test_a_challenge_works_once(key: SoftKey, stranger: Browser) -> None:
    give_password(stranger, ANN.email)
    options = stranger.send(TO_SIGN_IN).json
    assert options
    key.verifies = True
    broken = key.sign(options).replace('"rawId": "', '"rawId": "AAAA')
    assert stranger.send(SIGN_IN, {"answer": broken}).status_code == 422
    assert stranger.send(SIGN_IN, {"answer": key.sign(options)}).status_code == 422
    assert not is_in(stranger)


def test_of_many_answers_to_one_challenge_one_is_taken(app: Flask, key: SoftKey, stranger: Browser) -> None:
    give_password(stranger, ANN.email)
    options = stranger.send(TO_SIGN_IN).json
    assert options
    answer = key.sign(options)
    copies = [Browser(app) for _each in range(8)]
    for copy in copies:
        cookie = stranger.get_cookie("__Host-leadcrm", domain="localhost")
        assert cookie
        copy.set_cookie("__Host-leadcrm", cookie.value, domain="localhost", secure=True)
    at_once(8, lambda number: copies[number].send(SIGN_IN, {"answer": answer}).status_code)
    assert sum(is_in(copy) for copy in copies) == 1


def test_a_challenge_ends_after_five_minutes(key: SoftKey, stranger: Browser, query: Query) -> None:
    give_password(stranger, ANN.email)
    options = stranger.send(TO_SIGN_IN).json
    assert options
    [(left,)] = query("SELECT extract(epoch FROM expires_at - now()) FROM auth_challenge")
    assert 290 < left <= 300
    query("UPDATE auth_challenge SET expires_at = now() - interval '1 second'")
    assert stranger.send(SIGN_IN, {"answer": key.sign(options)}).status_code == 422


@pytest.mark.asvs("V6.7.2")
@pytest.mark.parametrize(
    ("attribute", "value"),
    [("origin", "https://evil.example"), ("origin", "http://localhost:8443"), ("origin", "https://localhost"),
     ("rp_id", "evil.example"), ("ident", b"another")],
)  # fmt: skip
def test_an_answer_from_elsewhere_is_none(
    key: SoftKey, stranger: Browser, query: Query, attribute: str, value: object
) -> None:
    setattr(key, attribute, value)
    assert come_in(stranger, ANN, key) == 422
    assert not is_in(stranger)
    assert query("SELECT reason FROM auth_failed_login") == [("wrong_passkey",)]


def test_the_key_of_another_account_is_none(
    key: SoftKey, enrolled: Enrolled, client_as: ClientAs, stranger: Browser
) -> None:
    enrolled(BOB)
    bobs = SoftKey()
    add(client_as(BOB), bobs)
    assert come_in(stranger, ANN, bobs) == 422
    forged = SoftKey(ident=key.ident)  # Ann's id, another key pair
    assert come_in(stranger, ANN, forged) == 422
    assert not is_in(stranger)


@pytest.mark.parametrize(
    "answer", ["", "null", "[]", "{}", '"x"', '{"rawId": 5}', '{"rawId": "x", "response": []}', "{" * 30_000,
               '{"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "%%%"}}'],
)  # fmt: skip
def test_what_no_browser_sends_is_just_wrong(key: SoftKey, stranger: Browser, answer: str) -> None:
    give_password(stranger, ANN.email)
    stranger.send(TO_SIGN_IN)
    assert stranger.send(SIGN_IN, {"answer": answer}).status_code == 422
    assert not is_in(stranger)


def test_the_host_of_a_request_means_nothing(key: SoftKey, ann: Account, client_as: ClientAs) -> None:
    browser = client_as(ANN)
    answer = browser.send(OPTIONS, base_url="https://127.0.0.1")
    assert answer.status_code in (303, 400, 403) or (answer.json and answer.json["rp"]["id"] == "localhost")


@pytest.mark.parametrize("person", [MEG, ADA], ids=lambda person: person.role)
def test_managers_and_admins_must_be_verified(
    enrolled: Enrolled, client_as: ClientAs, stranger: Browser, query: Query, person: Person
) -> None:
    """A stolen security key alone, without its PIN or a finger, opens nobody's office."""
    enrolled(person)
    browser, key = client_as(person), SoftKey(verifies=False)
    options = browser.send(OPTIONS).json
    assert options and options["authenticatorSelection"]["userVerification"] == "required"
    browser.send(ADD, {"answer": key.make(options)})
    assert query("SELECT id FROM auth_passkey") == []
    key.verifies = True
    add(browser, key)
    key.verifies = False
    assert come_in(stranger, person, key) == 422
    key.verifies = True
    assert come_in(stranger, person, key) == 303


def test_agents_need_not_be_verified(ann: Account, client_as: ClientAs, stranger: Browser) -> None:
    key = SoftKey(verifies=False)
    add(client_as(ANN), key)
    assert come_in(stranger, ANN, key) == 303


def test_a_counter_that_goes_back_is_an_alarm(key: SoftKey, stranger: Browser, query: Query) -> None:
    key.count = 7
    assert come_in(stranger, ANN, key) == 303
    query("DELETE FROM core_outbox")
    key.count = 6  # the copy has not heard of the last use: it says 7 again
    other = Browser(stranger.application)
    assert come_in(other, ANN, key) == 422
    assert not is_in(other)
    assert query("SELECT reason, user_id FROM auth_failed_login") == [("copied_passkey", ANN.id)]
    jobs = query("SELECT args->>'user' FROM procrastinate.procrastinate_jobs WHERE task_name LIKE '%%copied_passkey'")
    assert jobs == [(str(ANN.id),)]
    assert query("SELECT kind FROM core_notice") == [("copied_passkey",)]
    assert query("SELECT sign_count FROM auth_passkey") == [(8,)]


def test_a_key_without_a_counter_keeps_working(ann: Account, client_as: ClientAs, stranger: Browser) -> None:
    key = SoftKey(counts=False)
    add(client_as(ANN), key)
    assert come_in(stranger, ANN, key) == 303
    assert come_in(Browser(stranger.application), ANN, key) == 303


def test_nobody_guesses_for_ever(key: SoftKey, stranger: Browser) -> None:
    """Passkeys and codes are counted together: both are guesses at one account."""
    give_password(stranger, ANN.email)
    answers = [stranger.send(SIGN_IN, {"answer": "{}"}).status_code for _each in range(3)]
    answers += [give_code(stranger, "000000").status_code for _each in range(3)]
    assert answers == [422] * 5 + [429]


def test_several_with_names_last_used_and_removable(
    key: SoftKey, ann: Account, client_as: ClientAs, query: Query
) -> None:
    browser, second = client_as(ANN), SoftKey()
    add(browser, second, "  Blauwe sleutel  ")
    page = browser.get(SECURITY).text
    assert "Telefoon" in page and "Blauwe sleutel" in page
    idents = dict(query("SELECT label, id FROM auth_passkey"))
    browser.send(f"{ADD}/{idents['Telefoon']}/label", {"label": "Werktelefoon " + "x" * 100})
    assert [label for (label,) in query("SELECT label FROM auth_passkey WHERE label LIKE 'Werk%%'")] == [
        ("Werktelefoon " + "x" * 100)[:60]
    ]
    browser.send(f"{ADD}/{idents['Telefoon']}/label", {"label": "  "})
    browser.send(f"{ADD}/{idents['Blauwe sleutel']}/remove")
    assert len(query("SELECT 1 FROM auth_passkey")) == 1
    assert [action for (action,) in query("SELECT action FROM core_audit_line ORDER BY seq")] == [
        "passkey added", "passkey added", "passkey removed"
    ]  # fmt: skip


@pytest.mark.asvs("V2.3.2")
def test_no_device_is_added_twice_and_nobody_has_more_than_twenty(
    key: SoftKey, client_as: ClientAs, query: Query
) -> None:
    browser = client_as(ANN)
    options = browser.send(OPTIONS).json
    assert options and len(options["excludeCredentials"]) == 1
    browser.send(ADD, {"answer": key.make(options)})
    assert len(query("SELECT 1 FROM auth_passkey")) == 1
    query("INSERT INTO auth_passkey SELECT user_id, gen_random_uuid()::text::bytea, public_key, 0, '', 'x', false, "
          "now(), NULL, company_id, gen_random_uuid() FROM auth_passkey, generate_series(1, 19)")  # fmt: skip
    options = browser.send(OPTIONS).json
    assert options
    browser.send(ADD, {"answer": SoftKey().make(options)})
    assert len(query("SELECT 1 FROM auth_passkey")) == 20


def test_nobody_touches_the_passkeys_of_another(key: SoftKey, enrolled: Enrolled, client_as: ClientAs, query: Query) -> None:  # noqa: E501
    enrolled(BOB)
    [(ident,)] = query("SELECT id FROM auth_passkey")
    for person in (BOB, MEG):
        browser = client_as(person)
        browser.send(f"{ADD}/{ident}/remove")
        browser.send(f"{ADD}/{ident}/label", {"label": "mine"})
    assert query("SELECT label FROM auth_passkey") == [("Telefoon",)]


def test_who_must_have_a_factor_keeps_one(ann: Account, key: SoftKey, client_as: ClientAs, query: Query) -> None:
    browser = client_as(ANN)
    [(ident,)] = query("SELECT id FROM auth_passkey")
    browser.send("/auth/account/security/app/remove")
    assert query("SELECT totp FROM auth_secret") == [(None,)]
    browser.send(f"{ADD}/{ident}/remove")
    assert len(query("SELECT 1 FROM auth_passkey")) == 1
    assert "passkeys/" not in browser.get(SECURITY).text.replace(f"{ADD}/{ident}/label", "")
    query("UPDATE auth_company SET totp_required = false WHERE id = %s", HOME)
    try:
        browser.send(f"{ADD}/{ident}/remove")
        assert query("SELECT 1 FROM auth_passkey") == []
        assert query("SELECT second_factor_at FROM auth_user WHERE id = %s", ANN.id) == [(None,)]
    finally:
        query("UPDATE auth_company SET totp_required = true WHERE id = %s", HOME)


def test_two_removals_at_once_leave_one(app: Flask, admin_url: str, ann: Account, key: SoftKey, query: Query) -> None:
    [(ident,)] = query("SELECT id FROM auth_passkey")
    browsers = [sign_in_as(app, ANN, admin_url) for _each in range(2)]
    paths = ["/auth/account/security/app/remove", f"{ADD}/{ident}/remove"]
    at_once(2, lambda number: browsers[number].send(paths[number]).status_code)
    left = query("SELECT (SELECT count(*) FROM auth_passkey) + (SELECT count(totp) FROM auth_secret)")
    assert left == [(1,)]


def test_the_first_factor_may_be_a_passkey(enrolled: Enrolled, stranger: Browser, query: Query) -> None:
    enrolled(MEG, factor=False)
    assert give_password(stranger, MEG.email).location == "/auth/enrol"
    key = SoftKey()
    options = stranger.send(OPTIONS).json
    assert options
    assert stranger.send("/auth/enrol/passkey", {"answer": key.make(options)}).status_code == 303
    assert is_in(stranger)
    assert query("SELECT second_factor_at IS NOT NULL FROM auth_user WHERE id = %s", MEG.id) == [(True,)]
    other = Browser(stranger.application)
    assert give_password(other, MEG.email).location == "/auth/second-factor"
    assert other.send(OPTIONS).status_code == 403  # half in, and there is a factor now
    assert other.send("/auth/enrol/passkey", {"answer": key.make(options)}).location == "/auth/sign-in"
    assert come_in(Browser(stranger.application), MEG, key) == 303


def test_the_way_used_last_comes_first(key: SoftKey, ann: Account, stranger: Browser) -> None:
    give_password(stranger, ANN.email)
    assert "data-passkey-use" in stranger.get("/auth/second-factor").text
    assert 'name="code"' in stranger.get("/auth/second-factor?with=totp").text
    give_code(stranger, ann.code())
    other = Browser(stranger.application)
    give_password(other, ANN.email)
    page = other.get("/auth/second-factor").text
    assert 'name="code"' in page and "data-passkey-use" not in page and "with=passkey" in page


def test_changes_are_mailed_to_whose_they_are(ann: Account, key: SoftKey, query: Query) -> None:
    assert query("SELECT recipient, company_id FROM core_outbox") == [(ANN.email, HOME)]


@pytest.mark.asvs("V6.5.6")
def test_a_reset_takes_everything(key: SoftKey, client_as: ClientAs, query: Query) -> None:
    client_as(ANN).send("/auth/account/security/recovery-codes")
    assert query("SELECT count(*) FROM auth_recovery_code") == [(10,)]
    client_as(MEG).send(f"/admin/users/{ANN.id}/reset-second-factor")
    assert query("SELECT (SELECT count(*) FROM auth_passkey), (SELECT count(*) FROM auth_recovery_code)") == [(0, 0)]
    assert query("SELECT totp FROM auth_secret") == [(None,)]
