"""Tags: who makes them, who puts them, merging and taking that back, the list, new leads and bulk."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from leadcrm.bulk.models import Result
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.leads.models.lead import Lead
from leadcrm.saved_views.models import View
from leadcrm.tags import jobs
from leadcrm.tags.models import Colour, Put, Tag
from leadcrm.tags.services import in_bulk, putting, tags
from tests.attempts import disabled
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, MEG
from tests.people import Person as Someone
from tests.shelf import Shelf
from tests.tags.conftest import As
from tests.tags.factories import a_tag
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]


def the_tag(tag_id: UUID) -> Tag:
    tag = tags.tag_of(tag_id)
    assert tag is not None
    return tag


def words_on(lead_id: UUID) -> list[str]:
    return [tag.name for tag in putting.tags_on(session.get(Lead, lead_id))]


@pytest.fixture
def made(as_: As, shelf: Shelf) -> dict[str, UUID]:
    """Two tags, and Ann's two leads: one with both, one with the second."""
    return shelf.once("two tags on leads", lambda: make_made(as_))


def make_made(as_: As) -> dict[str, UUID]:
    with as_(MEG):
        urgent, old = a_tag("Spoed"), a_tag("Oud-klant", colour=Colour.BLUE)
        first, second = a_lead({"birth_name": "Aa"}, owner_id=ANN.id), a_lead({"birth_name": "Bos"}, owner_id=ANN.id)
        theirs = a_lead({"birth_name": "Claus"}, owner_id=BOB.id)
        putting.put(first, [urgent, old])
        putting.put(second, [old])
        putting.put(theirs, [urgent])
        return {"urgent": urgent.id, "old": old.id, "first": first.id, "second": second.id, "theirs": theirs.id}


def test_one_word_is_one_tag(as_: As) -> None:
    with as_(MEG):
        a_tag("Spoed")
        with pytest.raises(Invalid):
            a_tag("  spoed ")


def test_an_agent_makes_no_tags(as_: As) -> None:
    with as_(ANN), pytest.raises(ProgrammingError, match="row-level security"):
        a_tag("Spoed")


def test_what_is_put_twice_stands_once(as_: As, made: dict[str, UUID]) -> None:
    with as_(ANN):
        lead, tag = session.get(Lead, made["first"]), the_tag(made["urgent"])
        assert putting.put(lead, [tag]) == []
        assert putting.take(lead, tag)
        assert not putting.take(lead, tag)
        assert words_on(lead.id) == ["Oud-klant"]


def test_nobody_sees_what_stands_on_the_leads_of_others(as_: As, made: dict[str, UUID]) -> None:
    for person, seen in ((ANN, 3), (BOB, 1), (EVE, 0), (MEG, 4)):
        with as_(person):
            assert len(session.scalars(select(Put)).all()) == seen, person.name


def test_merging_moves_everything_and_can_be_taken_back(as_: As, made: dict[str, UUID]) -> None:
    with as_(MEG):
        urgent, old = the_tag(made["urgent"]), the_tag(made["old"])
        assert tags.merge(old, urgent)
    with as_(MEG):
        assert words_on(made["first"]) == words_on(made["second"]) == ["Spoed"]
        assert the_tag(made["old"]).id == made["urgent"]  # an old link is followed
        tags.bring_back(session.get(Tag, made["old"]))
    with as_(MEG):
        assert words_on(made["first"]) == ["Oud-klant", "Spoed"]
        assert words_on(made["second"]) == ["Oud-klant"]


