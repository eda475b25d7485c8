"""Sessions live in the database: what changes there holds at the very next request."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from leadcrm.auth.models.people import User
from leadcrm.auth.services import doors, sessions
from leadcrm.auth.views.loading import load_viewer
from leadcrm.core.db import engine_of, session
from leadcrm.core.jobs import maintenance
from leadcrm.core.scope import NoViewer, Scope
from tests.auth.accounts import ACCOUNT, Enrolled, browser_with, is_in, token_of, walk_in
from tests.auth.conftest import Query
from tests.people import ADA, ANN, BOB, EVE, HOME, MEG, PASSWORD, Person
from tests.world import Browser, superuser

ClientAs = Callable[[Person], Browser]


@pytest.mark.asvs("V7.2.1", "V7.4.1")
@pytest.mark.parametrize(
    "end",
    [
        "UPDATE auth_session SET revoked_at = now()",
        "UPDATE auth_session SET expires_at = now() - interval '1 second'",
        "UPDATE auth_session SET last_seen_at = now() - interval '31 minutes'",
        "UPDATE auth_session SET auth_level = 1",
        "DELETE FROM auth_session",
    ],
)
def test_a_session_ends_at_once(client_as: ClientAs, query: Query, end: str) -> None:
    ann = client_as(ANN)
    assert is_in(ann)
    query(end)
    assert not is_in(ann)


@pytest.mark.asvs("V7.4.2")
@pytest.mark.parametrize(
    ("switch", "back"),
    [
        ("UPDATE auth_user SET active = %s WHERE id = '{ann}'", True),
        ("UPDATE auth_company SET active = %s WHERE id = '{home}'", True),
    ],
)
def test_who_is_disabled_is_out_at_once(client_as: ClientAs, query: Query, switch: str, back: bool) -> None:
    ann, eve = client_as(ANN), client_as(EVE)
    assert is_in(ann)
    statement = switch.format(ann=ANN.id, home=HOME)
    query(statement, False)
    try:
        assert not is_in(ann)
        assert is_in(eve)
    finally:
        query(statement, back)


def test_who_is_disabled_while_the_session_opens_is_nobody(client_as: ClientAs, admin_url: str) -> None:
    """Between the two reads of its function: the session was still live, its holder is gone."""
    opened = "SELECT session_id, user_id FROM auth_open_session(%s, '1 h', '1 h', '1 h', '1 h', '1 h', '1 min')"
    token = sessions.hash_of(token_of(client_as(ANN)))
    with superuser(admin_url).transaction(force_rollback=True) as transaction:
        run = transaction.connection.execute
        [(session_id, user_id)] = run(opened, [token])
        assert session_id is not None and user_id == ANN.id
        [(described,)] = run("SELECT pg_get_functiondef('auth_described(uuid)'::regprocedure)")
        run(described.replace("WHERE u.id = person", "WHERE false AND u.id = person"))
        assert run(opened, [token]).fetchall() == [(None, None)]


def test_half_an_hour_of_work_keeps_a_session_alive(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    query("UPDATE auth_session SET last_seen_at = now() - interval '29 minutes'")
    assert is_in(ann)
    assert query("SELECT last_seen_at > now() - interval '10 seconds' FROM auth_session") == [(True,)]


def test_being_seen_is_written_once_a_minute(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    query("UPDATE auth_session SET last_seen_at = now() - interval '30 seconds'")
    before = query("SELECT last_seen_at, xmin FROM auth_session")
    assert is_in(ann)
    assert query("SELECT last_seen_at, xmin FROM auth_session") == before


@pytest.mark.asvs("V8.3.2")
def test_a_new_role_holds_at_the_next_request(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    assert ann.get("/admin/users").status_code == 403
    query("UPDATE auth_user SET role = 'companymanager' WHERE id = %s", ANN.id)
    try:
        assert ann.get("/admin/users").status_code == 200
    finally:
        query("UPDATE auth_user SET role = 'agent' WHERE id = %s", ANN.id)
    assert ann.get("/admin/users").status_code == 403


@pytest.mark.asvs("V8.3.2")
def test_a_grant_holds_at_the_next_request(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    query(
        "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
        "VALUES (%s, gen_random_uuid(), %s, 'admin.failed_logins', now())",
        HOME,
        ANN.id,
    )
    assert ann.get("/admin/failed-logins").status_code == 200
    query("DELETE FROM auth_grant")
    assert ann.get("/admin/failed-logins").status_code == 403


@pytest.mark.parametrize(("who", "scope"), [(ANN, Scope.OWN), (MEG, Scope.COMPANY), (ADA, Scope.NONE)])
def test_the_database_is_told_in_the_first_statement(
    app: Flask, client_as: ClientAs, who: Person, scope: Scope
) -> None:
    """One round trip opens the session and takes the scope role; nothing is asked before that."""
    browser, statements = client_as(who), []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine_of(app), "before_cursor_execute", listen)
    try:
        assert is_in(browser)
    finally:
        event.remove(engine_of(app), "before_cursor_execute", listen)
    assert "auth_open_session" in statements[0]
    assert "set_config" in statements[0]
    assert not any("set_config" in statement for statement in statements[1:])


def test_the_opening_is_planned_no_more(app: Flask) -> None:
    """Prepared the fifth time, tried for five values; from then on PostgreSQL keeps its plan, or never does."""
    opening = "statement LIKE '%%auth_open_session%%'"
    with app.test_request_context("/"), engine_of(app).connect() as connection:
        for _time in range(20):
            with connection.begin():
                doors.open_session(connection, sessions.hash_of("nobody's"), sessions.times())
        planned = connection.exec_driver_sql(
            f"SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE {opening}"
        )
        kept, tried = planned.one()
    assert kept >= 5 and tried <= 6, (kept, tried)


@pytest.mark.asvs("V7.2.1")
@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 64, "x" * 4000, "é" * 20, "' OR 1=1 --", "\x00"])
def test_a_made_up_token_is_nobody(app: Flask, token: str) -> None:
    browser = browser_with(app, token)
    assert not is_in(browser)
    assert browser.get("/auth/sign-in").status_code == 200


def test_my_devices(app: Flask, enrolled: Enrolled, query: Query) -> None:
    ann = enrolled(ANN)
    office, home = Browser(app), Browser(app)
    office.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0"
    home.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile Safari/604.1"
    walk_in(office, ann)
    query("UPDATE auth_secret SET totp_last_step = 0")
    walk_in(home, ann)
    page = office.get(ACCOUNT).text
    assert "Firefox op Windows" in page
    assert "Safari op iPhone" in page
    [(other,)] = query("SELECT id FROM auth_session WHERE user_agent LIKE 'Safari%%' AND auth_level = 2")
    assert office.send(f"{ACCOUNT}/sessions/{other}/end").location == ACCOUNT
    assert is_in(office)
    assert not is_in(home)


def test_nobody_ends_the_session_of_another(client_as: ClientAs, query: Query) -> None:
    ann, bob = client_as(ANN), client_as(BOB)
    [(of_bob,)] = query("SELECT id FROM auth_session WHERE user_id = %s", BOB.id)
    assert ann.send(f"{ACCOUNT}/sessions/{of_bob}/end").status_code == 404
    assert ann.send(f"{ACCOUNT}/sessions/{ANN.id}/end").status_code == 404
    assert is_in(bob)


@pytest.mark.asvs("V7.4.3")
def test_signing_out_everywhere_else(app: Flask, client_as: ClientAs) -> None:
    here, there, bob = client_as(ANN), client_as(ANN), client_as(BOB)
    assert here.send(f"{ACCOUNT}/sessions/end-others").location == ACCOUNT
    assert (is_in(here), is_in(there), is_in(bob)) == (True, False, True)


NEW = "vier groene fietsen in de regen"


def change(browser: Browser, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> int:
    form = {
        "current_password": current,
        "new_password": new,
        "new_password_again": new if again is None else again,
    }
    return browser.send(f"{ACCOUNT}/password", form).status_code


@pytest.mark.asvs("V6.2.2", "V7.4.3")
def test_a_new_password_signs_out_everywhere_else(app: Flask, enrolled: Enrolled, client_as: ClientAs) -> None:
    enrolled(ANN)
    here, there = client_as(ANN), client_as(ANN)
    assert change(here) == 303
    assert (is_in(here), is_in(there)) == (True, False)
    assert change(here, current=NEW, new="nog een andere lange zin") == 303


@pytest.mark.asvs("V6.2.3")
@pytest.mark.parametrize(
    ("current", "new", "again"),
    [
        ("wrong", NEW, NEW), ("", NEW, NEW), (PASSWORD, NEW, "not the same at all"), (PASSWORD, "te kort", "te kort"),
        (PASSWORD, "", ""), (PASSWORD, "welkom-2026-welkom", "welkom-2026-welkom"), (PASSWORD, "x" * 129, "x" * 129),
        (PASSWORD, "Ann de Wit 12345!", "Ann de Wit 12345!"),
    ],
)  # fmt: skip
def test_a_refused_password_changes_nothing(
    enrolled: Enrolled, client_as: ClientAs, query: Query, current: str, new: str, again: str
) -> None:
    enrolled(ANN)
    before = query("SELECT password_hash FROM auth_secret")
    ann = client_as(ANN)
    assert change(ann, current, new, again) == 422
    assert query("SELECT password_hash FROM auth_secret") == before


def test_guessing_the_current_password_is_limited_and_recorded(
    enrolled: Enrolled, client_as: ClientAs, query: Query
) -> None:
    enrolled(ANN)
    ann = client_as(ANN)
    assert [change(ann, current="wrong") for _ in range(6)] == [422] * 5 + [429]
    assert query("SELECT reason FROM auth_failed_login ORDER BY at LIMIT 1") == [("wrong_password",)]


def test_name_language_and_colours(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    try:
        assert ann.send(ACCOUNT, {"name": "Ann van Wit", "language": "en", "theme": "dark"}).location == ACCOUNT
        page = ann.get(ACCOUNT).text
        assert 'lang="en"' in page
        assert 'data-bs-theme="dark"' in page
        assert "Ann van Wit" in page
        assert "Where you are signed in" in page
        assert query("SELECT role, email FROM auth_user WHERE id = %s", ANN.id) == [("agent", ANN.email)]
        wrong = ann.send(ACCOUNT, {"name": "", "language": "fr", "theme": "dark", "role": "admin"})
        assert wrong.status_code == 422
        assert query("SELECT role FROM auth_user WHERE id = %s", ANN.id) == [("agent",)]
    finally:
        query("UPDATE auth_user SET name = %s WHERE id = %s", ANN.name, ANN.id)


def test_the_switches_of_the_frame_count_for_the_account(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    ann.send("/preferences", {"language": "en"})
    ann.send("/preferences", {"theme": "light"})
    assert query("SELECT language, theme FROM auth_preference") == [("en", "light")]
    assert 'lang="en"' in client_as(ANN).get(ACCOUNT).text


def test_looking_changes_nothing(client_as: ClientAs, query: Query) -> None:
    client_as(ANN).get(ACCOUNT)
    assert query("SELECT count(*) FROM auth_preference") == [(0,)]


def test_what_ended_long_ago_is_forgotten_in_steps(
    worker_app: Flask, client_as: ClientAs, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "FORGOTTEN_AT_ONCE", 2)
    still_in, lately = client_as(ANN), client_as(MEG)
    query("UPDATE auth_session SET expires_at = now() - interval '29 days' WHERE user_id = %s", MEG.id)
    for person in (BOB, EVE, ADA):
        client_as(person)
        query("UPDATE auth_session SET expires_at = now() - interval '31 days' WHERE user_id = %s", person.id)
    assert (forget_old(worker_app), forget_old(worker_app)) == (True, False)
    assert {holder for (holder,) in query("SELECT user_id FROM auth_session")} == {ANN.id, MEG.id}
    assert is_in(still_in) and not is_in(lately)


def test_a_device_not_seen_for_a_year_is_forgotten(worker_app: Flask, query: Query) -> None:
    for company, holder, days in ((HOME, ANN.id, 364), (HOME, BOB.id, 366)):
        query("INSERT INTO auth_device (company_id, id, user_id, token_hash, notice_hash, name, address_prefix, "
              "first_seen_at, last_seen_at) "
              "VALUES (%s, gen_random_uuid(), %s, %s, %s, '', '', now(), now() - %s * interval '1 day')",
              company, holder, holder.bytes, holder.bytes, days)  # fmt: skip
    assert not forget_old(worker_app)
    assert query("SELECT user_id FROM auth_device") == [(ANN.id,)]


def forget_old(app: Flask) -> bool:
    with app.app_context(), maintenance("a test of sessions"):
        return sessions.forget_old_sessions()


def test_loading_who_looks_lets_nobody_look_yet(app: Flask, client_as: ClientAs) -> None:
    ann = client_as(ANN)
    with app.test_request_context(headers={"Cookie": f"__Host-leadcrm={token_of(ann)}"}, base_url="https://localhost"):
        assert load_viewer().user_id == ANN.id  # type: ignore[union-attr]  # found
        with pytest.raises(NoViewer):
            session.get(User, ANN.id)
