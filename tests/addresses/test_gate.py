"""Every request of whoever holds a session is held against both lists, before anything of the body is read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.addresses.services import rules
from leadcrm.core.proxy import canonical
from leadcrm.core.scope import Viewer, viewing_as
from leadcrm.core.security import CrmRequest
from tests.addresses.conftest import ELSEWHERE, HOME_OFFICE, OFFICE, Admit, Reasons, coming_from
from tests.auth.accounts import Enrolled, enrol, give_password, walk_in
from tests.doors import DOORS, knock, may_open, names, permission_of
from tests.people import ADA, ANN, BOB, COMPANIES, EVE, HOME, MEG, PEOPLE, PLATFORM_ID, Person
from tests.together import together
from tests.world import Browser, sign_in_as, superuser

ClientAs = Callable[[Person], Browser]


@pytest.fixture
def enrolled(app: Flask, admin_url: str) -> Enrolled:
    return lambda person, **how: enrol(app, admin_url, person, **how)


@pytest.mark.asvs("V8.2.4")
def test_a_session_from_elsewhere_opens_no_door(
    app: Flask, client_as: ClientAs, admin_url: str, admit: Admit, reasons: Reasons
) -> None:
    """Pages, parts, downloads and whatever changes something: those not written yet too."""
    for company_id in (*COMPANIES, PLATFORM_ID):
        admit(f"{OFFICE}/32", company_id)
    with together() as case:
        for door in (door for door in DOORS if permission_of(app, door[0]) not in ("public", "")):
            with case(names(door)):
                person = next((each for each in PEOPLE if may_open(app, door[0], each)), MEG)
                superuser(admin_url).execute("DELETE FROM auth_failed_login")
                answer = knock(coming_from(client_as(person), ELSEWHERE), door)
                assert answer.status_code == 303 and answer.location.startswith("/auth/sign-in")
                assert reasons() == [("address", person.email, ELSEWHERE)]


def test_where_the_list_admits_nothing_changes(client_as: ClientAs, admit: Admit, reasons: Reasons) -> None:
    admit("203.0.113.0/24", HOME)
    admit("2001:db8:7::/64", HOME)
    for address in (OFFICE, HOME_OFFICE, f"::ffff:{OFFICE}"):
        assert coming_from(client_as(ANN), address).get("/leads/").status_code == 200
    assert reasons() == []


def test_the_session_goes_on_where_it_may_be_used(client_as: ClientAs, admit: Admit) -> None:
    ann = coming_from(client_as(ANN), OFFICE)
    admit(f"{OFFICE}/32", HOME)
    assert ann.get("/leads/").status_code == 200
    assert coming_from(ann, ELSEWHERE).get("/leads/").status_code == 303
    assert coming_from(ann, OFFICE).get("/leads/").status_code == 200


def test_it_holds_from_the_next_request(client_as: ClientAs, admit: Admit) -> None:
    ann = coming_from(client_as(ANN), ELSEWHERE)
    assert ann.get("/leads/").status_code == 200
    admit(f"{OFFICE}/32", HOME)
    assert ann.get("/leads/").status_code == 303


@pytest.mark.parametrize(
    ("company", "own", "status"),
    [
        ([], [], 200),
        ([OFFICE], [], 200),
        ([], [OFFICE], 200),
        ([OFFICE], [OFFICE], 200),
        ([ELSEWHERE, OFFICE], [HOME_OFFICE, OFFICE], 200),
        ([ELSEWHERE], [], 303),
        ([], [ELSEWHERE], 303),
        ([ELSEWHERE], [OFFICE], 303),
        ([OFFICE], [ELSEWHERE], 303),
    ],
)
def test_both_lists_must_match(
    client_as: ClientAs, admit: Admit, company: list[str], own: list[str], status: int
) -> None:
    for network in company:
        admit(network, HOME)
    for network in own:
        admit(network, HOME, ANN)
    assert coming_from(client_as(ANN), OFFICE).get("/leads/").status_code == status


def test_a_list_holds_for_nobody_else(client_as: ClientAs, admit: Admit) -> None:
    admit(OFFICE, HOME)
    admit(HOME_OFFICE, HOME, BOB)
    admit(OFFICE, PLATFORM_ID)
    assert coming_from(client_as(ANN), OFFICE).get("/leads/").status_code == 200
    assert coming_from(client_as(EVE), ELSEWHERE).get("/leads/").status_code == 200
    assert coming_from(client_as(ADA), ELSEWHERE).get("/admin/users").status_code == 303


def test_half_signed_in_goes_no_further_from_elsewhere(
    app: Flask, admin_url: str, enrolled: Enrolled, admit: Admit, reasons: Reasons
) -> None:
    account = enrolled(ANN)
    half = sign_in_as(app, ANN, admin_url, level=1)
    admit(OFFICE, HOME)
    coming_from(half, ELSEWHERE)
    assert half.get("/auth/second-factor").location == "/auth/sign-in"
    assert half.send("/auth/second-factor", {"code": account.code()}).location == "/auth/sign-in"
    assert half.get("/auth/enrol").location == "/auth/sign-in"
    assert [row[0] for row in reasons()] == ["address"]
    coming_from(half, OFFICE)
    assert half.send("/auth/second-factor", {"code": account.code()}).location == "/"


@pytest.mark.parametrize("address", ["", "unix:", "nonsense", "1.2.3.4:443"])
def test_whose_address_nobody_can_say_counts_as_signed_out(client_as: ClientAs, address: str, reasons: Reasons) -> None:
    assert coming_from(client_as(ANN), address).get("/leads/").status_code == 303
    assert [row[0] for row in reasons()] == ["address"]


def test_forward_headers_of_a_stranger_are_worth_nothing(client_as: ClientAs, admit: Admit) -> None:
    admit(OFFICE, HOME)
    ann = coming_from(client_as(ANN), ELSEWHERE)
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X_Forwarded_For", "True-Client-IP", "X-Client-IP"):
        assert ann.get("/leads/", headers={header: OFFICE}).status_code == 303, header


def test_the_gate_comes_before_the_body(app: Flask, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody from a wrong address makes us read a form or a file, not even to look for the CSRF token."""
    order: list[str] = []
    read, plugin = CrmRequest._load_form_data, app.extensions["plugins"]["addresses"]

    def reading(self: Any) -> None:
        order.append("body")
        read(self)

    def looking(holder: Viewer) -> None:
        order.append("gate")
        plugin.gates[0](holder)

    monkeypatch.setattr(CrmRequest, "_load_form_data", reading)
    monkeypatch.setitem(app.extensions["plugins"], "addresses", replace(plugin, gates=(looking,)))
    coming_from(client_as(ANN), OFFICE).send("/leads/import", {"file": "x"})
    assert order[0] == "gate"
    assert order.count("gate") == 1


