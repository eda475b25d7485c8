"""`leadcrm user …`: what remains when nobody can sign in any more."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from leadcrm.auth.commands import user
from tests.auth.accounts import Enrolled, is_in
from tests.auth.conftest import Query
from tests.people import ADA, ANN, BOB, EVE, MEG, PLATFORM_ID, Person
from tests.world import Browser

NEW = "vier groene fietsen in de regen"
Run = Callable[..., Result]


@pytest.fixture
def run(worker_app: Flask, query: Query) -> Iterator[Run]:
    """One command as the worker's login, in an application context of its own."""

    def command(*arguments: str) -> Result:
        with worker_app.app_context():
            return CliRunner().invoke(user, arguments, catch_exceptions=False)

    yield command
    query("DELETE FROM auth_user WHERE email LIKE '%%@new.example'")


def test_the_first_admin_is_invited_and_chooses_a_password(app: Flask, run: Run, query: Query) -> None:
    done = run("add", "First@New.example", "--name", "Eerste Beheerder", "--role", "admin")
    assert done.exit_code == 0
    found = re.search(r"/auth/set-password/([\w-]+)", done.output)
    assert found
    assert query("SELECT company_id, role, joined_at FROM auth_user WHERE email = 'first@new.example'") == [
        (PLATFORM_ID, "admin", None)
    ]
    form = {"new_password": NEW, "new_password_again": NEW}
    assert Browser(app).send(f"/auth/set-password/{found[1]}", form).status_code == 303
    query("DELETE FROM auth_secret")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "x@new.example", "--name", "X", "--company", "nowhere"], "no company is called nowhere"),
        (["add", "no address", "--name", "X", "--company", "de-hypotheekhoek"], "name@"),
        (["add", "", "--name", "X", "--company", "de-hypotheekhoek"], "needed"),
        (["add", "ann@example.org", "--name", "X", "--company", "de-hypotheekhoek"], "."),
        (["disable", "nobody@new.example"], "no user has the address"),
        (["grant", "ann@example.org", "leads.fly"], "leadcrm plugins"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    assert "Error" in done.output
    assert said in done.output or "naam@" in done.output


def test_list_shows_everybody(run: Run, enrolled: Enrolled) -> None:
    enrolled(ANN)
    lines = run("list").output.splitlines()
    assert len(lines) == 6
    assert any(re.match(r"ann@example.org +agent +de-hypotheekhoek +active +never", line) for line in lines)


def test_disable_and_enable(run: Run, client_as: Callable[[Person], Browser], enrolled: Enrolled) -> None:
    enrolled(ANN)
    ann = client_as(ANN)
    assert "disabled" in run("disable", ANN.email).output
    assert not is_in(ann)
    assert "enabled" in run("enable", " ANN@example.org").output
    assert not is_in(ann)  # the session that was ended stays so
    assert is_in(client_as(ANN))


def test_reset_password_and_second_factor(app: Flask, run: Run, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    assert "/auth/set-password/" in run("reset-password", ANN.email).output
    assert "Forgotten" in run("reset-second-factor", ANN.email).output
    assert query("SELECT totp, totp_confirmed_at FROM auth_secret") == [(None, None)]
    assert "none" in run("reset-second-factor", MEG.email).output


NO_LEAD = f"/leads/{UUID(int=7)}/delete"  # closed for who may not, absent for who may


def test_grant_and_revoke(run: Run, client_as: Callable[[Person], Browser]) -> None:
    ann = client_as(ANN)
    assert "leads.delete" in run("grant", ANN.email, "leads.delete").output
    assert ann.send(NO_LEAD).status_code == 404
    assert "nothing" in run("grant", ANN.email, "leads.delete", "--revoke").output
    assert ann.send(NO_LEAD).status_code == 403


def test_signing_out_a_user_a_company_and_everybody(run: Run, client_as: Callable[[Person], Browser]) -> None:
    ann, bob, eve, ada = (client_as(person) for person in (ANN, BOB, EVE, ADA))
    assert "ended: 1." in run("sign-out", ANN.email).output
    assert [is_in(each) for each in (ann, bob, eve, ada)] == [False, True, True, True]
    assert "ended: 1." in run("sign-out", "--company", "de-hypotheekhoek").output
    assert [is_in(each) for each in (bob, eve, ada)] == [False, True, True]
    assert "ended: 2." in run("sign-out", "--everybody").output
    assert [is_in(each) for each in (eve, ada)] == [False, False]
    assert run("sign-out", "--company", "nowhere").exit_code == 1
