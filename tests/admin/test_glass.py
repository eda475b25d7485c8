"""Break-glass: only one company, only looking, only for a while, only this session; and everybody there knows."""

import json
from collections.abc import Callable

import pytest
from flask import Flask

from leadcrm.core import jobs
from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from tests.admin.glass import REASON, break_glass
from tests.auth.conftest import Query
from tests.foreign import Planted
from tests.leads.factories import a_full_lead, a_lead
from tests.people import ADA, ANN, BOB, ELSEWHERE, EVE, HOME, IVO, MEG, PLATFORM_ID, Person
from tests.shelf import Shelf
from tests.world import Browser, sign_in_as, viewer_of

ClientAs = Callable[[Person], Browser]
Rows = dict[str, Planted]
LOG = "/admin/break-glass"
FORM = {"company": str(HOME), "reason": REASON, "minutes": "15", "reveals": "no"}


@pytest.fixture
def planted(app: Flask, shelf: Shelf) -> Rows:
    """A household of everybody's; hers with all that may be hidden."""
    return shelf.once("everybody's household", lambda: make_planted(app))


def make_planted(app: Flask) -> Rows:
    rows = {}
    for owner, make in ((ANN, a_full_lead), (BOB, a_lead), (EVE, a_lead)):
        with app.app_context(), viewing_as(viewer_of(owner)):
            rows[owner.name] = Planted({"lead_id": make().id})
            session.commit()
    return rows


def lead_of(planted: Rows, person: Person) -> str:
    return f"/leads/{planted[person.name].ids['lead_id']}"


def test_taking_it_opens_one_company_for_this_session_only(client_as: ClientAs, planted: Rows, query: Query) -> None:
    ada, other = client_as(ADA), client_as(ADA)
    assert ada.get(lead_of(planted, ANN)).status_code == 403
    assert ada.send(f"{LOG}/new", FORM).status_code == 303
    assert ada.get(lead_of(planted, ANN)).status_code == 200
    assert ada.get(lead_of(planted, BOB)).status_code == 200
    assert ada.get(lead_of(planted, EVE)).status_code == 404
    assert other.get(lead_of(planted, ANN)).status_code == 403
    assert query("SELECT minutes, reason FROM auth_glass WHERE user_id = %s", ADA.id) == [("15", REASON)]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"reason": "te kort"}, 422), ({"reason": ""}, 422), ({"minutes": "600"}, 422), ({"company": ""}, 422),
        ({"company": str(PLATFORM_ID)}, 422), ({"company": str(ANN.id)}, 404), ({"reveals": "maybe"}, 422),
    ],
)  # fmt: skip
def test_what_is_not_taken(client_as: ClientAs, query: Query, wrong: dict[str, str], status: int) -> None:
    assert client_as(ADA).send(f"{LOG}/new", FORM | wrong).status_code == status
    assert query("SELECT count(*) FROM auth_glass") == [(0,)]


@pytest.mark.parametrize("who", [ANN, MEG, IVO], ids=lambda who: who.name)
def test_only_admins_take_it(client_as: ClientAs, who: Person) -> None:
    assert client_as(who).send(f"{LOG}/new", FORM).status_code == 403
    assert client_as(who).get(f"{LOG}/new").status_code == 403


def test_it_asks_for_a_second_factor_again(app: Flask, admin_url: str, query: Query) -> None:
    ada = sign_in_as(app, ADA, admin_url, stepped_up=False)
    assert ada.send(f"{LOG}/new", FORM).status_code == 401
    assert query("SELECT count(*) FROM auth_glass") == [(0,)]


def test_it_is_over_at_the_very_next_request(app: Flask, admin_url: str, planted: Rows, query: Query) -> None:
    ada, _ident = break_glass(app, admin_url)
    assert ada.get(lead_of(planted, ANN)).status_code == 200
    query("UPDATE auth_glass SET started_at = now() - interval '15 minutes', ends_at = now() - interval '1 second'")
    assert ada.get(lead_of(planted, ANN)).status_code == 403
    assert ada.get("/admin/companies").status_code == 200


@pytest.mark.parametrize("who", [ADA, MEG], ids=lambda who: who.name)
def test_who_looks_and_who_manages_stops_it(
    app: Flask, admin_url: str, client_as: ClientAs, planted: Rows, query: Query, who: Person
) -> None:
    ada, ident = break_glass(app, admin_url)
    browser = ada if who is ADA else client_as(who)
    assert browser.send(f"{LOG}/{ident}/stop").status_code == 303
    assert ada.get(lead_of(planted, ANN)).status_code == 403
    assert browser.send(f"{LOG}/{ident}/stop").status_code == 404
    assert query("SELECT count(*) FROM core_outbox WHERE recipient = %s", MEG.email) == [(1,)]


