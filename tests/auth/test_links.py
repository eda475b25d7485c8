"""One-time links: they set one password, once, within a day, and let nobody past the second factor."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from leadcrm.auth.services import links
from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from tests.auth.accounts import Enrolled, give_password, is_in
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ANN, BOB, EVE, MEG, PASSWORD, Person
from tests.world import Browser, viewer_of

NEW = "vier groene fietsen in de regen"
Make = Callable[..., str]


@pytest.fixture
def link_for(app: Flask) -> Make:
    """Meg makes a link for somebody of her company."""

    def make(person: Person, by: Person = MEG) -> str:
        with app.app_context(), viewing_as(viewer_of(by)):
            user = type(
                "Somebody", (), {"id": person.id, "company_id": person.company_id, "__tablename__": "auth_user"}
            )
            token = links.make(user)
            session.commit()
            return token

    return make


def use(browser: Browser, token: str, password: str = NEW, again: str | None = None) -> int:
    form = {"new_password": password, "new_password_again": password if again is None else again}
    return browser.send(f"/auth/set-password/{token}", form).status_code


@pytest.mark.asvs("V6.4.1")
def test_a_link_sets_the_password_once(app: Flask, stranger: Browser, enrolled: Enrolled, link_for: Make) -> None:
    enrolled(ANN)
    token = link_for(ANN)
    assert ANN.email in stranger.get(f"/auth/set-password/{token}").text
    assert use(stranger, token) == 303
    assert give_password(Browser(app), ANN.email).status_code == 422
    assert give_password(Browser(app), ANN.email, NEW).location == "/auth/second-factor"  # which stays
    assert not is_in(stranger)
    assert use(stranger, token, PASSWORD) == 404
    assert stranger.get(f"/auth/set-password/{token}").status_code == 404


@pytest.mark.asvs("V2.3.4")
def test_ten_uses_at_once_are_one(app: Flask, enrolled: Enrolled, link_for: Make, query: Query) -> None:
    enrolled(ANN)
    token = link_for(ANN)
    codes = at_once(10, lambda number: use(Browser(app), token, f"{NEW} {number}"))
    assert sorted(codes) == [303] + [404] * 9


def test_sessions_end_when_the_password_is_set(
    stranger: Browser, client_as: Callable[[Person], Browser], enrolled: Enrolled, link_for: Make
) -> None:
    enrolled(ANN)
    ann, bob = client_as(ANN), client_as(BOB)
    use(stranger, link_for(ANN))
    assert (is_in(ann), is_in(bob)) == (False, True)


@pytest.mark.asvs("V6.4.1")
@pytest.mark.parametrize(
    "end",
    [
        "UPDATE auth_link SET expires_at = now() - interval '1 second'",
        "UPDATE auth_link SET used_at = now()",
        "UPDATE auth_user SET active = false WHERE id = '{ann}'",
        "UPDATE auth_company SET active = false WHERE id = '{home}'",
    ],
)
def test_a_link_dies(stranger: Browser, enrolled: Enrolled, link_for: Make, query: Query, end: str) -> None:
    enrolled(ANN)
    token = link_for(ANN)
    query(end.format(ann=ANN.id, home=ANN.company_id))
    try:
        assert stranger.get(f"/auth/set-password/{token}").status_code == 404
        assert use(stranger, token) == 404
    finally:
        query("UPDATE auth_user SET active = true")
        query("UPDATE auth_company SET active = true")


def test_a_fresh_link_replaces_the_one_before(stranger: Browser, enrolled: Enrolled, link_for: Make) -> None:
    enrolled(ANN)
    first, second = link_for(ANN), link_for(ANN)
    assert use(stranger, first) == 404
    assert use(stranger, second) == 303


def test_a_link_is_made_by_who_manages_the_user(link_for: Make, enrolled: Enrolled) -> None:
    with pytest.raises(PermissionError):
        link_for(EVE, by=MEG)


@pytest.mark.asvs("V6.4.1")
def test_only_its_hash_is_kept(link_for: Make, query: Query) -> None:
    token = link_for(ANN)
    [(kept,)] = query("SELECT token_hash FROM auth_link")
    assert token.encode() not in bytes(kept)
    assert len(bytes(kept)) == 32


@pytest.mark.parametrize(
    ("password", "again"), [("kort", "kort"), (NEW, "anders"), ("Ann de Wit 2026", "Ann de Wit 2026"), ("", "")]
)
def test_a_refused_password_leaves_the_link_alive(
    stranger: Browser, enrolled: Enrolled, link_for: Make, password: str, again: str
) -> None:
    enrolled(ANN)
    token = link_for(ANN)
    assert use(stranger, token, password, again) == 422
    assert use(stranger, token) == 303


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 3000, "%00", "..%2f..", "é"])
def test_an_invented_link_is_nothing_and_is_recorded(stranger: Browser, query: Query, token: str) -> None:
    assert stranger.get(f"/auth/set-password/{token}").status_code == 404
    assert query("SELECT DISTINCT reason FROM auth_failed_login") in ([("bad_link",)], [])


def test_an_address_signs_in_one_user_and_inviting_tells_nothing(
    app: Flask, client_as: Callable[[Person], Browser], enrolled: Enrolled, query: Query
) -> None:
    """Meg invites Eve's address: she is told the same as for a free one; who holds the link learns it is taken."""
    enrolled(EVE)
    meg, pages = client_as(MEG), []
    for email in (EVE.email, "free@example.org"):
        answer = meg.send("/admin/users/new", {"name": "Wie Ook", "email": email, "role": "agent"})
        assert answer.status_code == 200
        pages.append(answer.text)
    tokens = [re.search(r"/auth/set-password/([\w-]+)", page) for page in pages]
    taken, free = (found[1] for found in tokens if found)
    plain = [re.sub(r"[\w-]{30,}|[0-9a-f-]{36}", "", page) for page in pages]
    assert plain[0] == plain[1]
    assert use(Browser(app), taken) == 409
    assert use(Browser(app), free) == 303
    assert give_password(Browser(app), EVE.email).status_code == 303  # still Eve's own password
    assert give_password(Browser(app), EVE.email, NEW).status_code == 422
    query("DELETE FROM auth_secret WHERE id IN (SELECT id FROM auth_user WHERE name = 'Wie Ook')")
    query("DELETE FROM auth_user WHERE name = 'Wie Ook'")
