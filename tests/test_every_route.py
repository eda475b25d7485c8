"""Holds for every page of every plugin, those not written yet too: who may open it, and whose rows do not exist."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

import leadcrm
from leadcrm.core.web import Access
from tests.doors import DOORS, RULES, Door, address, knock, may_open, names, permission_of
from tests.foreign import WORDS
from tests.people import ADA, ANN, IVO, MEG, PEOPLE, Person
from tests.together import together
from tests.world import Browser, sign_in_as


def too(*cases: Any) -> list[Any]:
    """Cases of one and the same thing: `make attack` tries these as well."""
    return [pytest.param(each, marks=pytest.mark.attack) for each in cases]


WITHOUT_TOKEN = {
    "core.take_reports",  # a browser sends it by itself; it only counts
    "intake.receive",  # programs, with a key
    "intake.send_form",  # within other people's pages, with a token of its own
}
PUBLIC = {
    "asset",
    "core.healthz",
    "core.manifest",
    "core.preferences",
    "core.take_reports",
    "auth.sign_in",
    "auth.do_sign_in",
    "auth.sign_out",
    "auth.second_factor",
    "auth.check_second_factor",
    "auth.passkey_to_sign_in",
    "auth.check_passkey",
    "auth.passkey_to_enrol",
    "auth.enrol_passkey",
    "auth.check_recovery_code",
    "auth.enrol",
    "auth.do_enrol",
    "auth.set_password",
    "auth.do_set_password",
    "auth.forgotten",
    "auth.ask_forgotten",
    "auth.not_me",
    "auth.end_everything",
    "collecting.deliver",
    "followup.read_feed",
    "collecting.give_code",
    "collecting.ready",
    "collecting.begin_upload",
    "collecting.continue_upload",
    "collecting.upload_offset",
    "collecting.drop_upload",
    "collecting.send_files",
    "intake.receive",
    "intake.show_receipt",
    "intake.show_form",
    "intake.send_form",
    "intake.show_opt_in",
    "intake.confirm_opt_in",
}


PACKAGE = Path(leadcrm.__file__).parent
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
NAMED = re.compile(r"""\b(?:url_if|url_for|address_of|may_open)\(\s*["']([a-z_]+\.\w+)["']""")


def test_every_page_that_is_named_is_there(whole_app: Flask) -> None:
    """url_if() leaves out the way to a page that no plugin brings: a misspelt one would never be missed."""
    sources = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".html")]
    read = ((path.name, COMMENT.sub("", path.read_text())) for path in sources)
    named = {(name, file) for file, text in read for name in NAMED.findall(text)}
    assert len(named) > 200
    assert {each for each in named if each[0] not in whole_app.view_functions} == set()


def test_says_who_may_open_it(whole_app: Flask) -> None:
    with together() as case:
        for rule in RULES:
            with case(str(rule)):
                assert permission_of(whole_app, rule) or rule.endpoint in PUBLIC


@pytest.mark.asvs("V6.3.4", "V13.4.5")
def test_these_are_all_the_public_pages(whole_app: Flask) -> None:
    public = {rule.endpoint for rule in RULES if permission_of(whole_app, rule) in (Access.PUBLIC, "")}
    assert public == PUBLIC


def test_every_permission_is_declared_by_a_plugin(whole_app: Flask) -> None:
    declared = {
        str(permission)
        for plugin in whole_app.extensions["plugins"].values()
        for permission in plugin.permissions or ()
    }
    used = {permission_of(whole_app, rule) for rule in RULES} - {Access.PUBLIC, Access.SIGNED_IN, ""}
    assert used <= declared


def first_page(browser: Browser) -> str:
    """Where somebody comes who has signed in; at the door is who has not, or no longer."""
    answer = browser.get("/", follow_redirects=True)
    return answer.request.path if answer.status_code == 200 else answer.status