def test_a_page_that_keeps_asking_is_recorded_once(client_as: ClientAs, admit: Admit, reasons: Reasons) -> None:
    ann = coming_from(client_as(ANN), ELSEWHERE)
    admit(OFFICE, HOME)
    for _ in range(5):
        ann.get("/leads/")
    coming_from(ann, HOME_OFFICE).get("/leads/")
    assert [row[2] for row in reasons()] == [ELSEWHERE, HOME_OFFICE]


def test_a_session_from_elsewhere_is_not_kept_alive(client_as: ClientAs, admit: Admit, admin_url: str) -> None:
    """Whoever holds a copied cookie outside cannot hold off the idle limit with it."""
    ann = client_as(ANN)
    admit(OFFICE, HOME)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_session SET last_seen_at = now() - interval '10 minutes'")
        for path in ("/leads/", "/auth/sign-in", "/healthz"):  # public ones commit as well
            coming_from(ann, ELSEWHERE).get(path)
        row = admin.execute("SELECT now() - last_seen_at > interval '9 minutes' FROM auth_session").fetchone()
    assert row == (True,)


def test_signing_out_from_elsewhere_is_harmless(client_as: ClientAs, admit: Admit) -> None:
    ann = coming_from(client_as(ANN), ELSEWHERE)
    admit(OFFICE, HOME)
    assert ann.send("/auth/sign-out").status_code == 303


# ── at the door ──


def test_a_wrong_address_looks_exactly_like_a_wrong_password(
    app: Flask, enrolled: Enrolled, admit: Admit, reasons: Reasons
) -> None:
    enrolled(ANN)
    admit(OFFICE, HOME)
    wrong_password = give_password(coming_from(Browser(app), ELSEWHERE), ANN.email, "een-heel-ander-wachtwoord")
    wrong_address = give_password(coming_from(Browser(app), ELSEWHERE), ANN.email)
    assert wrong_address.status_code == wrong_password.status_code == 422
    assert without_what_is_random(wrong_address) == without_what_is_random(wrong_password)
    assert [row[0] for row in reasons()] == ["wrong_password", "address"]


