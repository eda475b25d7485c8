"""Who manages somebody sees where they are signed in and ends it: managers their company's, admins everybody's."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from tests.people import ADA, ANN, BOB, ELSEWHERE, EVE, HOME, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
ACCOUNT = "/auth/account"


def is_in(browser: Browser) -> bool:
    return browser.get(ACCOUNT).status_code == 200


def of(person: Person) -> str:
    return f"/admin/users/{person.id}/sessions"


def rows(admin_url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        return admin.execute(statement).fetchall()  # type: ignore[arg-type]  # typed in the tests below


def session_of(admin_url: str, person: Person) -> object:
    return rows(admin_url, f"SELECT id FROM auth_session WHERE user_id = '{person.id}'")[0][0]


def a_device_of(admin_url: str, person: Person) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO auth_device (company_id, id, user_id, token_hash, notice_hash, name, address_prefix, "
            "first_seen_at, last_seen_at) VALUES (%s, gen_random_uuid(), %s, 'a', 'b', 'Firefox, Windows', "
            "'198.51.100.0/24', now(), now())",
            [person.company_id, person.id],
        )
        admin.execute(
            "UPDATE auth_session SET device_id = d.id FROM auth_device d WHERE d.user_id = auth_session.user_id"
        )


@pytest.mark.asvs("V7.4.5")
@pytest.mark.parametrize("who", [MEG, ADA], ids=lambda who: who.name)
def test_seen_and_ended(client_as: ClientAs, admin_url: str, who: Person) -> None:
    ann, other = client_as(ANN), client_as(who)
    a_device_of(admin_url, ANN)
    page = other.get(of(ANN))
    assert page.status_code == 200 and "Firefox op Windows" in page.text and "198.51.100.0/24" in page.text
    assert other.send(f"{of(ANN)}/{session_of(admin_url, ANN)}/end").location == of(ANN)
    assert not is_in(ann)
    assert ("session ended by another",) in rows(admin_url, "SELECT action FROM core_audit_line")


@pytest.mark.parametrize(("who", "whose"), [(MEG, EVE), (MEG, ADA), (ANN, BOB), (EVE, ANN)], ids=lambda who: who.name)
def test_not_of_who_one_does_not_manage(client_as: ClientAs, admin_url: str, who: Person, whose: Person) -> None:
    theirs, other = client_as(whose), client_as(who)
    refused = 404 if who is MEG else 403
    ident = session_of(admin_url, whose)
    assert other.get(of(whose)).status_code == refused
    assert other.send(f"{of(whose)}/{ident}/end").status_code == refused
    assert other.send(f"/admin/users/{whose.id}/devices/forget").status_code == refused
    assert other.send(f"/admin/users/{whose.id}/sign-out").status_code == refused
    assert is_in(theirs)


def test_a_session_belongs_to_its_user(client_as: ClientAs, admin_url: str) -> None:
    """Meg manages Ann; the session in the address is Eve's."""
    eve, meg = client_as(EVE), client_as(MEG)
    assert meg.send(f"{of(ANN)}/{session_of(admin_url, EVE)}/end").status_code == 404
    assert is_in(eve)


def test_devices_are_forgotten_by_who_manages(client_as: ClientAs, admin_url: str) -> None:
    ann, bob, meg = client_as(ANN), client_as(BOB), client_as(MEG)
    a_device_of(admin_url, ANN)
    assert meg.send(f"/admin/users/{ANN.id}/devices/forget").location == of(ANN)
    assert rows(admin_url, "SELECT count(*) FROM auth_device") == [(0,)]
    assert (is_in(ann), is_in(bob)) == (False, True)
    assert ("devices forgotten by another",) in rows(admin_url, "SELECT action FROM core_audit_line")


@pytest.mark.asvs("V7.4.5")
def test_an_admin_signs_a_company_out(client_as: ClientAs, admin_url: str) -> None:
    ann, meg, eve, ada = client_as(ANN), client_as(MEG), client_as(EVE), client_as(ADA)
    assert ada.send(f"/admin/companies/{HOME}/sign-out").status_code == 303
    assert [is_in(each) for each in (ann, meg, eve, ada)] == [False, False, True, True]
    assert rows(admin_url, f"SELECT action FROM core_audit_line WHERE company_id = '{HOME}'") == [
        ("company signed out",)
    ]


def test_the_platform_too_but_for_who_does_it(client_as: ClientAs) -> None:
    here, there = client_as(ADA), client_as(ADA)
    assert here.send(f"/admin/companies/{ADA.company_id}/sign-out").status_code == 303
    assert (is_in(here), is_in(there)) == (True, False)


@pytest.mark.parametrize("who", [ANN, MEG, EVE], ids=lambda who: who.name)
@pytest.mark.parametrize("company", [HOME, ELSEWHERE])
def test_nobody_else_signs_a_company_out(client_as: ClientAs, who: Person, company: object) -> None:
    ann, eve = client_as(ANN), client_as(EVE)
    assert client_as(who).send(f"/admin/companies/{company}/sign-out").status_code == 403
    assert is_in(ann) and is_in(eve)


def test_a_manager_with_the_right_to_companies_has_no_such_switch(
    client_as: ClientAs, app: Flask, admin_url: str
) -> None:
    """The function of the database asks for an admin, whatever rights somebody was given."""
    ann, meg = client_as(ANN), client_as(MEG)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
            "VALUES (%s, gen_random_uuid(), %s, 'admin.companies', now())",
            [HOME, MEG.id],
        )
    assert meg.send(f"/admin/companies/{HOME}/sign-out").status_code == 404
    assert is_in(ann)


def test_switching_a_company_off_ends_its_sessions_for_good(client_as: ClientAs, admin_url: str) -> None:
    ann, ada = client_as(ANN), client_as(ADA)
    try:
        ada.send(f"/admin/companies/{HOME}", {"name": "De Hypotheekhoek", "totp_required": "yes", "active": "no"})
        assert not is_in(ann)
    finally:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("UPDATE auth_company SET active = true")
    assert not is_in(ann)
