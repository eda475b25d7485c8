"""Companies: added and changed by the platform's admins only."""

from collections.abc import Callable

import pytest

from tests.auth.accounts import is_in
from tests.auth.conftest import Query
from tests.people import ADA, ANN, ELSEWHERE, EVE, HOME, MEG, PLATFORM_ID, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
COMPANIES = "/admin/companies"
NAME = "De Hypotheekhoek"


@pytest.mark.parametrize("who", [ANN, MEG], ids=lambda who: who.name)
def test_only_admins(client_as: ClientAs, who: Person) -> None:
    browser = client_as(who)
    for path in (COMPANIES, f"{COMPANIES}/new", f"{COMPANIES}/{HOME}"):
        assert browser.get(path).status_code == 403
    assert browser.send(f"{COMPANIES}/new", {"name": "X", "totp_required": "yes"}).status_code == 403
    form = {"name": "X", "totp_required": "no", "active": "yes"}
    assert browser.send(f"{COMPANIES}/{HOME}", form).status_code == 403


def test_adding_one_leads_to_inviting_its_manager(client_as: ClientAs, query: Query) -> None:
    ada = client_as(ADA)
    try:
        for slug in ("cafe-de-hoek-b-v", "cafe-de-hoek-b-v-2"):
            answer = ada.send(f"{COMPANIES}/new", {"name": "Café De Hoek B.V.", "totp_required": "yes"})
            [(ident, active)] = query("SELECT id, active FROM auth_company WHERE slug = %s", slug)
            assert (answer.status_code, answer.location) == (303, f"/admin/users/new?company={ident}")
            assert active
        assert "Café De Hoek B.V." in ada.get(answer.location).text
    finally:
        query("DELETE FROM auth_company WHERE slug LIKE 'cafe%%'")


@pytest.mark.parametrize(
    "form", [{"name": "", "totp_required": "yes"}, {"name": "X"}, {"name": "X", "totp_required": "maybe"}]
)
def test_what_is_missing_is_told(client_as: ClientAs, query: Query, form: dict[str, str]) -> None:
    assert client_as(ADA).send(f"{COMPANIES}/new", form).status_code == 422
    assert query("SELECT count(*) FROM auth_company") == [(3,)]


def test_switching_the_second_step_off_is_logged(client_as: ClientAs, query: Query) -> None:
    ada = client_as(ADA)
    try:
        form = {"name": NAME, "totp_required": "no", "active": "yes"}
        assert ada.send(f"{COMPANIES}/{HOME}", form).status_code == 303
        [(body,)] = query("SELECT body FROM core_audit_line WHERE subject = 'auth_company'")
        assert '"totp_required":["yes","no"]' in body
        assert "niet verplicht" in ada.get(COMPANIES).text
    finally:
        query("UPDATE auth_company SET totp_required = true, name = %s WHERE id = %s", NAME, HOME)


def test_a_disabled_company_is_out_at_once(client_as: ClientAs, query: Query) -> None:
    ada, ann, eve = client_as(ADA), client_as(ANN), client_as(EVE)
    try:
        ada.send(f"{COMPANIES}/{ELSEWHERE}", {"name": "Zuidwest Advies", "totp_required": "yes", "active": "no"})
        assert (is_in(ann), is_in(eve)) == (True, False)
    finally:
        query("UPDATE auth_company SET active = true")


def test_the_platform_cannot_lock_itself_out(client_as: ClientAs, query: Query) -> None:
    ada = client_as(ADA)
    form = {"name": "Platform", "totp_required": "yes", "active": "no"}
    assert ada.send(f"{COMPANIES}/{PLATFORM_ID}", form).status_code == 422
    assert is_in(ada)


def test_an_unknown_company_does_not_exist(client_as: ClientAs) -> None:
    ada = client_as(ADA)
    assert ada.get(f"{COMPANIES}/{ANN.id}").status_code == 404
    assert ada.get(f"{COMPANIES}/nonsense").status_code == 404
