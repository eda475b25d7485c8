"""Proving oneself again before something grave: who is asked, what counts, and that nothing sent is lost."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.auth.accounts import Account, Enrolled, enrol
from tests.auth.conftest import Query
from tests.doors import DOORS, RULES, address, names
from tests.people import ADA, ANN, BOB, MEG, PASSWORD, Person
from tests.world import Browser, sign_in_as

STEP_UP = "/auth/step-up"
RIGHTS = f"/admin/users/{ANN.id}/rights"
SENT = {"right": ["leads.delete", "leads.view"]}  # the second is of the role already
Stale = Callable[[Person], Browser]

# What the processing agreement and requirement A3 call grave; a route that is dropped from here is a decision.
GRAVE = {
    "admin.invite_user", "admin.save_user", "admin.save_rights", "admin.make_password_link",
    "admin.reset_second_factor", "admin.add_company", "admin.save_company",
    "bulk.ask_proved", "bulk.begin_proved", "bulk.undo_proved", "exports.ask", "exports.begin",
    "exports.download", "leads.undo_assign", "imports.undo", "imports.download_not_imported",
    "auth.begin_enrol", "auth.add_passkey", "auth.remove_passkey", "auth.rename_passkey", "auth.remove_app",
    "auth.make_codes", "auth.change_security",
}  # fmt: skip


class Hidden(HTMLParser):
    """The fields of the first form that goes to the step-up page."""

    def __init__(self, page: str):
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("action") == STEP_UP
        if tag == "input" and self.inside and given.get("type") == "hidden":
            self.fields.setdefault(str(given["name"]), []).append(str(given.get("value")))


@pytest.fixture
def stale(app: Flask, admin_url: str) -> Stale:
    """A browser of somebody who is in, but did not prove a second factor just now."""
    return lambda person: sign_in_as(app, person, admin_url, stepped_up=False)


@pytest.fixture
def meg(app: Flask, admin_url: str) -> Account:
    return enrol(app, admin_url, MEG)


def guarded(app: Flask) -> set[str]:
    return {rule.endpoint for rule in RULES if getattr(app.view_functions[rule.endpoint], "step_up", False)}


@pytest.mark.asvs("V7.5.1", "V7.5.3")
def test_what_is_grave_asks(whole_app: Flask) -> None:
    assert guarded(whole_app) >= GRAVE


@pytest.mark.asvs("V7.5.1", "V7.5.3")
def test_without_it_nothing_grave_happens(app: Flask, stale: Stale) -> None:
    """Every route that asks, those not written yet too: the answer is the question, for whoever may open it."""
    doors = [door for door in DOORS if door[0].endpoint in guarded(app)]
    for person in (ANN, MEG, ADA):
        browser = stale(person)
        for door in doors:
            answer = browser.get(address(door)) if door[1] == "GET" else browser.send(address(door))
            assert answer.status_code in (401, 403), (person.name, names(door))
            assert answer.status_code == 403 or f'action="{STEP_UP}"' in answer.text, (person.name, names(door))


def test_after_a_code_the_browser_sends_the_same_again(meg: Account, stale: Stale, query: Query) -> None:
    browser = stale(MEG)
    asked = browser.send(RIGHTS, SENT)
    assert asked.status_code == 401 and query("SELECT 1 FROM auth_grant") == []
    fields = Hidden(asked.text).fields
    assert fields["right"] == SENT["right"] and fields["step_up_to"] == [RIGHTS]
    answer = browser.send(STEP_UP, fields | {"step_up_code": meg.code()})
    assert (answer.status_code, answer.location) == (307, RIGHTS)
    done = browser.send(RIGHTS, SENT)
    assert done.status_code == 303, done.text
    assert query("SELECT permission FROM auth_grant") == [("leads.delete",)]


def test_it_lasts_five_minutes(meg: Account, stale: Stale, query: Query) -> None:
    browser = stale(MEG)
    browser.send(STEP_UP, {"step_up_code": meg.code()})
    assert browser.send(RIGHTS).status_code == 303
    query("UPDATE auth_session SET stepup_at = now() - interval '4 minutes 50 seconds'")
    assert browser.send(RIGHTS).status_code == 303
    query("UPDATE auth_session SET stepup_at = now() - interval '5 minutes 1 second'")
    assert browser.send(RIGHTS).status_code == 401


def test_it_counts_for_this_session_only(meg: Account, stale: Stale) -> None:
    one, other = stale(MEG), stale(MEG)
    one.send(STEP_UP, {"step_up_code": meg.code()})
    assert one.send(RIGHTS).status_code == 303
    assert other.send(RIGHTS).status_code == 401


def test_signing_in_with_a_code_counts_for_five_minutes(stranger: Browser, meg: Account) -> None:
    stranger.send("/auth/sign-in", {"email": MEG.email, "password": PASSWORD})
    stranger.send("/auth/second-factor", {"code": meg.code()})
    assert stranger.send(RIGHTS).status_code == 303


def test_a_wrong_code_is_recorded_and_what_was_sent_stays(meg: Account, stale: Stale, query: Query) -> None:
    browser = stale(MEG)
    fields = Hidden(browser.send(RIGHTS, SENT).text).fields
    again = browser.send(STEP_UP, fields | {"step_up_code": "000000"})
    assert again.status_code == 401
    kept = Hidden(again.text).fields
    assert kept["right"] == SENT["right"] and kept["step_up_to"] == [RIGHTS]
    assert query("SELECT reason, user_id FROM auth_failed_login") == [("step_up", MEG.id)]
    assert browser.send(RIGHTS).status_code == 401


def test_a_code_that_was_used_does_not_step_up(meg: Account, stale: Stale, stranger: Browser) -> None:
    code = meg.code()
    stranger.send("/auth/sign-in", {"email": MEG.email, "password": PASSWORD})
    stranger.send("/auth/second-factor", {"code": code})
    browser = stale(MEG)
    assert browser.send(STEP_UP, {"step_up_code": code}).status_code == 401
    assert browser.send(RIGHTS).status_code == 401


def test_guessing_ends(meg: Account, stale: Stale) -> None:
    browser = stale(MEG)
    answers = [browser.send(STEP_UP, {"step_up_code": "000000"}).status_code for _each in range(6)]
    assert answers == [401] * 5 + [429]


def test_the_password_does_not_do_for_who_has_a_factor(meg: Account, stale: Stale) -> None:
    browser = stale(MEG)
    assert browser.send(STEP_UP, {"step_up_password": PASSWORD}).status_code == 401
    assert browser.send(RIGHTS).status_code == 401


def test_the_password_is_asked_of_who_has_no_factor(enrolled: Enrolled, stale: Stale, query: Query) -> None:
    enrolled(BOB, factor=False)
    browser = stale(BOB)
    page = browser.send("/auth/account/second-factor")
    assert page.status_code == 401 and 'name="step_up_password"' in page.text
    assert browser.send(STEP_UP, {"step_up_password": "not this one"}).status_code == 401
    assert browser.send("/auth/account/second-factor").status_code == 401
    assert browser.send(STEP_UP, {"step_up_password": PASSWORD}).status_code == 303
    assert browser.send("/auth/account/second-factor").location == "/auth/enrol"
    assert query("SELECT reason FROM auth_failed_login") == [("wrong_password",)]


def test_a_page_that_is_asked_for_comes_after_it(meg: Account, stale: Stale) -> None:
    browser = stale(MEG)
    page = browser.get("/auth/account/security/change")
    fields = Hidden(page.text).fields
    assert fields["step_up_to"] == ["/auth/account/security/change"] and fields["step_up_method"] == ["GET"]
    answer = browser.send(STEP_UP, fields | {"step_up_code": meg.code()})
    assert (answer.status_code, answer.location) == (303, "/auth/account/security/change")


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/auth/sign-out", "/leads/", "/nowhere", "",
     "/auth/account/password", "\\\\evil", "/admin/users/new/../../auth/sign-out", "javascript:alert(1)"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_it_goes_on_to_no_other_place(meg: Account, stale: Stale, to: str, method: str) -> None:
    """A form goes on only to a route that itself asks for this; a page only to one of ours."""
    answer = stale(MEG).send(STEP_UP, {"step_up_code": meg.code(), "step_up_to": to, "step_up_method": method})
    assert answer.status_code == 303
    assert answer.location in ("/", "/leads/", "/auth/account/password", "/nowhere") and (
        answer.location == "/" or method == "GET"
    )


def test_a_password_that_was_typed_does_not_come_back(meg: Account, stale: Stale) -> None:
    page = stale(MEG).send(RIGHTS, {"right": "leads.assign", "new_password": "typed-secret", "password": "typed-too"})
    assert "leads.assign" in page.text and "typed-" not in page.text


def test_what_comes_back_is_escaped(meg: Account, stale: Stale) -> None:
    page = stale(MEG).send(RIGHTS, {"right": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text
    assert Hidden(page.text).fields["right"] == ['"><script>alert(1)</script>']


def test_a_part_of_a_page_gets_a_window_on_top(meg: Account, stale: Stale) -> None:
    """The page with what was typed stays; the script sends its form once more."""
    browser = stale(MEG)
    htmx = {"HX-Request": "true", "HX-Request-Type": "partial", "Origin": "https://localhost"}
    asked = browser.post(RIGHTS, data={"csrf_token": browser.csrf_token()} | SENT, headers=htmx)
    assert asked.status_code == 401 and (asked.headers["HX-Retarget"], asked.headers["HX-Reswap"]) == (
        "body", "beforeend"
    )  # fmt: skip
    assert "<dialog" in asked.text and "<html" not in asked.text
    wrong = browser.post(STEP_UP, data={"csrf_token": browser.csrf_token(), "step_up_code": "1"}, headers=htmx)
    assert wrong.status_code == 401 and "<dialog" in wrong.text and "HX-Retarget" not in wrong.headers
    right = browser.post(STEP_UP, data={"csrf_token": browser.csrf_token(), "step_up_code": meg.code()}, headers=htmx)
    assert right.status_code == 200 and right.headers["HX-Trigger"] == "stepped-up"
    assert browser.send(RIGHTS).status_code == 303


def test_who_may_not_is_told_so_first(enrolled: Enrolled, stale: Stale) -> None:
    enrolled(ANN)
    assert stale(ANN).send(RIGHTS).status_code == 403


def test_proving_is_written_down(meg: Account, stale: Stale, query: Query) -> None:
    stale(MEG).send(STEP_UP, {"step_up_code": meg.code()})
    [(body,)] = query("SELECT body FROM core_audit_line WHERE action = 'stepped up'")
    assert '"how":"totp"' in body and str(MEG.id) in body