def closed_doors(app: Flask) -> list[Door]:
    return [door for door in DOORS if permission_of(app, door[0]) not in (Access.PUBLIC, "")]


def test_a_stranger_is_sent_to_sign_in(app: Flask, stranger: Browser) -> None:
    with together() as case:
        for door in closed_doors(app):
            with case(names(door)):
                answer = knock(stranger, door)
                assert answer.status_code == 303 and answer.location.startswith("/auth/sign-in")


def test_half_signed_in_is_a_stranger(app: Flask, admin_url: str) -> None:
    half = sign_in_as(app, MEG, admin_url, level=1)
    with together() as case:
        for door in closed_doors(app):
            with case(names(door)):
                answer = knock(half, door)
                assert answer.status_code == 303 and answer.location.startswith("/auth/")
    assert half.get("/auth/second-factor").location == "/auth/enrol", "is no longer half signed in"


ROLES = (ANN, MEG, ADA, IVO)


@pytest.mark.asvs("V8.2.1")
def test_the_wrong_role_is_refused(app: Flask, client_as: Callable[[Person], Browser]) -> None:
    """At every door somebody, with each of these roles at many; `make attack` tries all of them at all."""
    browsers = {person: client_as(person) for person in ROLES}
    refused: list[Person] = []
    with together() as case:
        for door in closed_doors(app):
            wrong = [person for person in ROLES if not may_open(app, door[0], person)]
            if wrong:
                person = min(wrong, key=refused.count)
                refused.append(person)
                with case(f"{person.role} at {names(door)}"):
                    assert knock(browsers[person], door).status_code == 403
    assert min(refused.count(person) for person in ROLES) >= 10


@pytest.mark.attack
@pytest.mark.parametrize("person", ROLES, ids=lambda person: person.role)
def test_every_wrong_role_is_refused(app: Flask, client_as: Callable[[Person], Browser], person: Person) -> None:
    browser = client_as(person)
    with together() as case:
        for door in closed_doors(app):
            if not may_open(app, door[0], person):
                with case(names(door)):
                    assert knock(browser, door).status_code == 403


@pytest.mark.asvs("V3.5.1")
@pytest.mark.parametrize("person", [MEG, *too(ANN, ADA, IVO)], ids=lambda person: person.role)
def test_nothing_changes_without_the_token(app: Flask, client_as: Callable[[Person], Browser], person: Person) -> None:
    browser = client_as(person)
    with together() as case:
        for door in DOORS:
            if door[1] != "GET" and door[0].endpoint not in WITHOUT_TOKEN:
                with case(names(door)):
                    assert browser.open(address(door), method=door[1]).status_code == 419
    assert not first_page(browser).startswith("/auth/"), "is no longer signed in"


@pytest.mark.asvs("V15.3.5")
@pytest.mark.parametrize("malformed", ["%00", *too("0", "x", "00000000", "..%2f..%2fetc", "' OR 1=1 --")])
def test_a_malformed_id_is_just_not_found(client_as: Callable[[Person], Browser], malformed: str) -> None:
    browser = client_as(MEG)
    with together() as case:
        for path in sorted({path for rule in RULES if "<" not in (path := _malformed(rule, malformed))}):
            with case(path):
                assert browser.get(path).status_code in (404, 405)
    assert not first_page(browser).startswith("/auth/"), "is no longer signed in"


def _malformed(rule: Rule, malformed: str) -> str:
    """Its address with this for every id; the rule as it is when it has none."""
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<uuid:{name}>", malformed)
    return path if path != rule.rule else "<"


def test_everybody_can_open_their_first_page(client_as: Callable[[Person], Browser]) -> None:
    for person in PEOPLE:
        found = first_page(client_as(person))
        assert found.startswith("/") and not found.startswith("/auth/"), person.name


def test_ids_in_addresses_are_uuids() -> None:
    for rule in RULES:
        for name in rule.arguments - WORDS.keys():
            assert f"<uuid:{name}>" in rule.rule, rule.rule
