"""Holds for every page of every plugin, those not written yet too: who may open it, and whose rows do not exist."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from werkzeug.routing import Rule

from leadcrm.app import create_app
from leadcrm.core.config import Config
from leadcrm.core.crypto import Keyring
from leadcrm.core.web import Access
from tests.foreign import ROWS_OF, plant
from tests.people import ADA, ANN, BOB, EVE, MEG, PEOPLE, Person
from tests.world import Browser, sign_in_as

PUBLIC = {
    "asset",
    "core.healthz",
    "core.preferences",
    "auth.sign_in",
    "auth.do_sign_in",
    "auth.sign_out",
    "auth.second_factor",
    "auth.check_second_factor",
    "auth.enrol",
    "auth.do_enrol",
    "auth.set_password",
    "auth.do_set_password",
}


def known_rules() -> list[Rule]:
    """The rules of the application, read without a database."""
    with tempfile.TemporaryDirectory() as folder:
        Keyring.create(Path(folder) / "keys")
        app = create_app(Config(instance=Path(folder), testing=True), "postgresql+psycopg://nobody@/nowhere")
        app.extensions["database"].close()
        return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


RULES = known_rules()
DOORS = [(rule, method) for rule in RULES for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
OPEN_TO_ROWS = [(rule, method) for rule, method in DOORS if any(name.endswith("_id") for name in rule.arguments)]


def names(door: Any) -> str:
    return f"{door[1]} {door[0].rule}"


def permission_of(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "permission", ""))


def knock(browser: Browser, rule: Rule, method: str, **values: Any) -> Any:
    """Open a door with these values in its address; whatever else it asks for is something harmless."""
    filled = {name: values.get(name, uuid4() if name.endswith("_id") else "x") for name in rule.arguments}
    path = rule.build(filled)  # type: ignore[arg-type]  # werkzeug's own
    assert path is not None
    if method == "GET":
        return browser.get(path[1])
    return browser.send(path[1])


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_says_who_may_open_it(whole_app: Flask, rule: Rule) -> None:
    assert permission_of(whole_app, rule) or rule.endpoint in PUBLIC


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


@pytest.mark.parametrize("door", DOORS, ids=names)
def test_a_stranger_is_sent_to_sign_in(app: Flask, stranger: Browser, door: Any) -> None:
    if permission_of(app, door[0]) not in (Access.PUBLIC, ""):
        answer = knock(stranger, *door)
        assert answer.status_code == 303 and answer.location.startswith("/auth/sign-in")


@pytest.mark.parametrize("door", DOORS, ids=names)
def test_half_signed_in_is_a_stranger(app: Flask, admin_url: str, door: Any) -> None:
    if permission_of(app, door[0]) not in (Access.PUBLIC, ""):
        answer = knock(sign_in_as(app, MEG, admin_url, level=1), *door)
        assert answer.status_code == 303 and answer.location.startswith("/auth/")


@pytest.mark.parametrize("door", DOORS, ids=names)
def test_the_wrong_role_is_refused(app: Flask, client_as: Callable[[Person], Browser], door: Any) -> None:
    permission = permission_of(app, door[0])
    if permission in (Access.PUBLIC, Access.SIGNED_IN, ""):
        return
    plugins = app.extensions["plugins"].values()
    for person in (ANN, MEG, ADA):
        if not any(permission in (plugin.granted or {}).get(person.role, ()) for plugin in plugins):
            assert knock(client_as(person), *door).status_code == 403, person.name


@pytest.mark.parametrize("door", [door for door in DOORS if door[1] != "GET"], ids=names)
def test_nothing_changes_without_the_token(app: Flask, client_as: Callable[[Person], Browser], door: Any) -> None:
    rule, method = door
    filled = {name: uuid4() if name.endswith("_id") else "x" for name in rule.arguments}
    for person in (ANN, MEG, ADA):
        answer = client_as(person).open(rule.build(filled)[1], method=method)
        assert answer.status_code == 419, person.name


@pytest.mark.parametrize("door", [door for door in DOORS if door[1] == "GET"], ids=names)
def test_looking_changes_nothing(app: Flask, client_as: Callable[[Person], Browser], admin_url: str, door: Any) -> None:
    """A GET may be followed by anything that sees a link; it must not be how something is done."""
    if door[0].arguments:
        return
    browser = client_as(MEG)
    before = _contents(admin_url)
    knock(browser, *door)
    assert _contents(admin_url) == before


def _contents(admin_url: str) -> list[Any]:
    tables = ("leads_lead", "leads_person", "auth_user", "auth_company", "auth_grant", "core_outbox")
    with psycopg.connect(admin_url) as admin:
        return [admin.execute(f"SELECT count(*), max(xmin::text::bigint) FROM {table}").fetchone() for table in tables]  # type: ignore[call-overload]


def test_every_row_in_an_address_has_a_foreign_one_to_try() -> None:
    asked = {name for rule, _method in OPEN_TO_ROWS for name in rule.arguments if name.endswith("_id")}
    assert asked <= ROWS_OF.keys(), "say in tests/foreign.py what somebody else's row of this sort is"


@pytest.mark.parametrize("door", OPEN_TO_ROWS, ids=names)
def test_other_peoples_rows_do_not_exist(
    app: Flask, worker_app: Flask, client_as: Callable[[Person], Browser], admin_url: str, door: Any
) -> None:
    """A foreign row and one that never was give the same answer, to whoever has the permission."""
    rule, method = door
    permission = permission_of(app, rule)
    plugins = app.extensions["plugins"].values()
    foreign = plant(worker_app, admin_url)
    for person, owners in ((ANN, (BOB, EVE)), (MEG, (EVE,))):
        if permission != Access.SIGNED_IN and not any(
            permission in (p.granted or {}).get(person.role, ()) for p in plugins
        ):
            continue
        browser = client_as(person)
        never = knock(browser, rule, method)
        assert never.status_code == 404, person.name
        for owner in owners:
            theirs = knock(browser, rule, method, **foreign[owner.name])
            assert theirs.status_code == 404, (person.name, owner.name)
            assert _without_nonce(theirs.text) == _without_nonce(never.text)


def _without_nonce(page: str) -> list[str]:
    """The page but for what is new each time, and for the address that was asked for."""
    return [line for line in page.splitlines() if not any(new in line for new in ("nonce=", "csrf", 'name="next"'))]


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if any(name.endswith("_id") for name in rule.arguments)], ids=str
)
@pytest.mark.parametrize("malformed", ["0", "x", "00000000", "%00", "..%2f..%2fetc", "' OR 1=1 --"])
def test_a_malformed_id_is_just_not_found(client_as: Callable[[Person], Browser], rule: Rule, malformed: str) -> None:
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<uuid:{name}>", malformed)
    if "<" not in path:
        assert client_as(MEG).get(path).status_code in (404, 405)


def test_everybody_can_open_their_first_page(client_as: Callable[[Person], Browser]) -> None:
    for person in PEOPLE:
        answer = client_as(person).get("/", follow_redirects=True)
        assert answer.status_code == 200, person.name


def test_ids_in_addresses_are_uuids() -> None:
    for rule, _method in OPEN_TO_ROWS:
        for name in rule.arguments:
            if name.endswith("_id"):
                assert f"<uuid:{name}>" in rule.rule, rule.rule