@pytest.mark.parametrize("is_disabled", [False, True])
def test_a_large_merge_goes_on_in_a_job(
    as_: As, made: dict[str, UUID], worker_app: Flask, urls: Urls, admin_url: str, monkeypatch: pytest.MonkeyPatch,
    is_disabled: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(tags, "AT_ONCE", 1)
    with as_(MEG):
        third = a_lead({"birth_name": "Dam"})
        third_id = third.id
        putting.put(third, [the_tag(made["old"])])
    with as_(MEG):
        assert not tags.merge(the_tag(made["old"]), the_tag(made["urgent"]))
        jobs.go_on_merging(made["old"])
    with disabled(MEG, admin_url) if is_disabled else nullcontext():
        run_worker(worker_app, urls.worker, wait=False)
    with as_(MEG):
        assert words_on(made["second"]) == words_on(third_id) == ["Spoed"]


def test_removing_a_tag_takes_it_off_everything_until_it_comes_back(
    as_: As, client_as: ClientAs, made: dict[str, UUID]
) -> None:
    client = client_as(MEG)
    assert client.send(f"/tags/{made['old']}/remove").status_code == 303
    with as_(MEG):
        assert words_on(made["first"]) == ["Spoed"]
    assert "tag-blue" not in client.get("/leads/?column=tags").text
    client.send(f"/tags/{made['old']}/restore")
    with as_(MEG):
        assert words_on(made["first"]) == ["Oud-klant", "Spoed"]


def test_a_name_that_was_given_to_another_since_stays_theirs(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        first = a_tag("Spoed")
        first_id = first.id
        tags.remove(first)
        session.flush()
        a_tag("Spoed")
    assert client_as(MEG).send(f"/tags/{first_id}/restore").status_code == 303
    with as_(MEG):
        assert session.get(Tag, first_id).removed_at is not None


def test_a_lead_that_comes_to_another_moment_takes_its_tags_along(as_: As, made: dict[str, UUID]) -> None:
    with as_(MEG):
        lead = session.get(Lead, made["first"])
        lead.created_at = moment = lead.created_at - timedelta(days=3)
    with as_(MEG):
        found = set(session.scalars(select(Put.lead_created_at).where(Put.lead_id == made["first"])))
        assert found == {moment}


def names_in(client: Browser, address: str) -> list[str]:
    page = client.get(address).text
    return [name for name in ("Aa", "Bos", "Claus") if f">{name}</a>" in page]


def test_the_list_of_one_tag(client_as: ClientAs, made: dict[str, UUID]) -> None:
    for sort in ("", "&sort=created", "&sort=name", "&sort=-amount"):
        assert names_in(client_as(MEG), f"/leads/?tag={made['old']}{sort}") == ["Aa", "Bos"]
        assert names_in(client_as(ANN), f"/leads/?tag={made['urgent']}{sort}") == ["Aa"]


def test_the_pages_of_one_tag_show_everybody_once(as_: As, client_as: ClientAs, made: dict[str, UUID]) -> None:
    with as_(MEG):
        for number in range(40):
            putting.put(a_lead({"birth_name": f"N{number:02d}"}), [the_tag(made["urgent"])])
    client, seen = client_as(MEG), []
    address: Any = f"/leads/?tag={made['urgent']}&size=25"
    while address:
        page = client.get(address).text
        seen += [name for name in [f"N{number:02d}" for number in range(40)] if f">{name}</a>" in page]
        older = page.partition('id="page-older" rel="next" href="')[2].partition('"')[0]
        address = unescape(older)
    assert sorted(seen) == [f"N{number:02d}" for number in range(40)]


def test_a_tag_that_is_gone_is_said_and_the_rest_shown(client_as: ClientAs, made: dict[str, UUID]) -> None:
    page = client_as(MEG).get(f"/leads/?tag={uuid4()}&owner={BOB.id}").text
    assert "er niet meer is" in page
    assert ">Claus</a>" in page
    assert ">Aa</a>" not in page


def test_the_list_of_several_tags(client_as: ClientAs, made: dict[str, UUID]) -> None:
    urgent, old = str(made["urgent"]), str(made["old"])
    for said in (f"tag={urgent},{old}", f"tag={old}&tag={urgent}", f"tag={urgent}%2C{old},{urgent}"):
        for sort in ("", "&sort=created", "&sort=name"):
            assert names_in(client_as(MEG), f"/leads/?{said}{sort}") == ["Aa", "Bos", "Claus"], said
            assert names_in(client_as(ANN), f"/leads/?{said}{sort}") == ["Aa", "Bos"], said
            assert names_in(client_as(MEG), f"/leads/?{said}&tag=all{sort}") == ["Aa"], said
    assert names_in(client_as(MEG), f"/leads/?tag={urgent}&tag=all") == ["Aa", "Claus"]


def test_the_pages_of_several_tags_show_everybody_once(as_: As, client_as: ClientAs, made: dict[str, UUID]) -> None:
    both = [made["urgent"], made["old"]]
    with as_(MEG):
        for number in range(30):
            putting.put(a_lead({"birth_name": f"N{number:02d}"}), [the_tag(ident) for ident in both])
    for how in ("", "&tag=all"):
        client, seen = client_as(MEG), []
        address: Any = f"/leads/?tag={both[0]},{both[1]}{how}&size=25"
        while address:
            page = client.get(address).text
            seen += [name for name in [f"N{number:02d}" for number in range(30)] if f">{name}</a>" in page]
            address = unescape(page.partition('id="page-older" rel="next" href="')[2].partition('"')[0])
        assert sorted(seen) == [f"N{number:02d}" for number in range(30)], how


def test_every_tag_has_a_chip_that_takes_it_away(client_as: ClientAs, made: dict[str, UUID]) -> None:
    client, urgent, old = client_as(MEG), made["urgent"], made["old"]
    page = unescape(client.get(f"/leads/?tag={urgent},{old}&tag=all&stage=open").text)
    chips = dict(re.findall(r'<strong>([^<]+)</strong></span>\s*<a href="([^"]+)"', page))
    assert set(chips) == {"Spoed", "Oud-klant", "Alle open"} and "Alle tags" in page
    assert chips["Spoed"] == f"/leads/?stage=open&tag={old}"
    assert names_in(client, chips["Spoed"]) == ["Aa", "Bos"]
    menu = client.get(f"/leads/filters?tag={urgent},{old},all").text
    assert len(re.findall(r'name="tag" value="[^"]+" checked', menu)) == 3


def test_too_many_none_or_one_that_is_gone(as_: As, client_as: ClientAs, made: dict[str, UUID]) -> None:
    client = client_as(MEG)
    with as_(MEG):
        many = [str(a_tag(f"Tag {number}").id) for number in range(6)]
    for said in (",".join(many), "all"):
        assert "Kies minstens één tag en hoogstens 5." in unescape(client.get(f"/leads/?tag={said}").text), said
    page = client.get(f"/leads/?tag={made['urgent']},{uuid4()}&owner={BOB.id}").text
    assert "er niet meer is" in page and ">Claus</a>" in page


def test_a_saved_list_keeps_its_tags(as_: As, client_as: ClientAs, made: dict[str, UUID]) -> None:
    client, said = client_as(MEG), f"{made['urgent']},{made['old']},all"
    answer = client.send("/views/", {"name": "Spoed van oud-klanten", "address": f"tag={quote(said)}"})
    assert answer.status_code == 303
    with as_(MEG):
        (kept,) = session.scalars(select(View.address)).all()
    assert dict(parse_qsl(kept))["tag"] == said
    assert names_in(client, f"/leads/?{kept}") == ["Aa"]


def test_the_column_shows_words(client_as: ClientAs, made: dict[str, UUID]) -> None:
    page = client_as(ANN).get("/leads/?column=tags").text
    assert '<span class="tag tag-red">Spoed</span>' in page
    assert '<span class="tag tag-blue">Oud-klant</span>' in page


def test_on_the_page_of_a_lead(as_: As, client_as: ClientAs, made: dict[str, UUID]) -> None:
    client = client_as(ANN)
    assert "Spoed" in client.part(f"/tags/leads/{made['second']}").text
    client.send(f"/tags/leads/{made['second']}", {"tag": str(made["urgent"])})
    client.send(f"/tags/leads/{made['second']}/take", {"tag": str(made["old"])})
    with as_(ANN):
        assert words_on(made["second"]) == ["Spoed"]
    assert client.send(f"/tags/leads/{made['theirs']}", {"tag": str(made["urgent"])}).status_code == 404
    assert client.send(f"/tags/leads/{made['first']}", {"tag": str(uuid4())}).status_code == 404


def test_a_new_lead_with_tags(as_: As, client_as: ClientAs, made: dict[str, UUID]) -> None:
    client = client_as(ANN)
    assert "put-tag" in client.get("/leads/new").text
    typed = {"birth_name": "Nieuw", "goal": "remortgage", "put-tag": [str(made["urgent"]), str(made["old"])]}
    answer = client.send("/leads/new", typed)
    assert answer.status_code == 303
    with as_(ANN):
        assert words_on(UUID(answer.location.rsplit("/", 1)[1])) == ["Oud-klant", "Spoed"]


def test_many_at_once_and_back(as_: As, made: dict[str, UUID]) -> None:
    batch, leads = uuid4(), [made["first"], made["second"]]
    with as_(MEG):
        arguments = in_bulk.read({"tag": [str(made["urgent"])]})
        done = in_bulk.put(leads, arguments, batch)
        assert [each.result for each in done] == [Result.SKIPPED, Result.DONE]
        in_bulk.undo_put({made["second"]: None}, arguments, batch)
        assert words_on(made["first"]) == ["Oud-klant", "Spoed"]
        assert words_on(made["second"]) == ["Oud-klant"]
        gone = in_bulk.take(leads, arguments, batch)
        assert [each.result for each in gone] == [Result.DONE, Result.SKIPPED]
        in_bulk.undo_take({made["first"]: gone[0].was}, arguments, batch)
        assert words_on(made["first"]) == ["Oud-klant", "Spoed"]


def test_several_tags_are_put_on_many_from_the_form(as_: As, client_as: ClientAs, made: dict[str, UUID]) -> None:
    with as_(MEG):
        more = a_tag("Nieuwsbrief").id
    chosen = {"action": "tag", "id": str(made["second"]), "back": "/leads/?", "said": "1"}
    answer = client_as(MEG).send("/leads/many/begin", chosen | {"tag": [str(made["urgent"]), str(more)]})
    assert answer.status_code == 303
    with as_(MEG):
        assert set(words_on(made["second"])) == {"Oud-klant", "Spoed", "Nieuwsbrief"}


def test_a_bulk_action_wants_tags_that_are_there(as_: As, made: dict[str, UUID]) -> None:
    with as_(MEG):
        for typed in ([], [str(uuid4())], ["x"], [str(made["urgent"]), str(uuid4())]):
            with pytest.raises(Invalid):
                in_bulk.read({"tag": typed})


def test_managing(as_: As, client_as: ClientAs) -> None:
    client = client_as(MEG)
    assert "Eerste tag maken" in client.get("/tags/").text
    assert client.send("/tags/new", {"name": "", "colour": "red"}).status_code == 422
    assert client.send("/tags/new", {"name": "Spoed", "colour": "red"}).status_code == 303
    again = client.send("/tags/new", {"name": "SPOED", "colour": "blue"})
    assert again.status_code == 422
    assert "al een tag met deze naam" in again.text
    with as_(MEG):
        tag_id = tags.all_tags()[0].id
    assert client.send(f"/tags/{tag_id}", {"name": "Haast", "colour": "orange"}).status_code == 303
    assert "Haast" in client.get("/tags/").text
    assert client_as(ANN).get("/tags/").status_code == 403
