"""A session's token is replaced every ten minutes. Who comes with one that was replaced has copied a cookie."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from leadcrm.auth.services import doors, sessions
from leadcrm.auth.views.loading import load_viewer
from tests.auth.accounts import ACCOUNT, browser_with, is_in, token_of
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ADA, ANN, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]


def time_passes(query: Query, what: str) -> None:
    """Everything about sessions lies so much longer ago."""
    query(
        f"UPDATE auth_session SET created_at = created_at - interval '{what}', rotated_at = rotated_at - interval "
        f"'{what}', seen_at = seen_at - interval '{what}', last_seen_at = last_seen_at - interval '{what}', "
        f"stepup_at = stepup_at - interval '{what}'"
    )


def turned(browser: Browser, query: Query) -> str:
    """The token before, after the session went on under another one, which the browser has shown."""
    old = token_of(browser)
    time_passes(query, "11 minutes")
    assert is_in(browser)
    assert token_of(browser) != old
    assert is_in(browser)
    return old


def test_a_token_is_replaced_after_ten_minutes(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    first = token_of(ann)
    time_passes(query, "9 minutes")
    assert is_in(ann) and token_of(ann) == first
    turned(ann, query)
    assert len(token_of(ann)) == 43
    second = token_of(ann)
    assert is_in(ann) and token_of(ann) == second


def test_the_new_cookie_is_as_closed_as_the_first(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    time_passes(query, "11 minutes")
    [cookie] = [line for line in ann.get(ACCOUNT).headers.getlist("Set-Cookie") if line.startswith("__Host-leadcrm=")]
    attributes = {part.strip().lower().partition("=")[0] for part in cookie.split(";")[1:]}
    assert attributes == {"secure", "httponly", "path", "samesite"}


def test_the_token_before_has_a_grace(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    old = turned(ann, query)
    late = browser_with(app, old)
    assert is_in(late) and token_of(late) == old  # and is given no new one
    time_passes(query, "59 seconds")
    assert is_in(late)
    assert is_in(ann)


def test_after_its_grace_the_session_ends_for_both(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann, other = client_as(ANN), client_as(ANN)
    thief = browser_with(app, turned(ann, query))
    time_passes(query, "61 seconds")
    assert not is_in(thief)
    assert not is_in(ann)
    assert is_in(other)  # another session of hers


def test_a_copied_cookie_is_an_alarm_once(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    old = turned(ann, query)
    time_passes(query, "61 seconds")
    thief = browser_with(app, old)
    for _ in range(3):
        assert not is_in(thief)
    assert query("SELECT reason, user_id FROM auth_failed_login") == [("stolen_cookie", ANN.id)]
    assert query("SELECT action FROM core_audit_line") == [("copied cookie",)]
    assert query("SELECT kind, company_id FROM core_notice") == [("copied cookie", ANN.company_id)]
    [(recipient, body)] = query("SELECT recipient, body FROM core_outbox")
    assert recipient == ANN.email and "kopieert" in body


def test_a_token_of_long_ago_is_an_alarm_too(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    old = turned(ann, query)
    for _ in range(3):
        turned(ann, query)
    assert not is_in(browser_with(app, old))
    assert not is_in(ann)
    assert query("SELECT reason FROM auth_failed_login") == [("stolen_cookie",)]


def test_a_token_from_before_signing_out_is_no_alarm(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    old, newest = turned(ann, query), token_of(ann)
    ann.send("/auth/sign-out")
    assert not is_in(browser_with(app, old)) and not is_in(browser_with(app, newest))
    assert query("SELECT reason FROM auth_failed_login") == []


def test_signing_out_with_the_token_before_ends_the_session(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    browser_with(app, turned(ann, query)).send("/auth/sign-out")
    assert not is_in(ann)


def test_an_answer_that_never_came_signs_nobody_out(app: Flask, client_as: ClientAs, query: Query) -> None:
    """The browser goes on with the token that it has, for as long as the new one was never seen."""
    ann = client_as(ANN)
    old = token_of(ann)
    time_passes(query, "11 minutes")
    assert is_in(browser_with(app, old))  # its answer is lost, and the new token with it
    for _ in range(4):
        time_passes(query, "5 minutes")
        again = browser_with(app, old)
        assert is_in(again)
        assert token_of(again) != old  # and is offered one anew
    assert query("SELECT reason FROM auth_failed_login") == []


def test_who_replaced_it_with_a_copy_is_found_out(app: Flask, client_as: ClientAs, query: Query) -> None:
    """The thief comes first and gets the new token; the owner, who has the old one, ends the session for both."""
    ann = client_as(ANN)
    thief = browser_with(app, token_of(ann))
    turned(thief, query)
    time_passes(query, "61 seconds")
    assert not is_in(ann)
    assert not is_in(thief)


@pytest.mark.parametrize("path", [ACCOUNT, "/admin/users", f"/admin/users/{ANN.id}"])
def test_many_requests_at_once_sign_nobody_out(app: Flask, client_as: ClientAs, query: Query, path: str) -> None:
    """A page with its parts: all with one token, at the moment that it is due. One of them gets the new one."""
    meg = client_as(MEG)
    old = token_of(meg)
    time_passes(query, "11 minutes")
    browsers = [browser_with(app, old) for _ in range(20)]
    answers = at_once(20, lambda number: browsers[number].get(path).status_code)
    assert set(answers) == {200}
    assert len({token_of(browser) for browser in browsers}) == 2
    assert all(is_in(browser) for browser in browsers)


def test_a_refused_request_carries_a_token_that_counts(app: Flask, client_as: ClientAs, query: Query) -> None:
    """What is refused is not kept; the new token is, since the answer carries it."""
    ann = client_as(ANN)
    old = token_of(ann)
    time_passes(query, "11 minutes")
    query("UPDATE auth_session SET last_seen_at = now()")  # so that the refused request locks no row
    assert ann.get("/admin/users").status_code == 403
    assert token_of(ann) != old
    assert is_in(ann)


def test_a_request_that_holds_the_row_itself_does_not_wait(client_as: ClientAs, query: Query) -> None:
    """A refused request rolls back late: the token is then replaced by the next one."""
    ann = client_as(ANN)
    time_passes(query, "11 minutes")
    assert ann.get("/admin/users").status_code == 403
    assert is_in(ann)


def test_no_token_when_the_database_cannot_keep_it(
    client_as: ClientAs, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = client_as(ANN)
    old = token_of(ann)
    time_passes(query, "11 minutes")

    def unreachable(*_arguments: object) -> bool:
        raise OperationalError("turn", {}, Exception("gone"))

    monkeypatch.setattr(doors, "turn_session", unreachable)
    assert is_in(ann)
    assert token_of(ann) == old


def test_a_half_session_keeps_its_token(app: Flask, client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    query("UPDATE auth_session SET auth_level = 1")
    old = token_of(ann)
    time_passes(query, "11 minutes")
    ann.get("/auth/sign-in")
    assert token_of(ann) == old


def test_a_new_role_brings_a_new_token(client_as: ClientAs, query: Query) -> None:
    ann = client_as(ANN)
    turned(ann, query)  # now the session knows the role that it was made for
    old = token_of(ann)
    query("UPDATE auth_user SET role = 'companymanager' WHERE id = %s", ANN.id)
    try:
        assert is_in(ann)
        assert token_of(ann) != old
    finally:
        query("UPDATE auth_user SET role = 'agent' WHERE id = %s", ANN.id)


@pytest.mark.asvs("V7.2.4")
def test_a_step_up_brings_a_new_token_and_the_old_one_has_none_of_it(
    app: Flask, client_as: ClientAs, query: Query
) -> None:
    ann = client_as(ANN)
    old = turned(ann, query)
    query("UPDATE auth_session SET stepup_at = now()")
    before = token_of(ann)
    assert is_in(ann)
    assert token_of(ann) not in (before, old)
    with app.test_request_context(headers={"Cookie": f"__Host-leadcrm={before}"}, base_url="https://localhost"):
        viewer = load_viewer()
        assert viewer is not None and viewer.stepped_up_at is None


def test_ending_other_sessions_leaves_no_way_back(app: Flask, client_as: ClientAs, query: Query) -> None:
    here, there = client_as(ANN), client_as(ANN)
    before = turned(there, query)
    here.send(f"{ACCOUNT}/sessions/end-others")
    assert not is_in(browser_with(app, before)) and not is_in(there)


@pytest.mark.asvs("V7.3.1")
@pytest.mark.parametrize(
    ("who", "kept", "over"), [(ANN, "29 minutes", "31 minutes"), (ADA, "14 minutes", "16 minutes")]
)
def test_doing_nothing_ends_a_session(client_as: ClientAs, query: Query, who: Person, kept: str, over: str) -> None:
    """Half an hour; a quarter for admins."""
    first, second = client_as(who), client_as(who)
    query(f"UPDATE auth_session SET last_seen_at = now() - interval '{kept}'")
    assert is_in(first)
    query(f"UPDATE auth_session SET last_seen_at = now() - interval '{over}'")
    assert not is_in(first) and not is_in(second)


@pytest.mark.asvs("V7.3.2")
@pytest.mark.parametrize(("who", "hours"), [(ANN, 12), (MEG, 12), (ADA, 4)])
def test_no_work_makes_a_session_live_on(client_as: ClientAs, query: Query, who: Person, hours: int) -> None:
    browser = client_as(who)
    query("UPDATE auth_session SET expires_at = now() + interval '1 day'")
    query(f"UPDATE auth_session SET created_at = now() - interval '{hours} hours' + interval '1 minute'")
    assert is_in(browser)
    query(f"UPDATE auth_session SET created_at = now() - interval '{hours} hours' - interval '1 second'")
    assert not is_in(browser)


def test_who_becomes_admin_has_the_session_of_an_admin(client_as: ClientAs, query: Query) -> None:
    """The limits are looked up at every request, not when somebody signed in."""
    ada = client_as(ADA)
    query("UPDATE auth_session SET created_at = now() - interval '5 hours', last_seen_at = now()")
    assert not is_in(ada)


def test_admins_never_have_the_longer_sessions(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    short = app.extensions["config"].model_copy(update={"session_idle_minutes": 5, "session_hours": 1})
    monkeypatch.setitem(app.extensions, "config", short)
    with app.app_context():
        times = sessions.times()
    assert (times["admin_idle"], times["admin_longest"]) == (times["idle"], times["longest"])
    assert (times["idle"], times["longest"]) == (timedelta(minutes=5), timedelta(hours=1))
