"""Saved views: whose they are, what they keep, the navigation, the default, and what is gone."""

from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest

from leadcrm.core.db import session
from leadcrm.leads.models.terms import Stage
from leadcrm.saved_views.models import View
from leadcrm.saved_views.services import at_hand, keeping
from leadcrm.saved_views.services.addresses import kept_part
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, IVO, MEG
from tests.people import Person as Someone
from tests.saved_views.conftest import As
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("stage=new&page=abc&view=x&remember=yes", "stage=new"),
        ("sort=name&column=goal&column=amount&stage=new", "column=goal&column=amount&sort=name&stage=new"),
        ("", ""),
        ("q=" + "x" * 2_000, None),
        ("q=%00", None),
    ],
)
def test_what_is_kept_of_an_address(query: str, kept: str | None) -> None:
    assert kept_part(query) == kept


@pytest.fixture
def views(as_: As) -> dict[str, UUID]:
    """One of Ann's, one of Bob's, one of the office."""
    made = {}
    for person, name, shared in ((ANN, "Van Ann", False), (BOB, "Van Bob", False), (MEG, "Kantoor", True)):
        with as_(person):
            made[name] = keeping.keep(name, "stage=new&column=stage&sort=name", shared).id
    return made


def test_everybody_has_their_own_and_those_of_the_office(as_: As, views: dict[str, UUID]) -> None:
    seen = {ANN: ["Van Ann", "Kantoor"], BOB: ["Van Bob", "Kantoor"], MEG: ["Kantoor"], EVE: []}
    for person, names in seen.items():
        with as_(person):
            assert [view.name for view in keeping.views()] == names


def test_an_agent_shares_nothing_and_changes_nothing_shared(
    as_: As, client_as: ClientAs, views: dict[str, UUID]
) -> None:
    client = client_as(ANN)
    client.send("/views/", {"name": "Stiekem", "address": "stage=new", "shared": "true"})
    with as_(BOB):
        assert "Stiekem" not in [view.name for view in keeping.views()]
    for deed in ("remove", "replace", "restore"):
        assert client.send(f"/views/{views['Kantoor']}/{deed}").status_code == 404
    assert client.get(f"/views/{views['Kantoor']}").status_code == 404
    assert client.send(f"/views/{views['Van Bob']}/pin", {"pinned": "true"}).status_code == 404


def test_the_walls_refuse_an_agent_who_shares(as_: As, views: dict[str, UUID]) -> None:
    with as_(ANN):
        with pytest.raises(Exception, match="row-level security|saved_views_view|View"):
            keeping.keep("Stiekem", "", True)
        session.rollback()
    with as_(ANN):
        session.get(View, views["Kantoor"]).name = "Anders"
        with pytest.raises(Exception, match="expected to update|row-level security|View"):
            session.flush()
        session.rollback()


def test_saving_pinning_and_the_navigation(client_as: ClientAs) -> None:
    client = client_as(ANN)
    saved = client.send("/views/", {"name": "Nieuw <b>", "address": "stage=new&size=50", "pinned": "true"})
    assert saved.status_code == 303
    page = client.get(saved.location).text
    assert f'<a class="side-link" href="{saved.location}" '.replace("&", "&amp;") in page
    assert "Nieuw &lt;b&gt;" in page
    assert 'aria-current="page"><span>Nieuw' in page
    assert "Nieuw &lt;b&gt;" in client.get("/leads/new").text  # below Leads on every page
    assert "Nieuw &lt;b&gt;" not in client_as(BOB).get("/leads/").text
    view_id = saved.location.rpartition("view=")[2]
    client.send(f"/views/{view_id}/pin", {"pinned": "false"})
    assert "side-views" not in client.get("/leads/").text


