"""Every route and method of the address map, by everybody, with everybody's rows: always as policy.toml says."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from leadcrm.core.postgres.embedded import Embedded
from leadcrm.core.postgres.urls import conninfo
from tests.attack import canaries
from tests.attack.policy import (
    CANARIES,
    EXTRA,
    NO_CANARY,
    PRINCIPALS,
    RIGHTS,
    ROUTES,
    Answer,
    Principal,
    expected,
    knockers,
    route_of,
)
from tests.attack.stage import CODES, EVERYBODY, Stage, Target, raise_curtain
from tests.doors import DOORS, Door, address, names
from tests.foreign import WORDS
from tests.people import BOB

FRESH = re.compile(r'nonce="[^"]*"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(content|value)="[^"]{40,}"|ImY[\w.-]+')


@pytest.fixture(scope="module")
def stage(whole_app: Flask, admin_url: str) -> Iterator[Stage]:
    yield from raise_curtain(whole_app, admin_url, PRINCIPALS)


@pytest.mark.asvs("V8.1.1")
def test_every_route_has_its_row_in_the_policy() -> None:
    missing = sorted({f"{door[0].endpoint} {door[1]}" for door in DOORS if route_of(door) is None})
    assert not missing, "say in tests/attack/policy.toml who may do this: " + ", ".join(missing)
    known = {f"{door[0].endpoint} {door[1]}" for door in DOORS}
    assert set(ROUTES) <= known, f"no such route: {sorted(set(ROUTES) - known)}"


@pytest.mark.asvs("V8.1.1")
def test_the_policy_and_the_roles_of_the_application_agree(whole_app: Flask) -> None:
    """What a role starts with is written down twice: changing one without the other is seen."""
    for role, rights in RIGHTS.items():
        granted = set().union(
            *((plugin.granted or {}).get(role, ()) for plugin in whole_app.extensions["plugins"].values())
        )
        assert {str(right) for right in granted} == set(rights), role


def test_at_least_ten_principals_and_every_extra_right() -> None:
    """Each right by itself where it is asked for, and at every door all those that are not."""
    assert len(PRINCIPALS) >= 10 and len(EXTRA) >= 25
    given = [principal.extras for door in DOORS for principal in knockers(door)]
    alone = frozenset().union(*(extras for extras in given if len(extras) == 1))
    assert EXTRA - alone == {"saved_views.share"}  # no door's: asked of who keeps a view for everybody
    assert all(EXTRA - {right} in given for right in alone)


def test_every_text_has_its_canary() -> None:
    """A column of text that is in no list would not be watched."""
    for model in canaries.MODELS:
        if canaries.texts(model):
            assert model.__tablename__ in CANARIES, "say in tests/attack/policy.toml who may read its texts"
    known = {f"{model.__tablename__}.{name}" for model in canaries.MODELS for name in canaries.texts(model)}
    assert set(NO_CANARY) <= known, sorted(set(NO_CANARY) - known)


def test_the_canaries_sing(stage: Stage) -> None:
    """Whoever may hear one does: otherwise their silence elsewhere would prove nothing."""
    by_name = {each.name: each for each in PRINCIPALS}
    ann, meg, ada = (by_name[name] for name in ("agent", "company manager", "admin"))
    lead = next(target.rows.ids["lead_id"] for target in stage.targets if target.name == f"{ann.who}'s")
    page = stage.browser(ann).get(f"/leads/{lead}").text
    assert canaries.Canary("ann", "lead") in canaries.heard(page)
    assert len(canaries.SUNG.findall(page)) >= 20
    assert canaries.Canary("bob", "lead") in canaries.heard(stage.browser(meg).get("/leads/").text)
    assert canaries.Canary("west", "office") in canaries.heard(stage.browser(ada).get("/admin/users").text)


CHANGES = {
    "auth_session": "UPDATE auth_session SET user_agent = 'changed' WHERE user_id = (SELECT id FROM auth_user LIMIT 1)",
    "leads_entry": "DELETE FROM leads_entry WHERE id = (SELECT id FROM leads_entry LIMIT 1)",
    "core_limit": "INSERT INTO core_limit VALUES ('new', '{1}', now())",
    "tags_tag": "UPDATE tags_tag SET id = gen_random_uuid(); DELETE FROM tags_tag",
}


def test_what_was_touched_is_put_back(stage: Stage) -> None:
    """Otherwise each door would find what the one before it left."""
    stage.restore()
    before = {table: _rows(stage, table) for table in CHANGES}
    for change in CHANGES.values():
        stage.admin.execute(change.encode())
    assert stage.touched() == {table: table == "core_limit" for table in CHANGES}
    stage.restore()
    assert {table: _rows(stage, table) for table in CHANGES} == before and stage.touched() == {}


def test_what_was_put_back_is_not_touched_while_another_database_is_written_to(stage: Stage, server: Embedded) -> None:
    """Transactions are numbered for the whole server, and the other processes of these tests share it."""
    with psycopg.connect(conninfo(server.admin_url())) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        stage.admin.execute(CHANGES["leads_entry"].encode())
        stage.restore()
        assert stage.touched() == {}


def _rows(stage: Stage, table: str) -> list[str]:
    found = stage.admin.execute(sql.SQL("SELECT {0}::text FROM {0}").format(sql.Identifier(table)))
    return sorted(row for (row,) in found)


@pytest.mark.asvs("V8.2.1", "V8.2.2", "V8.3.1", "V8.4.1")
@pytest.mark.parametrize("door", DOORS, ids=names)
def test_as_the_policy_says(stage: Stage, door: Door) -> None:
    wrong = [complaint for principal in knockers(door) for complaint in _all_rows(stage, door, principal)]
    assert not wrong, "\n".join(wrong)


def _all_rows(stage: Stage, door: Door, principal: Principal) -> Iterator[str]:
    """The answers to one principal; those for absent rows come first, to compare the others with."""
    absent = ""
    with stage.granted(principal):
        for target in _tried(stage, door, principal):
            answer = _knock(stage, door, principal, target)
            found = list(_judged(stage, door, principal, target, answer))
            if answer.status_code == 404:
                absent = absent or _still(answer)
                if _still(answer) != absent:
                    found.append(f"its 404 differs from that of a row that never was: {_difference(absent, answer)}")
            yield from (f"{principal.name}, {target.name} row: {each}" for each in found)
            if leaves_something(door, answer, principal):
                stage.restore_now(principal)


def _tried(stage: Stage, door: Door, principal: Principal) -> list[Target]:
    """Everybody's rows, an absent one first. Who has rights that are not asked for is an agent like Ann, and tries a
    colleague's; to whom no door opens, one row of every sort is enough: own, a colleague's, elsewhere, deleted."""
    absent = stage.targets[-1:]
    if not door[0].arguments - WORDS.keys():
        return absent
    if principal.extras and (route_of(door) or {}).get("right") not in principal.extras:
        return [target for target in stage.targets if target.owner is BOB]
    if principal.never:
        person = EVERYBODY.get(principal.who)
        sorts = {(target.relation(person), target.deleted): target for target in stage.targets[:-1]}
        return absent + list(sorts.values())
    return absent + stage.targets[:-1]


def _knock(stage: Stage, door: Door, principal: Principal, target: Target) -> Any:
    rule, method, words = door
    path = address(door, target.rows.fill(rule, words))
    browser = stage.browser(principal)
    from_there = {"REMOTE_ADDR": principal.address} if principal.address else {}
    if method == "GET":
        return browser.get(path, environ_overrides=from_there)
    form = (route_of(door) or {}).get("form", {}) if _sends(principal) else {}
    return browser.send(path, form, environ_overrides=from_there, method=method)


def _sends(principal: Principal) -> bool:
    """Who is sent away with something in hand gets it back (401): that has its own tests."""
    return not principal.never


def _judged(stage: Stage, door: Door, principal: Principal, target: Target, answer: Any) -> Iterator[str]:
    person = EVERYBODY.get(principal.who)
    wanted = expected(door, principal, person, target.relation(person), target.deleted)
    got = answer_of(answer, principal)
    if got not in wanted:
        yield f"{got or answer.status_code} instead of {' or '.join(sorted(wanted))} {answer.headers.get('Location')}"
    hearer = None if principal.never else person
    code = CODES.get(person.id, "") if person else ""
    sung = canaries.heard(answer.data.decode("utf-8", "replace") + "\n" + str(answer.headers))
    if person and principal.level == 1 and (route_of(door) or {}).get("greets"):
        sung = {each for each in sung if str(each) != str(canaries.Canary(canaries.CODES[person.company_id], "office"))}
    yield from (f"heard {each}" for each in sung if not canaries.may_hear(hearer, code, each))
    for company_id, mail in stage.mails() if door[1] != "GET" else ():
        home = canaries.CODES.get(company_id, "none")
        yield from (
            f"a mail of {home} holds {each}"
            for each in canaries.heard(mail)
            if each.code != home
            and each.code not in canaries.COLLEAGUES.get(home, ())
            and not (home == "plat" and each.level == "office")  # admins know companies and their people
        )


def leaves_something(door: Door, answer: Any, principal: Principal) -> bool:
    if door[1] == "GET":
        return bool((route_of(door) or {}).get("counted"))
    return answer.status_code < 400 and not principal.never or counts(door)


def counts(door: Door) -> bool:
    """Whether a refusal leaves something behind as well: an attempt, which limits the next."""
    route = route_of(door) or {}
    return route.get("right") == "public" or route.get("proves", False)


def answer_of(answer: Any, principal: Principal) -> Answer | None:
    """What it amounts to; None for what should never be answered."""
    place = urlsplit(answer.headers.get("Location", "")).path
    way_in = ("/auth/sign-in", *(("/auth/second-factor", "/auth/enrol") if principal.level == 1 else ()))
    if answer.status_code in (302, 303) and place in way_in:
        return Answer.SIGN_IN
    known = {200: Answer.OPEN, 204: Answer.OPEN, 303: Answer.OPEN, 422: Answer.OPEN, 401: Answer.STEP_UP,
             403: Answer.FORBIDDEN, 404: Answer.NOT_FOUND}  # fmt: skip
    return known.get(answer.status_code)


def _still(answer: Any) -> str:
    """The answer without what is new each time, and without the address that was asked for."""
    page = "\n".join(line for line in answer.text.splitlines() if 'name="next"' not in line)
    return FRESH.sub("", page)


def _difference(absent: str, answer: Any) -> str:
    return next((line for line in _still(answer).splitlines() if line not in absent.splitlines()), "a line is missing")
