"""For every address of every plugin: somebody else's row and one that never was cannot be told apart."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.doors import DOORS, OPEN_TO_ROWS, RULES, knock, may_open, names
from tests.foreign import WORDS, Planted, plant
from tests.people import ANN, BOB, EVE, IVO, MEG, Person
from tests.together import together
from tests.world import Browser, forget_what_tests_wrote, sign_in_as, superuser

Rows = dict[str, Planted]
Browsers = dict[str, Browser]
NESTED = [door for door in OPEN_TO_ROWS if len(door[0].arguments - WORDS.keys()) > 1]


@pytest.fixture(scope="module")
def planted(whole_app: Flask, admin_url: str) -> Iterator[Rows]:
    """One household of everybody for all of this file: nothing here may change a row."""
    yield plant(whole_app, admin_url)
    forget_what_tests_wrote(admin_url)


@pytest.fixture(scope="module")
def browsers(whole_app: Flask, planted: Rows, admin_url: str) -> Browsers:
    return {person.name: sign_in_as(whole_app, person, admin_url) for person in (ANN, MEG, IVO)}


@pytest.mark.asvs("V3.5.3")
def test_looking_changes_nothing(browsers: Browsers, planted: Rows, admin_url: str) -> None:
    """A GET may be followed by anything that sees a link; it must not be how something is done."""
    before = _contents(admin_url)
    with together() as case:
        for door in (door for door in DOORS if door[1] == "GET"):
            with case(names(door)):
                knock(browsers[ANN.name], door, planted[ANN.name].fill(door[0], door[2]))
                before, was = _contents(admin_url), before  # the next is told of its own changes only
                assert was == before


def _contents(admin_url: str) -> Any:
    tables = ("leads_lead", "leads_person", "auth_user", "auth_company", "auth_grant", "core_outbox")
    each = (f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}" for table in tables)
    return superuser(admin_url).execute(" UNION ALL ".join(each)).fetchall()  # type: ignore[arg-type]  # built above


def test_every_id_in_an_address_has_a_foreign_one_to_try(planted: Rows) -> None:
    asked = {name for rule in RULES for name in rule.arguments} - WORDS.keys() - {"row_id"}
    known = set().union(*(rows.ids for rows in planted.values()))
    assert asked <= known, "say in tests/foreign.py what somebody else's row of this sort is"


@pytest.mark.asvs("V8.2.2", "V8.4.1")
@pytest.mark.parametrize(
    ("person", "owner"),
    [
        pytest.param(ANN, BOB, id="a colleague's"),
        pytest.param(MEG, EVE, id="another company's"),
        pytest.param(ANN, EVE, id="an agent elsewhere", marks=pytest.mark.attack),
        pytest.param(IVO, EVE, id="an auditor elsewhere", marks=pytest.mark.attack),
    ],
)
def test_other_peoples_rows_do_not_exist(
    whole_app: Flask, browsers: Browsers, planted: Rows, person: Person, owner: Person
) -> None:
    """A foreign row and one that never was give the same answer, to whoever has the permission."""
    browser = browsers[person.name]
    with together() as case:
        for door in (door for door in OPEN_TO_ROWS if may_open(whole_app, door[0], person)):
            with case(names(door)):
                never = knock(browser, door)
                assert never.status_code == 404
                theirs = knock(browser, door, planted[owner.name].fill(door[0], door[2]))
                assert theirs.status_code == 404
                assert _without_nonce(theirs.text) == _without_nonce(never.text)
                assert "Canary" not in theirs.text


@pytest.mark.parametrize("owner", [BOB, pytest.param(EVE, marks=pytest.mark.attack)], ids=lambda owner: owner.name)
def test_other_peoples_rows_do_not_come_in_under_ones_own(
    whole_app: Flask, browsers: Browsers, planted: Rows, owner: Person
) -> None:
    """Her own lead in the address, and a row of somebody else's behind it."""
    browser = browsers[ANN.name]
    with together() as case:
        for door in (door for door in NESTED if may_open(whole_app, door[0], ANN)):
            with case(names(door)):
                mixed = planted[owner.name].fill(door[0], door[2]) | {"lead_id": planted[ANN.name].ids["lead_id"]}
                assert knock(browser, door, mixed).status_code == 404


def test_the_planted_rows_can_be_opened_by_their_owner(whole_app: Flask, browsers: Browsers, planted: Rows) -> None:
    """Otherwise a 404 above would prove nothing."""
    hers, browser = planted[ANN.name], browsers[ANN.name]
    opened = [door for door in OPEN_TO_ROWS if door[1] == "GET" and may_open(whole_app, door[0], ANN)]
    found = {names(door) for door in opened if knock(browser, door, hers.fill(door[0], door[2])).status_code == 200}
    assert len(found) >= len(opened) / 3, sorted(names(door) for door in opened)


def _without_nonce(page: str) -> list[str]:
    """The page but for what is new each time, and for the address that was asked for."""
    return [line for line in page.splitlines() if not any(new in line for new in ("nonce=", "csrf", 'name="next"'))]
