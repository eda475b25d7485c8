"""The definer functions give what was asked with the right evidence, and nothing else; the closed tables stay closed.

All as the application's own login and with its scope roles: what injected SQL or a forgotten check could do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from psycopg import Cursor, errors

from leadcrm.core.postgres.urls import Urls, conninfo
from tests.admin.glass import break_glass
from tests.auth.accounts import Enrolled, is_in
from tests.auth.conftest import Query
from tests.people import ADA, ANN, BOB, EVE, HOME, MEG, Person
from tests.world import Browser

CLOSED = (
    "auth_secret", "auth_session", "auth_link", "auth_passkey", "auth_recovery_code", "auth_challenge", "auth_pending",
    "core_limit",
)  # fmt: skip
ClientAs = Callable[[Person], Browser]
As = Callable[..., Any]


@contextmanager
def looking_as(urls: Urls, who: Person | None) -> Iterator[Cursor[Any]]:
    """A transaction of the application, with the role and the settings that this person's requests take."""
    scope = who.scope if who else "none"
    with psycopg.connect(conninfo(urls.app)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('app.company', %s, true), "
            "set_config('app.user', %s, true)",
            [f"leadcrm_{scope}", str(who.company_id) if who else "", str(who.id) if who else ""],
        )
        yield cursor


@pytest.fixture
def call(urls: Urls, client_as: ClientAs) -> As:
    """The answer of one function to one person."""

    def run(who: Person | None, statement: str, *values: Any) -> Any:
        with looking_as(urls, who) as cursor:
            row = cursor.execute(f"SELECT * FROM {statement}", values).fetchone()  # type: ignore[arg-type]  # typed here
            return row[0] if row else None

    return run


EVERYBODY = [None, ANN, MEG, ADA]


