"""Rights that end, rights that mean nothing, auditors, fellow managers, the last admin; and two who claim one name."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import func, select

from leadcrm.auth.permissions import Role
from leadcrm.auth.views.loading import load_viewer
from leadcrm.core.db import session
from leadcrm.core.plugin import Plugin
from leadcrm.core.rights import Permission
from leadcrm.core.scope import viewing_as
from tests.admin.glass import break_glass
from tests.auth.accounts import is_in, token_of
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ADA, ANN, BOB, EVE, HOME, IVO, MEG, PLATFORM_ID, Person
from tests.world import Browser, sign_in_as

ClientAs = Callable[[Person], Browser]
USERS = "/admin/users"
MET = Person("Met Mulder", "companymanager", HOME, MEG.scope)
ADO = Person("Ado Mulder", "admin", PLATFORM_ID, ADA.scope)


def page_of(person: Person) -> str:
    return f"{USERS}/{person.id}"


def plugins_of(app: Flask) -> list[Plugin]:
    return [plugin for plugin in app.extensions["plugins"].values() if plugin.permissions]


@pytest.fixture
def more(query: Query) -> Iterator[None]:
    """A second manager and a second admin, who take part."""
    for who in (MET, ADO):
        query(
            "INSERT INTO auth_user (company_id, id, email, name, role, active, joined_at, created_at, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, true, now(), now(), now())",
            who.company_id, who.id, who.email, who.name, who.role,
        )  # fmt: skip
    yield
    query("DELETE FROM auth_user WHERE id = ANY(%s)", [MET.id, ADO.id])
    query("UPDATE auth_user SET active = true WHERE id = %s", ADA.id)


def test_every_role_and_right_stands_in_the_overview(app: Flask, client_as: ClientAs) -> None:
    page = client_as(MEG).get("/admin/rights").text
    for plugin in plugins_of(app):
        for right in plugin.permissions or ():
            assert isinstance(right, Permission), f"{right}: say in one sentence what it means"
            assert escape(right.nl) in page and escape(right.nl_about) in page, right
    assert all(role.nl in page for role in Role)


@pytest.mark.parametrize("name", ["admin.users", "leads.assign"])
def test_what_the_scope_refuses_is_not_offered_and_not_given(client_as: ClientAs, query: Query, name: str) -> None:
    meg = client_as(MEG)
    assert f'value="{name}"' not in meg.get(page_of(ANN)).text
    assert meg.send(f"{page_of(ANN)}/rights", {"right": name}).status_code == 422
    assert query("SELECT count(*) FROM auth_grant") == [(0,)]


def test_an_admin_who_may_do_nothing_with_leads_gives_no_right_to_them(client_as: ClientAs, query: Query) -> None:
    assert client_as(ADA).send(f"{page_of(ANN)}/rights", {"right": "leads.delete"}).status_code == 422
    assert query("SELECT count(*) FROM auth_grant") == [(0,)]


def test_a_right_ends_after_its_last_day(client_as: ClientAs, query: Query, admin_url: str) -> None:
    meg, today = client_as(MEG), date.today()
    form = {"right": "leads.delete", "until leads.delete": (today + timedelta(days=1)).isoformat()}
    assert meg.send(f"{page_of(ANN)}/rights", form).status_code == 303
    assert held(query) == ["leads.delete"]
    query("UPDATE auth_grant SET ends_on = ends_on - 3")
    assert held(query) == []
    assert "afgelopen" in meg.get("/admin/rights").text


def held(query: Query) -> Any:
    [(permissions,)] = query("SELECT permissions FROM auth_described(%s)", ANN.id)
    return permissions


@pytest.mark.parametrize("until", ["2020-01-01", "32-13-2026", "x"])
def test_no_right_ends_before_it_begins(client_as: ClientAs, query: Query, until: str) -> None:
    form = {"right": "leads.delete", "until leads.delete": until}
    assert client_as(MEG).send(f"{page_of(ANN)}/rights", form).status_code == 422
    assert query("SELECT count(*) FROM auth_grant") == [(0,)]


def test_an_auditor_gets_nothing_on_top(client_as: ClientAs) -> None:
    assert client_as(MEG).send(f"{page_of(IVO)}/rights", {"right": "leads.view"}).status_code == 422


@pytest.mark.parametrize("days", [(-9, -1), (1, 9)], ids=["over", "not yet"])
def test_an_auditor_is_one_for_a_time(client_as: ClientAs, query: Query, days: tuple[int, int]) -> None:
    ivo = client_as(IVO)
    assert ivo.get(USERS).status_code == 200
    change = "UPDATE auth_user SET starts_on = auth_today() + %s::int, ends_on = auth_today() + %s::int WHERE id = %s"
    try:
        query(change, *days, IVO.id)
        assert not is_in(ivo)
        assert query("SELECT count(*) FROM auth_described(%s)", IVO.id) == [(0,)]
    finally:
        query(change, -7, 30, IVO.id)


@pytest.mark.parametrize(
    ("days", "status"), [({}, 422), ({"ends_on": 400}, 422), ({"ends_on": -1}, 422), ({"ends_on": 30}, 200)]
)
def test_inviting_an_auditor_needs_an_end(
    client_as: ClientAs, query: Query, days: dict[str, int], status: int
) -> None:
    dates = {name: (date.today() + timedelta(days=count)).isoformat() for name, count in days.items()}
    form = {"name": "X", "email": "x@audit.example", "role": "auditor"} | dates
    assert client_as(MEG).send(f"{USERS}/new", form).status_code == status
    query("DELETE FROM auth_user WHERE name = 'X'")


def test_a_manager_does_not_become_a_fellow_manager(client_as: ClientAs, query: Query, more: None) -> None:
    meg, ada = client_as(MEG), client_as(ADA)
    for action in ("password-link", "reset-second-factor"):
        assert meg.send(f"{page_of(MET)}/{action}").status_code == 303
    demoted = {"name": MET.name, "role": "agent", "active": "yes"}
    assert meg.send(page_of(MET), demoted).status_code == 422
    assert query("SELECT count(*) FROM auth_link") == [(0,)]
    assert ada.send(f"{page_of(MET)}/password-link").status_code == 200
    assert query("SELECT count(*) FROM auth_link") == [(1,)]


@pytest.mark.parametrize("function", ["auth_make_link(%s, 'x', 24)", "auth_reset_totp(%s)"])
def test_the_database_says_the_same(query: Query, admin_url: str, more: None, function: str) -> None:
    query("INSERT INTO auth_secret (company_id, id, totp, totp_last_step, totp_confirmed_at) "
          "VALUES (%s, %s, '', 0, now())", HOME, MET.id)  # fmt: skip
    as_meg = (
        "SELECT set_config('role', 'leadcrm_company', true), set_config('app.company', %s, true), "
        "set_config('app.user', %s, true), "
    )
    [(*_told, done)] = query(as_meg + function, str(HOME), str(MEG.id), MET.id)
    assert done is False


def test_the_last_admin_stays(client_as: ClientAs, query: Query, more: None) -> None:
    query("UPDATE auth_user SET active = false WHERE id = %s", ADO.id)
    ado_like = client_as(ADA)
    with pytest.raises(Exception, match="last_admin|must remain"):
        query("UPDATE auth_user SET active = false WHERE id = %s", ADA.id)
    assert is_in(ado_like)


def test_two_admins_who_disable_each_other_at_once(app: Flask, admin_url: str, query: Query, more: None) -> None:
    """Real requests on two connections; one of them waits for the other and then counts anew."""
    for _round in range(5):
        query("UPDATE auth_user SET active = true WHERE role = 'admin'")
        pairs = [(sign_in_as(app, ADA, admin_url), ADO), (sign_in_as(app, ADO, admin_url), ADA)]
        ready = Barrier(2)

        def disable(number: int, pairs: Any = pairs, ready: Barrier = ready) -> int:
            browser, other = pairs[number]
            ready.wait()
            form = {"name": other.name, "role": "admin", "active": "no"}
            return int(browser.send(page_of(other), form).status_code)

        answers = at_once(2, disable)
        assert query("SELECT count(*) FROM auth_user WHERE role = 'admin' AND active") == [(1,)], answers
        assert 303 in answers


def test_invites_of_one_address_at_once(app: Flask, admin_url: str, query: Query) -> None:
    form = {"name": "Twee", "email": "twee@new.example", "role": "agent"}
    megs = [sign_in_as(app, MEG, admin_url) for _ in range(4)]
    try:
        answers = at_once(4, lambda number: megs[number].send(f"{USERS}/new", form).status_code)
        assert sorted(answers) == [200, 422, 422, 422]
    finally:
        query("DELETE FROM auth_user WHERE name = 'Twee'")


def test_companies_of_one_name_at_once(app: Flask, admin_url: str, query: Query) -> None:
    name = f"Gelijk {uuid4().hex[:6]}"
    adas = [sign_in_as(app, ADA, admin_url) for _ in range(3)]
    try:
        form = {"name": name, "totp_required": "yes"}
        answers = at_once(3, lambda number: adas[number].send("/admin/companies/new", form).status_code)
        assert answers == [303, 303, 303]
        assert query("SELECT count(DISTINCT slug) FROM auth_company WHERE name = %s", name) == [(3,)]
    finally:
        query("DELETE FROM auth_company WHERE name = %s", name)


@pytest.mark.parametrize("path", [USERS, "/admin/rights", page_of(ANN), "/admin/break-glass"])
def test_an_auditor_sees_users_and_rights_of_the_company(client_as: ClientAs, path: str) -> None:
    page = client_as(IVO).get(path)
    assert page.status_code == 200
    assert EVE.name not in page.text and "Gebruiker opslaan" not in page.text


def test_a_foreign_user_does_not_exist_for_an_auditor(client_as: ClientAs) -> None:
    assert client_as(IVO).get(page_of(EVE)).status_code == 404
    assert client_as(IVO).send(page_of(BOB), {"name": "X", "role": "agent", "active": "no"}).status_code == 403


def test_a_right_that_an_auditor_got_all_the_same_changes_nothing(client_as: ClientAs, query: Query) -> None:
    given = "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
    query(given + "VALUES (%s, gen_random_uuid(), %s, 'admin.users', now())", HOME, IVO.id)
    answer = client_as(IVO).send(page_of(BOB), {"name": "X", "role": "agent", "active": "no"})
    assert answer.status_code == 403
    assert query("SELECT name, active FROM auth_user WHERE id = %s", BOB.id) == [(BOB.name, True)]


@pytest.mark.parametrize(("who", "told"), [(IVO, "on"), (MEG, ""), (ADA, "")], ids=lambda value: str(value)[:12])
def test_the_database_is_told_who_only_looks(app: Flask, client_as: ClientAs, who: Person, told: str) -> None:
    """Already by the first statement of the request, which finds out who looks."""
    assert settings_of(app, client_as(who)) == (f"leadcrm_{who.scope}", str(who.company_id), told)


def test_the_database_is_told_who_broke_the_glass(app: Flask, admin_url: str) -> None:
    ada, _ident = break_glass(app, admin_url)
    assert settings_of(app, ada) == ("leadcrm_company", str(HOME), "on")


def settings_of(app: Flask, browser: Browser) -> Any:
    """What a request of this browser finds in its transaction."""
    with app.test_request_context("/", headers={"Cookie": f"__Host-leadcrm={token_of(browser)}"}):
        viewer = load_viewer()
        names = ("role", "app.company", "app.read_only")
        with viewing_as(viewer):
            session.info["told"] = viewer  # as the guard does: it was told by the opener
            return tuple(session.execute(select(*(func.current_setting(name, True) for name in names))).one())
