"""The pages of the lists, and the command for when nobody can open them."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask

from leadcrm.addresses.commands import unlock_ip
from tests.addresses.conftest import ELSEWHERE, HOME_OFFICE, OFFICE, Admit, coming_from
from tests.people import ADA, ANN, BOB, EVE, HOME, MEG, PLATFORM_ID, Person
from tests.people import ELSEWHERE as OTHER_COMPANY
from tests.world import Browser, sign_in_as

ClientAs = Callable[[Person], Browser]
Query = Callable[..., list[tuple[Any, ...]]]
OF_HOME, OF_ANN = f"/addresses/company/{HOME}", f"/addresses/user/{ANN.id}"


@pytest.fixture
def query(app: Flask, admin_url: str) -> Query:
    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            cursor = admin.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run


def typed(*lines: tuple[str, str]) -> dict[str, str]:
    form = {}
    for number, (network, label) in enumerate(lines):
        form |= {f"network_{number}": network, f"label_{number}": label}
    return form


def kept(query: Query) -> list[tuple[Any, ...]]:
    return query("SELECT network::text, label FROM addresses_range ORDER BY addresses_range.network")


def test_a_manager_keeps_the_list_of_the_company(client_as: ClientAs, query: Query) -> None:
    meg = coming_from(client_as(MEG), OFFICE)
    assert meg.get("/addresses/").location == OF_HOME
    answer = meg.send(OF_HOME, typed(("203.0.113.0/24", "Kantoor"), ("", ""), (HOME_OFFICE, "Thuis")))
    assert (answer.status_code, answer.location) == (303, OF_HOME)
    assert kept(query) == [("203.0.113.0/24", "Kantoor"), (f"{HOME_OFFICE}/128", "Thuis")]
    page = meg.get(OF_HOME).text
    assert 'value="203.0.113.0/24"' in page and 'value="Thuis"' in page
    assert coming_from(client_as(ANN), ELSEWHERE).get("/leads/").status_code == 303


def test_a_list_is_replaced_as_a_whole(client_as: ClientAs, query: Query) -> None:
    meg = coming_from(client_as(MEG), OFFICE)
    meg.send(OF_HOME, typed((OFFICE, "a"), (ELSEWHERE, "b")))
    ids = dict(query("SELECT network::text, id FROM addresses_range"))
    meg.send(OF_HOME, typed((OFFICE, "anders"), (HOME_OFFICE, "c")))
    assert kept(query) == [(f"{OFFICE}/32", "anders"), (f"{HOME_OFFICE}/128", "c")]
    assert dict(query("SELECT network::text, id FROM addresses_range"))[f"{OFFICE}/32"] == ids[f"{OFFICE}/32"]
    assert meg.send(OF_HOME, typed()).status_code == 303
    assert kept(query) == []


@pytest.mark.parametrize("lines", [[(ELSEWHERE, "")], [("198.51.100.0/24", ""), (HOME_OFFICE, "")]])
@pytest.mark.parametrize("who", [MEG, ADA], ids=lambda who: who.name)
def test_nobody_locks_themselves_out(client_as: ClientAs, query: Query, who: Person, lines: list[Any]) -> None:
    browser = coming_from(client_as(who), OFFICE)
    for path in (f"/addresses/company/{who.company_id}", f"/addresses/user/{who.id}"):
        answer = browser.send(path, typed(*lines))
        assert answer.status_code == 422
        assert f"U komt van {OFFICE}" in answer.text
        assert f"Mijn adres toevoegen ({OFFICE})" in answer.text
        assert 'value="198.51.100.' in answer.text  # what was typed is still there
    assert kept(query) == []


def test_my_address_is_added_with_nothing_saved_yet(client_as: ClientAs, query: Query) -> None:
    meg = coming_from(client_as(MEG), "2001:db8:7:8:9::1")
    drafted = meg.send(f"{OF_HOME}/draft", typed((OFFICE, "Kantoor")) | {"add": "mine"})
    assert drafted.status_code == 200
    assert 'value="2001:db8:7:8::/64"' in drafted.text and f'value="{OFFICE}"' in drafted.text
    assert kept(query) == []
    assert meg.send(OF_HOME, typed((OFFICE, ""), ("2001:db8:7:8::/64", ""))).status_code == 303


def test_a_list_for_others_may_leave_me_out(client_as: ClientAs, query: Query) -> None:
    assert coming_from(client_as(MEG), OFFICE).send(OF_ANN, typed((ELSEWHERE, ""))).status_code == 303
    assert coming_from(client_as(ADA), OFFICE).send(OF_HOME, typed((ELSEWHERE, ""))).status_code == 303
    assert query("SELECT company_id, user_id FROM addresses_range ORDER BY user_id NULLS FIRST") == [
        (HOME, None), (HOME, ANN.id),
    ]  # fmt: skip


def test_what_cannot_be_taken_is_marked_beside_its_line(client_as: ClientAs, query: Query) -> None:
    meg = coming_from(client_as(MEG), OFFICE)
    for form, said in (
        (typed((OFFICE, ""), ("203.0.113.7/24", "")), "Typ 203.0.113.0/24 voor de hele reeks"),
        (typed((OFFICE, ""), ("huis", "")), "Dit is geen IP-adres"),
        (typed((OFFICE, ""), (f"::ffff:{OFFICE}", "")), "twee keer"),
        (typed((OFFICE, ""), ("0.0.0.0/0", "")), "hele internet"),
        (typed(*((f"10.0.{number}.1", "") for number in range(202)), (OFFICE, "")), ""),
    ):
        for path in (OF_HOME, f"{OF_HOME}/draft"):
            answer = meg.send(path, form)
            assert answer.status_code == 422
            assert said in answer.text
    assert kept(query) == []


def test_who_is_affected_is_shown_before_saving(client_as: ClientAs, query: Query) -> None:
    client_as(ANN)  # signed in from 127.0.0.0/24
    meg = coming_from(client_as(MEG), OFFICE)
    query("UPDATE auth_user SET joined_at = now() WHERE company_id = %s", HOME)
    assert "komt erin" in meg.get(OF_HOME).text
    drafted = meg.send(f"{OF_HOME}/draft", typed((OFFICE, ""))).text
    assert "komt er niet in" in drafted and "127.0.0.0/24" in drafted
    assert BOB.name in drafted and EVE.name not in drafted


def test_agents_have_no_business_here(client_as: ClientAs) -> None:
    ann = client_as(ANN)
    for path in ("/addresses/", OF_HOME, OF_ANN):
        assert ann.get(path).status_code == 403
    for path in (OF_HOME, OF_ANN, f"{OF_HOME}/draft", f"{OF_ANN}/draft"):
        assert ann.send(path, typed()).status_code == 403


def test_a_manager_knows_only_the_own_company(client_as: ClientAs, query: Query) -> None:
    meg = client_as(MEG)
    for path in (f"/addresses/company/{OTHER_COMPANY}", f"/addresses/company/{PLATFORM_ID}",
                 f"/addresses/user/{EVE.id}", f"/addresses/user/{ADA.id}"):  # fmt: skip
        assert meg.get(path).status_code == 404
        assert meg.send(path, typed((OFFICE, ""))).status_code == 404
        assert meg.send(f"{path}/draft", typed((OFFICE, ""))).status_code == 404
    assert kept(query) == []


def test_an_admin_keeps_every_list_and_the_platforms_own(client_as: ClientAs, query: Query) -> None:
    ada = coming_from(client_as(ADA), OFFICE)
    page = ada.get("/addresses/").text
    for company in (HOME, OTHER_COMPANY, PLATFORM_ID):
        assert f"/addresses/company/{company}" in page
        assert ada.send(f"/addresses/company/{company}", typed((OFFICE, "x"))).status_code == 303
    assert len(kept(query)) == 3
    assert coming_from(ada, ELSEWHERE).get("/addresses/").status_code == 303


def test_changes_are_in_the_trail_and_addresses_are_not_in_clear(client_as: ClientAs, query: Query) -> None:
    coming_from(client_as(MEG), OFFICE).send(OF_HOME, typed((OFFICE, "Thuis bij Meg")))
    lines = query("SELECT action, actor_id, body FROM core_audit_line WHERE subject = 'addresses_range' ORDER BY seq")
    assert {line[0] for line in lines} == {"created", "address list changed"}
    assert {line[1] for line in lines} == {MEG.id}
    assert not any(OFFICE in line[2] or "Thuis" in line[2] for line in lines)


def test_the_form_escapes_what_was_typed(client_as: ClientAs) -> None:
    meg = coming_from(client_as(MEG), OFFICE)
    page = meg.send(f"{OF_HOME}/draft", typed(('"><script>', '"><script>'))).text
    assert '"><script>' not in page


# ── break-glass ──


def unlock(worker_app: Flask, *words: str) -> Any:
    with worker_app.app_context():
        return CliRunner().invoke(unlock_ip, words)


def test_the_command_lets_somebody_in_again(worker_app: Flask, client_as: ClientAs, admit: Admit, query: Query) -> None:
    ann, bob = coming_from(client_as(ANN), ELSEWHERE), coming_from(client_as(BOB), ELSEWHERE)
    admit(OFFICE, HOME)
    admit(OFFICE, HOME, ANN)
    admit(OFFICE, HOME, BOB)
    assert unlock(worker_app, ANN.email, ELSEWHERE).output == "Opened.\n"
    assert ann.get("/leads/").status_code == 200
    assert bob.get("/leads/").status_code == 303  # his own list still keeps him out
    assert unlock(worker_app, ANN.email, ELSEWHERE).output == "No list kept it out.\n"
    lines = query("SELECT action, body FROM core_audit_line WHERE action = 'address lists opened'")
    assert len(lines) == 2 and all("somebody with access to the server" in line[1] for line in lines)


def test_the_command_empties_the_lists_of_somebody(
    worker_app: Flask, client_as: ClientAs, admit: Admit, query: Query
) -> None:
    admit(OFFICE, HOME)
    admit(OFFICE, HOME, ANN)
    admit(OFFICE, HOME, BOB)
    assert unlock(worker_app, ANN.email, "--clear").exit_code == 0
    assert query("SELECT user_id FROM addresses_range") == [(BOB.id,)]


@pytest.mark.parametrize(
    "words", [[ANN.email], [ANN.email, OFFICE, "--clear"], ["nobody@example.org", OFFICE], [ANN.email, "0.0.0.0/0"]]
)
def test_the_command_refuses_what_it_cannot_do(worker_app: Flask, admit: Admit, query: Query, words: list[str]) -> None:
    admit(OFFICE, HOME)
    assert unlock(worker_app, *words).exit_code != 0
    assert kept(query) == [(f"{OFFICE}/32", "")]


@pytest.mark.parametrize("path", [OF_HOME, OF_ANN])
def test_saving_asks_for_the_second_factor_again(app: Flask, admin_url: str, query: Query, path: str) -> None:
    """Checking what a list would do does not; going on with what was typed is the step-up's own business."""
    meg = coming_from(sign_in_as(app, MEG, admin_url, stepped_up=False), OFFICE)
    answer = meg.send(path, typed((OFFICE, "Kantoor")))
    assert answer.status_code == 401
    assert f'name="network_0" value="{OFFICE}"' in answer.text
    assert kept(query) == []
    assert meg.send(f"{path}/draft", typed((OFFICE, "Kantoor"))).status_code == 200
