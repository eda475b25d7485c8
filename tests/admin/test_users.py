"""The screens for users: who opens them, what they change, and that nobody gives what they do not have."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.auth.accounts import Enrolled, give_password, is_in
from tests.auth.conftest import Query
from tests.people import ADA, ANN, BOB, ELSEWHERE, EVE, HOME, IVO, MEG, PEOPLE, PLATFORM_ID, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
USERS = "/admin/users"


def page_of(person: Person) -> str:
    return f"{USERS}/{person.id}"


@pytest.mark.parametrize("who", [ANN, EVE], ids=lambda who: who.name)
@pytest.mark.parametrize("path", [USERS, f"{USERS}/new", page_of(BOB), "/admin/failed-logins", "/admin/companies"])
def test_agents_administer_nothing(client_as: ClientAs, who: Person, path: str) -> None:
    assert client_as(who).get(path).status_code == 403


@pytest.mark.parametrize("action", ["", "/rights", "/password-link", "/sign-out", "/reset-second-factor"])
def test_agents_change_nobody(client_as: ClientAs, action: str) -> None:
    assert client_as(ANN).send(f"{page_of(BOB)}{action}").status_code == 403


@pytest.mark.parametrize("action", ["", "/rights", "/password-link", "/sign-out", "/reset-second-factor"])
@pytest.mark.parametrize("target", [EVE.id, ADA.id, ELSEWHERE], ids=["elsewhere", "platform", "nobody"])
def test_whom_a_manager_does_not_manage_does_not_exist(client_as: ClientAs, action: str, target: object) -> None:
    meg = client_as(MEG)
    assert meg.get(f"{USERS}/{target}").status_code == 404
    form = {"name": "X", "role": "agent", "active": "yes", "right": "admin.users"}
    assert meg.send(f"{USERS}/{target}{action}", form).status_code == 404


def names(page: str) -> set[str]:
    return {person.name for person in PEOPLE if f'class="row-name" href="{page_of(person)}"' in page}


def test_a_manager_sees_the_company_and_an_admin_everybody(client_as: ClientAs) -> None:
    meg, ada = client_as(MEG).get(USERS).text, client_as(ADA).get(USERS).text
    assert names(meg) == {ANN.name, BOB.name, MEG.name, IVO.name}
    assert names(ada) == {person.name for person in PEOPLE}
    assert "Zuidwest" not in meg
    assert "Zuidwest" in ada


@pytest.mark.parametrize(
    ("query_string", "found"),
    [
        ("q=smit", {BOB.name}),
        ("q=ann wit", {ANN.name}),
        ("q=EXAMPLE.ORG", {ANN.name, BOB.name, MEG.name, EVE.name, ADA.name, IVO.name}),
        ("q=%25", set()),
        ("q=_", set()),
        ("q=zz", set()),
        ("role=agent", {ANN.name, BOB.name, EVE.name}),
        ("role=admin", {ADA.name}),
        ("role=king", {person.name for person in PEOPLE}),
        ("state=disabled", set()),
        (f"company={ELSEWHERE}", {EVE.name}),
        ("company=nonsense&q=eve", {EVE.name}),
        ("role=agent&q=b", {BOB.name, EVE.name}),
    ],
)
def test_filters(client_as: ClientAs, query_string: str, found: set[str]) -> None:
    assert names(client_as(ADA).get(f"{USERS}?{query_string}").text) == found


def test_a_part_of_the_page_is_the_list_alone(client_as: ClientAs) -> None:
    part = client_as(MEG).part(f"{USERS}?role=agent")
    assert part.status_code == 200
    assert "<html" not in part.text
    assert names(part.text) == {ANN.name, BOB.name}


def test_inviting_changing_and_disabling(client_as: ClientAs, query: Query) -> None:
    meg = client_as(MEG)
    invited = meg.send(f"{USERS}/new", {"name": "Nina Nieuw", "email": "Nina@New.example", "role": "agent"})
    assert re.search(r"https://localhost:8443/auth/set-password/[\w-]{43}", invited.text)
    [(ident, company, active)] = query("SELECT id, company_id, active FROM auth_user WHERE email = 'nina@new.example'")
    assert (company, active) == (HOME, True)
    changed = meg.send(f"{USERS}/{ident}", {"name": "Nina N.", "role": "companymanager", "active": "no"})
    assert changed.status_code == 303
    now = query("SELECT name, role, active FROM auth_user WHERE id = %s", ident)
    assert now == [("Nina N.", "companymanager", False)]
    lines = [line for (line,) in query("SELECT body FROM core_audit_line WHERE row_id = %s ORDER BY seq", ident)]
    assert any('"created"' in line for line in lines)
    assert any('"changed"' in line and "companymanager" in line for line in lines)
    assert not any("nina" in line.lower() for line in lines)  # no personal value in clear
    query("DELETE FROM auth_user WHERE id = %s", ident)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"name": "", "email": "x@new.example", "role": "agent"}, 422),
        ({"name": "X", "email": "no address", "role": "agent"}, 422),
        ({"name": "X", "email": "x@new.example", "role": "admin"}, 422),
        ({"name": "X", "email": "x@new.example", "role": "king"}, 422),
        ({"name": "X", "email": "x@new.example", "role": ""}, 422),
        ({"name": "X" * 121, "email": "x@new.example", "role": "agent"}, 422),
        ({"name": "X", "email": "ANN@example.org", "role": "agent"}, 422),
        ({"name": "X", "email": "x@new.example", "role": "agent", "company": str(ELSEWHERE)}, 404),
        ({"name": "X", "email": "x@new.example", "role": "admin", "company": str(PLATFORM_ID)}, 404),
    ],
)
def test_what_a_manager_cannot_invite(client_as: ClientAs, query: Query, form: dict[str, str], status: int) -> None:
    answer = client_as(MEG).send(f"{USERS}/new", form)
    assert answer.status_code == status
    if status == 422:
        assert f'value="{form["email"]}"' in answer.text  # what was typed is kept
        assert "field-error" in answer.text
    assert query("SELECT count(*) FROM auth_user") == [(6,)]


def test_an_admin_invites_anywhere_and_admins_to_the_platform_only(client_as: ClientAs, query: Query) -> None:
    ada = client_as(ADA)
    for company, role, status in (
        (ELSEWHERE, "companymanager", 200),
        (PLATFORM_ID, "admin", 200),
        (PLATFORM_ID, "agent", 422),
        (HOME, "admin", 422),
    ):
        form = {"name": "X", "email": f"{role}@{company}.example", "role": role, "company": str(company)}
        assert ada.send(f"{USERS}/new", form).status_code == status
    query("DELETE FROM auth_user WHERE name = 'X'")


@pytest.mark.parametrize("form", [{"role": "agent", "active": "yes"}, {"role": "companymanager", "active": "no"}])
def test_nobody_changes_their_own_role_or_access(client_as: ClientAs, query: Query, form: dict[str, str]) -> None:
    answer = client_as(MEG).send(page_of(MEG), {"name": MEG.name} | form)
    assert answer.status_code == 422
    assert query("SELECT role, active FROM auth_user WHERE id = %s", MEG.id) == [("companymanager", True)]


def test_one_may_rename_oneself_there(client_as: ClientAs, query: Query) -> None:
    form = {"name": "Meg V.", "role": "companymanager", "active": "yes"}
    assert client_as(MEG).send(page_of(MEG), form).status_code == 303
    query("UPDATE auth_user SET name = %s WHERE id = %s", MEG.name, MEG.id)


def test_who_is_disabled_is_out_and_stays_out_when_enabled(client_as: ClientAs, query: Query) -> None:
    meg, ann = client_as(MEG), client_as(ANN)
    for active, expected in (("no", False), ("yes", False)):
        assert meg.send(page_of(ANN), {"name": ANN.name, "role": "agent", "active": active}).status_code == 303
        assert is_in(ann) is expected
    assert is_in(client_as(ANN))


def test_rights_are_given_and_taken_and_hold_at_once(client_as: ClientAs, query: Query) -> None:
    meg, ann, delete = client_as(MEG), client_as(ANN), f"/leads/{uuid4()}/delete"
    assert meg.send(f"{page_of(ANN)}/rights", {"right": "leads.delete"}).status_code == 303
    assert ann.send(delete).status_code == 404  # may, and finds no such lead
    assert query("SELECT permission, granted_by FROM auth_grant") == [("leads.delete", MEG.id)]
    assert meg.send(f"{page_of(ANN)}/rights").status_code == 303
    assert ann.send(delete).status_code == 403
    bodies = [body for (body,) in query("SELECT body FROM core_audit_line WHERE subject = 'auth_grant' ORDER BY seq")]
    assert len(bodies) == 2
    assert all("leads.delete" in body for body in bodies)


@pytest.mark.parametrize("right", ["admin.companies", "no.such.right", "", "leads.view' OR 1=1"])
def test_nobody_gives_what_they_do_not_have(client_as: ClientAs, query: Query, right: str) -> None:
    assert client_as(MEG).send(f"{page_of(ANN)}/rights", {"right": right}).status_code == 422
    assert query("SELECT count(*) FROM auth_grant") == [(0,)]


def test_what_another_gave_and_one_does_not_have_is_left_alone(client_as: ClientAs, query: Query) -> None:
    given_by = "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
    query(given_by + "VALUES (%s, gen_random_uuid(), %s, 'admin.companies', now())", HOME, ANN.id)
    meg = client_as(MEG)
    assert meg.send(f"{page_of(ANN)}/rights", {"right": ["leads.delete"]}).status_code == 303
    given = {name for (name,) in query("SELECT permission FROM auth_grant")}
    assert given == {"admin.companies", "leads.delete"}


def test_nobody_gives_rights_to_themselves(client_as: ClientAs, query: Query) -> None:
    query(
        "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
        "VALUES (%s, gen_random_uuid(), %s, 'admin.users', now())",
        HOME,
        ANN.id,
    )
    ann = client_as(ANN)
    assert ann.send(f"{page_of(ANN)}/rights", {"right": ["admin.users"]}).status_code == 303  # as it was
    assert ann.send(f"{page_of(ANN)}/rights").status_code == 422
    assert ann.send(page_of(BOB), {"name": "X", "role": "agent", "active": "no"}).status_code == 404
    assert ann.send(f"{page_of(BOB)}/sign-out").status_code == 404
    assert query("SELECT name, active FROM auth_user WHERE id = %s", BOB.id) == [(BOB.name, True)]


BEYOND_THE_SCOPE = [
    (ANN, "admin.users", f"{page_of(BOB)}/password-link", {}),
    (ANN, "admin.users", f"{page_of(BOB)}/reset-second-factor", {}),
    (ANN, "admin.users", f"{page_of(BOB)}/rights", {"right": "admin.users"}),
    (ANN, "admin.users", f"{USERS}/new", {"name": "X", "email": "x@new.example", "role": "companymanager"}),
    (MEG, "admin.companies", "/admin/companies/new", {"name": "X", "totp_required": "no"}),
    (MEG, "admin.companies", f"/admin/companies/{HOME}", {"name": "X", "totp_required": "no", "active": "yes"}),
]


@pytest.mark.parametrize(("who", "right", "address", "form"), BEYOND_THE_SCOPE)
def test_a_right_reaches_no_further_than_the_scope(
    client_as: ClientAs, enrolled: Enrolled, query: Query, who: Person, right: str, address: str, form: dict[str, str]
) -> None:
    enrolled(BOB)
    grant = "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
    query(grant + "VALUES (%s, gen_random_uuid(), %s, %s, now())", who.company_id, who.id, right)
    assert client_as(who).send(address, form).status_code in (404, 422)  # not there, or not to be given
    made = "(SELECT count(*) FROM auth_grant), (SELECT count(*) FROM auth_user), (SELECT count(*) FROM auth_link)"
    assert query(f"SELECT {made}") == [(1, 6, 0)]
    assert query("SELECT totp_confirmed_at IS NULL FROM auth_secret WHERE id = %s", BOB.id) == [(False,)]
    assert query("SELECT totp_required FROM auth_company WHERE id = %s", HOME) == [(True,)]


@pytest.mark.asvs("V6.4.6")
def test_nobody_makes_a_password_link_for_themselves(client_as: ClientAs, query: Query) -> None:
    for who in (MEG, ADA):
        browser = client_as(who)
        assert "password-link" not in browser.get(page_of(who)).text
        answer = browser.send(f"{page_of(who)}/password-link")
        assert (answer.status_code, answer.location) == (303, page_of(who))
    assert query("SELECT count(*) FROM auth_link") == [(0,)]
    assert client_as(MEG).send(f"{page_of(ANN)}/password-link").status_code == 200


def test_signing_somebody_out_everywhere(client_as: ClientAs) -> None:
    meg, ann, also_ann, bob = client_as(MEG), client_as(ANN), client_as(ANN), client_as(BOB)
    assert meg.send(f"{page_of(ANN)}/sign-out").status_code == 303
    assert [is_in(browser) for browser in (meg, ann, also_ann, bob)] == [True, False, False, True]


def test_a_lost_telephone(client_as: ClientAs, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    meg, ann = client_as(MEG), client_as(ANN)
    assert meg.send(f"{page_of(ANN)}/reset-second-factor").status_code == 303
    assert not is_in(ann)
    assert give_password(Browser(meg.application), ANN.email).location == "/auth/enrol"
    enrolled(MEG)
    meg.send(f"{page_of(MEG)}/reset-second-factor")
    assert query("SELECT totp_confirmed_at IS NULL FROM auth_secret WHERE id = %s", MEG.id) == [(False,)]


def test_the_page_of_a_user_in_both_languages(client_as: ClientAs) -> None:
    meg = client_as(MEG)
    assert "Rechten" in meg.get(page_of(ANN)).text
    meg.send("/preferences", {"language": "en"})
    assert "Rights" in meg.get(page_of(ANN)).text


def test_many_users_come_in_pages(client_as: ClientAs, query: Query) -> None:
    query(
        "INSERT INTO auth_user (company_id, id, email, name, role, active, created_at, updated_at) "
        "SELECT %s, gen_random_uuid(), 'many' || n || '@new.example', 'Vele ' || lpad(n::text, 3, '0'), 'agent', true, "
        "now(), now() "
        "FROM generate_series(1, 120) n",
        HOME,
    )
    meg, seen, url = client_as(MEG), [], f"{USERS}?q=vele"
    for _ in range(4):
        page = meg.get(url).text
        seen += re.findall(r"Vele \d{3}", page)
        older = re.search(r'id="page-older" rel="next" href="([^"]+)"', page)
        if older is None:
            break
        url = older[1].replace("&amp;", "&")
    query("DELETE FROM auth_user WHERE email LIKE 'many%%'")
    assert seen == [f"Vele {number:03d}" for number in range(1, 121)]