def without_what_is_random(answer: Any) -> tuple[str, list[str]]:
    """The page without token and nonce, and the names of its headers."""
    policy = answer.headers["Content-Security-Policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    token = answer.text.partition('name="csrf-token" content="')[2].partition('"')[0]
    return answer.text.replace(nonce, "").replace(token, ""), sorted(name for name, _value in answer.headers)


def test_a_wrong_address_costs_an_attempt_like_a_wrong_password(app: Flask, enrolled: Enrolled, admit: Admit) -> None:
    enrolled(ANN)
    admit(OFFICE, HOME)
    browser = coming_from(Browser(app), ELSEWHERE)
    assert [give_password(browser, ANN.email).status_code for _ in range(6)] == [422] * 5 + [429]


def test_an_unknown_account_is_asked_about_like_a_known_one(
    app: Flask, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(rules, "admits", lambda *arguments: asked.append(arguments) or True)
    enrolled(ANN)
    give_password(Browser(app), "nobody@example.org")
    give_password(Browser(app), ANN.email, "x")
    assert len(asked) == 2


def test_from_the_office_everything_is_as_before(app: Flask, enrolled: Enrolled, admit: Admit) -> None:
    ann = enrolled(ANN)
    admit(OFFICE, HOME)
    browser = coming_from(Browser(app), OFFICE)
    assert walk_in(browser, ann).location == "/"
    assert browser.get("/leads/").status_code == 200


def test_a_password_link_is_dead_elsewhere_and_lives_on(
    app: Flask, client_as: ClientAs, enrolled: Enrolled, admit: Admit, reasons: Reasons
) -> None:
    enrolled(ANN)
    link = password_link(client_as(MEG))
    admit(OFFICE, HOME)
    form = {"new_password": "vier groene fietsen in de regen", "new_password_again": "vier groene fietsen in de regen"}
    invented, inside = "/auth/set-password/invented", coming_from(Browser(app), OFFICE)
    asked = [outside(app).get(link), outside(app).send(link, form)]
    for answer, dead in zip(asked, [outside(app).get(invented), outside(app).send(invented, form)], strict=True):
        assert answer.status_code == 404
        page, headers = without_what_is_random(answer)
        assert (page.replace(link, invented), headers) == without_what_is_random(dead)
    assert [row[0] for row in reasons()] == ["address", "address", "bad_link", "bad_link"]
    assert inside.get(link).status_code == 200
    assert inside.send(link, form).status_code == 303


def outside(app: Flask) -> Browser:
    return coming_from(Browser(app), ELSEWHERE)


def password_link(meg: Browser) -> str:
    page = meg.send(f"/admin/users/{ANN.id}/password-link").text
    return "/auth/set-password/" + page.partition("/auth/set-password/")[2].partition("<")[0].partition('"')[0].strip()


# ── the rule itself ──


@pytest.mark.parametrize("address", [None, OFFICE, ELSEWHERE, HOME_OFFICE, "2001:db8:7::1", "0.0.0.0", "::"])
def test_without_a_list_every_known_address_is_admitted(app: Flask, address: str | None) -> None:
    with app.app_context(), viewing_as(None):
        assert rules.admits(HOME, ANN.id, canonical(address or "")) is (address is not None)


@pytest.mark.parametrize(
    ("network", "address", "admitted"),
    [
        ("203.0.113.0/24", "203.0.113.0", True),
        ("203.0.113.0/24", "203.0.113.255", True),
        ("203.0.113.0/24", "203.0.114.0", False),
        ("203.0.113.0/24", "203.0.112.255", False),
        ("203.0.113.8/31", "203.0.113.9", True),
        ("203.0.113.8/31", "203.0.113.10", False),
        ("203.0.113.7/32", "::ffff:203.0.113.7", True),
        ("203.0.113.7/32", "::203.0.113.7", False),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("2001:db8::/123", "2001:db8::1f", True),
        ("2001:db8::/123", "2001:db8::20", False),
        ("203.0.113.0/24", "64:ff9b::cb00:7107", False),
        ("203.0.113.0/24", "2002:cb00:7107::1", False),
        ("0.0.0.0/1", "::1", False),
    ],
)
def test_masks_of_any_length(app: Flask, admit: Admit, network: str, address: str, admitted: bool) -> None:
    admit(network, HOME)
    with app.app_context(), viewing_as(None):
        assert rules.admits(HOME, ANN.id, canonical(address)) is admitted
        assert rules.admits(HOME, MEG.id, canonical(address)) is admitted


def test_the_database_itself_admits_nobody_without_an_address(app: Flask, admit: Admit, admin_url: str) -> None:
    admit(OFFICE, HOME)
    with psycopg.connect(admin_url) as admin:
        asked = [admin.execute("SELECT addresses_admit(%s, %s, %s)", [HOME, ANN.id, address]).fetchone()
                 for address in (None, OFFICE, ELSEWHERE)]  # fmt: skip
    assert asked == [(False,), (True,), (False,)]