def test_a_pinned_view_that_is_not_shared_any_more_leaves_the_navigation(
    as_: As, client_as: ClientAs, views: dict[str, UUID]
) -> None:
    client = client_as(ANN)
    client.send(f"/views/{views['Kantoor']}/pin", {"pinned": "true"})
    assert ">Kantoor<" in client.get("/leads/").text
    client_as(MEG).send(f"/views/{views['Kantoor']}", {"name": "Kantoor", "shared": "no"})
    assert ">Kantoor<" not in client.get("/leads/").text


def test_the_list_begins_with_ones_own_view(as_: As, client_as: ClientAs, views: dict[str, UUID]) -> None:
    client = client_as(ANN)
    assert client.get("/leads/").status_code == 200
    client.send(f"/views/{views['Van Ann']}/open", {"opens": "true"})
    first = client.get("/leads/")
    assert first.status_code == 303
    assert first.location.endswith(f"column=stage&sort=name&stage=new&view={views['Van Ann']}")
    assert client.get("/leads/?view=all").status_code == 200
    assert 'href="/leads/?view=all"' in client.get("/leads/?stage=new").text  # taking the filter away shows all
    client.send(f"/views/{views['Kantoor']}/open", {"opens": "true"})
    assert str(views["Kantoor"]) in client.get("/leads/").location
    client.send(f"/views/{views['Kantoor']}/open", {"opens": "false"})
    assert client.get("/leads/").status_code == 200


def test_changing_a_view_into_the_list_as_it_is_now(as_: As, client_as: ClientAs, views: dict[str, UUID]) -> None:
    client, ours = client_as(ANN), views["Van Ann"]
    same = client.part(f"/views/menu?stage=new&column=stage&sort=name&view={ours}").text
    assert "bijwerken met deze lijst" not in same
    assert "bijwerken met deze lijst" in client.part(f"/views/menu?stage=open&view={ours}").text
    client.send(f"/views/{ours}/replace", {"address": "stage=open"})
    with as_(ANN):
        assert keeping.view_of(ours).address == "stage=open"  # type: ignore[union-attr]


def test_removing_and_bringing_back(as_: As, client_as: ClientAs, views: dict[str, UUID]) -> None:
    client, ours = client_as(ANN), views["Van Ann"]
    client.send(f"/views/{ours}/pin", {"pinned": "true"})
    assert client.send(f"/views/{ours}/remove").status_code == 303
    assert f"/views/{ours}/restore" in client.get("/views/").text  # the way back is offered
    assert "side-views" not in client.get("/views/").text
    client.send(f"/views/{ours}/restore")
    assert "Van Ann" in client.get("/views/").text


def test_a_view_that_names_something_gone_says_so_and_shows_the_rest(as_: As, client_as: ClientAs) -> None:
    with as_(MEG) as meg:
        kept = a_lead({"birth_name": "Aa"}, owner_id=ANN.id)
        a_lead({"birth_name": "Bos"}, owner_id=ANN.id, stage=Stage.ADVICE)
        view = keeping.keep("Oud", f"tag={uuid4()}&own.f12345678901=x&stage=advice&column=goal&column=own.f1", True)
        assert (meg.user_id, kept.stage) == (view.user_id, Stage.ASSIGNED)
        address = f"/leads/?{view.address}&view={view.id}"
    page = unescape(client_as(ANN).get(address).text)
    assert "er niet meer is" in page
    assert ">Bos</a>" in page
    assert ">Aa</a>" not in page


def test_names_are_asked_for(client_as: ClientAs) -> None:
    client = client_as(ANN)
    refused = client.send("/views/", {"name": " ", "address": "stage=new"})
    assert refused.status_code == 422
    assert 'name="address" value="stage=new"' in refused.text


def test_at_most_eight_are_pinned(as_: As) -> None:
    with as_(ANN):
        made: list[Any] = [keeping.keep(f"Nummer {number}", "", False).id for number in range(9)]
        assert [at_hand.pin(each, True) for each in made] == [True] * 8 + [False]


def test_an_auditor_has_none(client_as: ClientAs) -> None:
    assert client_as(IVO).get("/views/").status_code == 403