@pytest.mark.parametrize("who", [ANN, EVE, IVO], ids=lambda who: who.name)
def test_who_else_does_not(app: Flask, admin_url: str, client_as: ClientAs, query: Query, who: Person) -> None:
    _ada, ident = break_glass(app, admin_url)
    assert client_as(who).send(f"{LOG}/{ident}/stop").status_code in (403, 404)
    assert query("SELECT ended_at FROM auth_glass") == [(None,)]


def test_the_managers_hear_of_both_ends(worker_app: Flask, client_as: ClientAs, query: Query) -> None:
    ada = client_as(ADA)
    ada.send(f"{LOG}/new", FORM)
    [(recipient, subject, body)] = query("SELECT recipient, subject, body FROM core_outbox")
    assert recipient == MEG.email and "Noodtoegang" in subject and "Emergency" in subject and REASON in body
    query("UPDATE auth_glass SET started_at = now() - interval '1 hour', ends_at = now() - interval '50 minutes'")
    for _twice in range(2):
        run_close_glass(worker_app)
    assert query("SELECT count(*) FROM core_outbox WHERE subject LIKE '%%has ended%%'") == [(1,)]
    assert query("SELECT count(*) FROM core_audit_line WHERE action = 'glass mended'") == [(1,)]


def run_close_glass(app: Flask) -> None:
    [job] = [each for each in jobs.declared() if each.name.endswith("close_glass")]
    jobs.run(app, job, None, None, [])


def test_a_session_that_ends_ends_it(worker_app: Flask, admin_url: str, query: Query) -> None:
    ada, _ident = break_glass(worker_app, admin_url)
    ada.send("/auth/sign-out")
    run_close_glass(worker_app)
    assert query("SELECT ended_at IS NOT NULL FROM auth_glass") == [(True,)]


def test_every_page_is_written_down(app: Flask, admin_url: str, planted: Rows, query: Query) -> None:
    ada, ident = break_glass(app, admin_url)
    lead = planted[ANN.name].ids["lead_id"]
    for path in (f"/leads/{lead}", "/leads/"):
        assert "Noodtoegang" in ada.get(path).text
    found = query("SELECT company_id, actor_id, row_id, subject, body FROM core_audit_line "
                  "WHERE action = 'seen behind glass' ORDER BY seq")  # fmt: skip
    assert [(row[0], row[1], row[2], row[3]) for row in found] == [
        (HOME, ADA.id, lead, "leads.show_lead"), (HOME, ADA.id, None, "leads.list_leads"),
    ]  # fmt: skip
    assert json.loads(found[0][4])["details"]["glass"] == str(ident)


@pytest.mark.parametrize("reveals", [False, True])
def test_hidden_values_need_their_own_tick(app: Flask, admin_url: str, planted: Rows, reveals: bool) -> None:
    ada, _ident = break_glass(app, admin_url, reveals=reveals)
    answer = ada.send(f"{lead_of(planted, ANN)}/person/reveal")
    assert answer.status_code == (200 if reveals else 403)


def test_it_is_listed_for_who_must_know(app: Flask, admin_url: str, client_as: ClientAs) -> None:
    break_glass(app, admin_url)
    for who in (MEG, ADA, IVO):
        assert REASON in client_as(who).get(LOG).text, who.name
    assert client_as(ANN).get(LOG).status_code == 403


def test_a_manager_elsewhere_sees_nothing_of_it(app: Flask, admin_url: str, client_as: ClientAs) -> None:
    break_glass(app, admin_url, ELSEWHERE)
    assert "Storing" not in client_as(MEG).get(LOG).text


def test_nobody_breaks_it_for_somebody_else(app: Flask, admin_url: str, query: Query) -> None:
    """The database keeps the times, whatever the program says."""
    too_long, too_short = "interval '1 day', '60', 'een heel goede reden'", "interval '5 minutes', '60', 'kort'"
    for values in (too_long, too_short):
        with pytest.raises(Exception, match="ck_auth_glass"):
            query(
                "INSERT INTO auth_glass (company_id, id, user_id, session_id, name, email, reveals, started_at, "  # noqa: S608
                "ends_at, minutes, reason) "
                f"SELECT %s, gen_random_uuid(), %s, gen_random_uuid(), '', '', false, now(), now() + {values}",
                HOME, ADA.id,
            )  # fmt: skip


def test_the_account_waits_behind_glass(app: Flask, admin_url: str) -> None:
    ada, _ident = break_glass(app, admin_url)
    assert ada.get("/auth/account").status_code == 403
    assert ada.send("/preferences", {"theme": "dark"}).status_code == 303