@pytest.mark.parametrize("table", CLOSED)
@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.name if who else "nobody")
@pytest.mark.parametrize("verb", ["SELECT * FROM {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_closed_tables_are_closed(urls: Urls, app: object, table: str, who: Person | None, verb: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), looking_as(urls, who) as cursor:
        cursor.execute(verb.format(table))  # type: ignore[arg-type]  # typed above


BARE = {
    "auth_open_session(bytea,interval,interval,interval,interval,interval,interval)",
    # asked beside it in the same statement: of whoever that session belongs to
    "auth_glass_of(uuid)",
    "auth_taste(uuid,uuid)",
    "addresses_admit(uuid,uuid,inet)",
    "notifications_unread(uuid,uuid)",
    "core_notices_unread(uuid,uuid,text,integer)",
    "saved_views_of(uuid,uuid)",
    "exports_agents_may(uuid)",
    "intake_quarantined(uuid,text)",
    "leads_rank(text)",  # reads nothing
    # wrapped: nobody reads anything with them but who holds the key-encryption key
    "core_company_keys(uuid)",
    "core_first_company_key(uuid,bytea,text)",
}


def test_the_bare_login_may_call_nothing_but_the_opener(urls: Urls, app: object, query: Query) -> None:
    """Before a role is taken the application can ask whose session this is, and fetch wrapped keys."""
    may = query(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
        "AND prorettype <> 'trigger'::regtype AND has_function_privilege('leadcrm_app', oid, 'EXECUTE')"
    )
    assert {name for (name,) in may} == BARE


def test_every_function_has_its_path_and_its_callers(app: object, query: Query) -> None:
    rows = query(
        "SELECT proname, prosecdef, proconfig, prosrc, coalesce(proacl::text, 'everybody') FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND (proname LIKE 'auth\\_%%' OR proname LIKE 'core\\_limit%%')"
    )
    assert len(rows) > 25
    for name, definer, config, source, callers in rows:
        assert not any(entry.startswith("=") for entry in callers.strip("{}").split(",")), (
            f"{name}: everybody may call it"
        )
        assert callers != "everybody", name
        assert not definer or config == ["search_path=public, pg_temp"], name
        assert "'role'," not in source, f"{name}: a role cannot be taken inside a definer function"


def session_of(query: Query, who: Person) -> tuple[UUID, bytes]:
    [(ident, id_hash)] = query("SELECT id, id_hash FROM auth_session WHERE user_id = %s", who.id)
    return ident, bytes(id_hash)


@pytest.mark.parametrize(
    ("who", "ends"),
    [(None, False), (ANN, True), (BOB, False), (EVE, False), (MEG, True), (ADA, True)],
    ids=lambda value: getattr(value, "name", None),
)
def test_who_ends_the_sessions_of_ann(call: As, client_as: ClientAs, who: Person | None, ends: bool) -> None:
    browser = client_as(ANN)
    assert (call(who, "auth_end_sessions(%s, NULL, NULL)", ANN.id) == 1) is ends
    assert is_in(browser) is not ends


@pytest.mark.parametrize(
    ("who", "sees"), [(None, False), (ANN, True), (BOB, False), (EVE, False), (MEG, True), (ADA, True)],
    ids=lambda value: getattr(value, "name", None),
)  # fmt: skip
def test_who_sees_where_ann_is_signed_in(call: As, client_as: ClientAs, who: Person | None, sees: bool) -> None:
    client_as(ANN)
    assert (call(who, "auth_sessions_of(%s, '30 minutes', '15 minutes')", ANN.id) is not None) is sees


@pytest.mark.parametrize("who", [None, BOB, EVE, MEG, ADA], ids=lambda who: who.name if who else "nobody")
def test_nobody_sets_the_password_of_ann(call: As, enrolled: Enrolled, query: Query, who: Person | None) -> None:
    enrolled(ANN)
    assert call(who, "auth_set_password(%s, 'mine')", ANN.id) is False
    assert query("SELECT password_hash FROM auth_secret WHERE password_hash = 'mine'") == []


def test_ann_sets_her_own_password(call: As, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    enrolled(BOB)
    assert call(ANN, "auth_set_password(%s, 'mine')", ANN.id) is True
    assert query("SELECT id FROM auth_secret WHERE password_hash = 'mine'") == [(ANN.id,)]


@pytest.mark.parametrize("who", [ANN, MEG], ids=lambda who: who.name)
def test_who_is_signed_in_reads_no_hashes(call: As, enrolled: Enrolled, who: Person) -> None:
    enrolled(BOB)
    with pytest.raises(errors.InsufficientPrivilege):
        call(who, "auth_find(%s)", BOB.email)


def test_an_upgrade_needs_the_old_hash(call: As, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    [(old,)] = query("SELECT password_hash FROM auth_secret")
    assert call(None, "auth_upgrade_password(%s, 'guessed', 'mine')", ANN.id) is False
    assert call(None, "auth_upgrade_password(%s, %s, 'better')", BOB.id, old) is False
    assert call(None, "auth_upgrade_password(%s, %s, 'better')", ANN.id, old) is True
    with pytest.raises(errors.InsufficientPrivilege):
        call(ANN, "auth_upgrade_password(%s, 'better', 'mine')", ANN.id)


@pytest.mark.parametrize(
    ("who", "may"), [(None, False), (EVE, None), (ANN, None), (MEG, True), (ADA, True)],
    ids=lambda value: getattr(value, "name", None),
)  # fmt: skip
@pytest.mark.parametrize("function", ["auth_make_link(%s, 'token', 24)", "auth_reset_totp(%s)"])
def test_who_helps_bob_back_in(
    call: As, enrolled: Enrolled, who: Person | None, may: bool | None, function: str
) -> None:
    """None: the role may not even call it."""
    enrolled(BOB)
    if may is None:
        with pytest.raises(errors.InsufficientPrivilege):
            call(who, function, BOB.id)
    else:
        assert call(who, function, BOB.id) is may


@pytest.mark.parametrize(
    "function", ["auth_make_link(%s, 'token', 24)", "auth_reset_totp(%s)", "auth_end_sessions(%s, NULL, NULL)"]
)
def test_a_manager_ends_at_the_border_of_the_company(
    call: As, enrolled: Enrolled, client_as: ClientAs, function: str
) -> None:
    enrolled(EVE)
    eve = client_as(EVE)
    assert not call(MEG, function, EVE.id)
    assert is_in(eve)


def test_nobody_removes_their_own_second_factor(call: As, enrolled: Enrolled) -> None:
    enrolled(MEG)
    enrolled(ADA)
    assert call(MEG, "auth_reset_totp(%s)", MEG.id) is False
    assert call(ADA, "auth_reset_totp(%s)", ADA.id) is False


@pytest.mark.parametrize("who", [ANN, MEG], ids=lambda who: who.name)
@pytest.mark.parametrize(
    ("function", "values"),
    [
        ("auth_start_session(%s, 'h', 12, '', '', '')", [ADA.id]),
        ("auth_raise_session('a', 'b', 12)", []),
        ("auth_use_link('token', 'mine')", []),
        ("auth_read_link('token')", []),
        ("auth_viewer(%s)", [ADA.id]),
        ("auth_set_totp(%s, 'x')", [ADA.id]),
        ("auth_forget_sessions(1)", []),
        ("auth_described(%s)", [ADA.id]),
        ("auth_live_session('x')", []),
    ],
)
def test_who_is_signed_in_has_no_business_at_the_door(call: As, who: Person, function: str, values: list[Any]) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        call(who, function, *values)


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.name if who else "nobody")
def test_maintenance_is_for_workers(call: As, who: Person | None) -> None:
    for function, values in (("auth_set_totp(%s, 'x')", [BOB.id]), ("auth_forget_sessions(1)", [])):
        with pytest.raises(errors.InsufficientPrivilege):
            call(who, function, *values)


def test_only_a_live_session_burns_a_step(call: As, enrolled: Enrolled, client_as: ClientAs, query: Query) -> None:
    enrolled(ANN)
    client_as(ANN)
    _ident, id_hash = session_of(query, ANN)
    assert call(None, "auth_burn_totp_step(%s, 5)", sha256(b"other").digest()) is False
    assert call(None, "auth_burn_totp_step(%s, 5)", id_hash) is True
    assert [call(None, "auth_burn_totp_step(%s, %s)", id_hash, step) for step in (5, 4, 6)] == [False, False, True]
    query("UPDATE auth_session SET revoked_at = now()")
    assert call(None, "auth_burn_totp_step(%s, 7)", id_hash) is False


def test_a_factor_is_changed_by_who_is_in_and_stepped_up_only(
    call: As, enrolled: Enrolled, client_as: ClientAs, query: Query
) -> None:
    """A half session sets up a first factor, and a full one that proved the second factor just now another one."""
    enrolled(ANN)
    client_as(ANN)
    _ident, id_hash = session_of(query, ANN)
    before = query("SELECT totp FROM auth_secret")
    for stale in (
        "auth_level = 1, stepup_at = NULL", "auth_level = 1, stepup_at = now()", "auth_level = 2, stepup_at = NULL",
        "auth_level = 2, stepup_at = now() - interval '7 minutes'",
    ):  # fmt: skip
        query(f"UPDATE auth_session SET totp_offered = NULL, {stale}")
        assert call(None, "auth_offer_totp(%s, 'theirs')", id_hash) is False, stale
        query("UPDATE auth_session SET totp_offered = 'theirs'")
        assert call(None, "auth_confirm_totp(%s, 99)", id_hash) is False, stale
        assert call(None, "auth_add_passkey(%s, 'id', 'key', 0, '', 'theirs', false)", id_hash) is None, stale
        assert call(None, "auth_make_challenge(%s, 'enrol', 'random')", id_hash) is False, stale
        assert call(None, "auth_make_codes(%s, %s)", id_hash, [b"theirs"]) is False, stale
        assert call(None, "auth_remove_totp(%s)", id_hash) is False, stale
    assert query("SELECT totp FROM auth_secret") == before
    query("UPDATE auth_session SET auth_level = 2, stepup_at = now()")
    assert call(None, "auth_offer_totp(%s, 'new')", id_hash) is True
    assert call(None, "auth_confirm_totp(%s, 99)", id_hash) is True
    assert query("SELECT totp, totp_last_step FROM auth_secret") == [(b"new", 99)]
    assert call(None, "auth_make_codes(%s, %s)", id_hash, [b"mine"]) is True
    query("UPDATE auth_secret SET totp_confirmed_at = NULL")
    query("UPDATE auth_session SET auth_level = 1, stepup_at = NULL")
    assert call(None, "auth_offer_totp(%s, 'first')", id_hash) is True
    assert call(None, "auth_confirm_totp(%s, 100)", id_hash) is True


@pytest.mark.parametrize("who", [ANN, MEG], ids=lambda who: who.name)
@pytest.mark.parametrize(
    "function", ["auth_burn_code('x', 'y')", "auth_expect_factor('x', '', '')", "auth_factor_came('x')",
                 "auth_take_unfinished()", "auth_has_factor(%s)", "auth_note_factor(%s)"],
)  # fmt: skip
def test_factors_at_the_door_are_no_business_of_who_is_in(call: As, who: Person, function: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        call(who, function, *([who.id] if "%s" in function else []))


def test_a_half_session_is_raised_once_and_in_time(
    call: As, enrolled: Enrolled, client_as: ClientAs, query: Query
) -> None:
    enrolled(ANN)
    client_as(ANN)
    _ident, id_hash = session_of(query, ANN)
    assert call(None, "auth_raise_session(%s, 'b', 12)", id_hash) is False  # it is full already
    query("UPDATE auth_session SET auth_level = 1, expires_at = now() - interval '1 second'")
    assert call(None, "auth_raise_session(%s, 'b', 12)", id_hash) is False
    query("UPDATE auth_session SET expires_at = now() + interval '1 hour'")
    assert call(None, "auth_raise_session(%s, 'b', 12)", id_hash) is True
    assert call(None, "auth_raise_session(%s, 'c', 12)", id_hash) is False


def test_nobody_signs_in_who_is_disabled_or_never_joined(call: As, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    for change in ("active = false", "active = true, joined_at = NULL"):
        query(f"UPDATE auth_user SET {change} WHERE id = %s", ANN.id)
        assert call(None, "auth_start_session(%s, %s, 12, '', '', '')", ANN.id, uuid4().bytes) is None
    query("UPDATE auth_user SET joined_at = now() WHERE id = %s", ANN.id)
    assert call(None, "auth_start_session(%s, %s, 12, '', '', '')", ANN.id, uuid4().bytes) == 1
    query("UPDATE auth_company SET active = false WHERE id = %s", HOME)
    assert call(None, "auth_start_session(%s, %s, 12, '', '', '')", ANN.id, uuid4().bytes) is None
    query("UPDATE auth_company SET active = true WHERE id = %s", HOME)


def test_renaming_renames_oneself(call: As, query: Query) -> None:
    call(ANN, "auth_rename('Ann Anders')")
    call(None, "auth_rename('Niemand')")
    assert query("SELECT id FROM auth_user WHERE name IN ('Ann Anders', 'Niemand')") == [(ANN.id,)]
    query("UPDATE auth_user SET name = %s WHERE id = %s", ANN.name, ANN.id)


def test_a_challenge_is_taken_for_its_own_purpose_only(
    call: As, enrolled: Enrolled, client_as: ClientAs, query: Query
) -> None:
    enrolled(ANN)
    client_as(ANN)
    _ident, id_hash = session_of(query, ANN)
    assert call(None, "auth_make_challenge(%s, 'step-up', 'random')", id_hash) is True
    assert call(None, "auth_take_challenge(%s, 'sign-in')", id_hash) is None
    assert call(None, "auth_take_challenge(%s, 'step-up')", id_hash) == b"random"
    assert call(None, "auth_take_challenge(%s, 'step-up')", id_hash) is None


def test_a_link_is_used_once_and_in_time(call: As, enrolled: Enrolled, query: Query) -> None:
    """Whether or not the page looked at it first."""
    enrolled(BOB)
    assert call(MEG, "auth_make_link(%s, 'token', 24)", BOB.id) is True
    query("UPDATE auth_link SET expires_at = now() - interval '1 second'")
    assert call(None, "auth_use_link('token', 'late')") is None
    query("UPDATE auth_link SET expires_at = now() + interval '1 hour'")
    assert call(None, "auth_use_link('token', 'mine')") == BOB.id
    assert call(None, "auth_use_link('token', 'theirs')") is None
    assert query("SELECT password_hash FROM auth_secret WHERE id = %s", BOB.id) == [("mine",)]


def test_a_recovery_code_is_for_who_is_half_in(
    call: As, enrolled: Enrolled, client_as: ClientAs, query: Query
) -> None:
    enrolled(ANN)
    client_as(ANN)
    _ident, id_hash = session_of(query, ANN)
    query("UPDATE auth_session SET stepup_at = now()")
    assert call(None, "auth_make_codes(%s, %s)", id_hash, [b"one", b"two"]) is True
    assert call(None, "auth_burn_code(%s, 'one')", id_hash) is None
    query("UPDATE auth_session SET auth_level = 1")
    assert call(None, "auth_burn_code(%s, 'one')", id_hash) == 1


@pytest.mark.parametrize(
    "who", [None, ANN, EVE, replace(MEG, company_id=EVE.company_id)], ids=["nobody", "ann", "eve", "manager elsewhere"]
)
def test_who_does_not_stop_a_look_behind_glass(
    call: As, app: Flask, admin_url: str, query: Query, who: Person | None
) -> None:
    _ada, ident = break_glass(app, admin_url)
    assert call(who, "auth_end_glass(%s)", ident) is False
    assert query("SELECT ended_at FROM auth_glass") == [(None,)]
    assert call(MEG, "auth_end_glass(%s)", ident) is True
