"""What managers do: keys shown once, arrivals and their chart, mending, releasing, setting aside, undo."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from leadcrm.core.db import engine_of, session
from leadcrm.intake.models.inlet import Inlet, Key
from leadcrm.intake.models.terms import State, Why
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.source import Source
from tests.intake.conftest import LEAD, As, Given, Post
from tests.people import ANN, HOME, MEG
from tests.people import Person as Somebody
from tests.world import Browser

Work = Callable[[], int]
Arrivals = Callable[[], list[Any]]
ClientAs = Callable[[Somebody], Browser]
WRONG: dict[str, Any] = LEAD | {"applicant": LEAD["applicant"] | {"email": "geen adres"}, "kleur": "blauw"}


@pytest.fixture
def meg(client_as: ClientAs) -> Browser:
    return client_as(MEG)


@pytest.fixture
def held(given: Given, post: Post, work: Work, arrivals: Arrivals) -> str:
    post(given, WRONG)
    work()
    return f"/intake/arrivals/{arrivals()[0].id}"


def test_a_manager_opens_a_source_and_makes_a_key(as_: As, meg: Browser) -> None:
    with as_(MEG):
        source = Source(company_id=HOME, key="site", name="De site")
        session.add(source)
        session.flush()
        ident = source.id
    assert "De site" in meg.get("/intake/sources").text
    opened = meg.send("/intake/sources/open", {"source": str(ident)})
    page = meg.send(f"{opened.location}/keys", {"name": "Zapier"})
    secret = re.search(r"data-copy-text>(lead_[\w-]{43})<", page.text)
    assert page.status_code == 200 and secret
    again = meg.get(opened.location).text
    assert secret[1] not in again and f"…{secret[1][-4:]}" in again and "Zapier" in again
    with as_(MEG):
        key: Any = session.scalars(select(Key)).one()
        key_id = key.id
        assert secret[1].encode() not in key.key_hash
    assert meg.send(f"{opened.location}/keys", {"name": ""}).status_code == 422
    meg.send(f"/intake/keys/{key_id}/revoke")
    assert "Ingetrokken" in meg.get(opened.location).text


def test_settings_are_kept_or_refused(as_: As, given: Given, meg: Browser) -> None:
    path = f"/intake/sources/{given.inlet_id}/settings"
    assert meg.get(path).status_code == 200
    sent = {"goal": "purchase_new", "on_duplicate": "hold", "tells_duplicates": "yes", "per_minute": "10"}
    sent |= {"active": "yes"}
    assert meg.send(path, sent | {"per_minute": "0"}).status_code == 422
    assert meg.send(path, sent | {"label_id": str(MEG.id)}).status_code == 422
    assert meg.send(path, sent).status_code == 303
    with as_(MEG):
        inlet: Any = session.get(Inlet, given.inlet_id)
        assert (inlet.per_minute, inlet.on_duplicate, inlet.tells_duplicates) == (10, "hold", True)


def test_the_page_for_suppliers_names_what_is_read(given: Given, meg: Browser) -> None:
    page = meg.get(f"/intake/sources/{given.inlet_id}/fields").text
    assert "curl -X POST" in page and "applicant.birth_name" in page and "/intake/website" in page
    assert "lead.lead_cost" not in page and "owner" not in page
    described: Any = meg.get(f"/intake/sources/{given.inlet_id}/openapi.json").json
    assert "applicant" in described["paths"]["/intake/website"]["post"]["requestBody"]["content"]["application/json"][
        "schema"]["properties"]  # fmt: skip


def test_arrivals_stand_in_a_list_and_a_chart(
    app: Flask, given: Given, post: Post, work: Work, meg: Browser, held: str
) -> None:
    post(given)
    work()
    post(given, LEAD | {"bericht": "nog een"})
    page = meg.get("/intake/arrivals").text
    for word in ("Lead geworden", "In quarantaine", "Wordt verwerkt", "chart-quarantined", held):
        assert word in page
    assert "In quarantaine" not in meg.get("/intake/arrivals?state=lead").text.partition("<tbody>")[2]
    assert meg.get("/intake/arrivals?state=x&day=x&source=x&cursor=x").status_code == 200
    assert 'side-count"' in page


@pytest.mark.parametrize("path", ["/intake/arrivals", "/intake/quarantine", "/intake/sources", "held", "inlet"])
def test_few_statements_a_page(app: Flask, given: Given, meg: Browser, held: str, path: str) -> None:
    asked: list[str] = []

    def count(*given: Any) -> None:
        asked.append(given[2])

    address = {"held": held, "inlet": f"/intake/sources/{given.inlet_id}"}.get(path, path)
    meg.get(address)
    event.listen(engine_of(app), "before_cursor_execute", count)
    try:
        assert meg.get(address).status_code == 200
    finally:
        event.remove(engine_of(app), "before_cursor_execute", count)
    assert len(asked) <= 12, asked


def test_mended_field_by_field_and_released(as_: As, meg: Browser, held: str, arrivals: Arrivals) -> None:
    page = meg.get(held).text
    assert "geen adres" in page and "field-error" in page and "blauw" in page
    again = meg.send(held, {"applicant.email": "nog steeds niets", "then": "release"})
    assert again.status_code == 422 and "nog steeds niets" in again.text
    kept = meg.send(held, {"applicant.email": "half@", "then": "keep"})
    assert kept.status_code == 303 and "half@" in meg.get(held).text
    done = meg.send(held, {"applicant.email": "Jan@Voorbeeld.nl", "then": "release"})
    assert done.status_code == 303 and "/leads/" in done.location
    assert arrivals()[0].state == State.LEAD and arrivals()[0].decided_by == MEG.id
    with as_(MEG):
        assert session.scalars(select(Person)).one().email == "jan@voorbeeld.nl"
    assert meg.send(held, {"then": "release"}).status_code == 404  # once


def test_no_citizen_service_number_is_typed_in(meg: Browser, held: str) -> None:
    answer = meg.send(held, {"lead.best_time": "bsn 111222333", "then": "keep"})
    assert answer.status_code == 422 and "111222333" not in meg.get(held).text


def test_a_release_can_be_taken_back(as_: As, meg: Browser, held: str, arrivals: Arrivals) -> None:
    meg.send(held, {"applicant.email": "jan@voorbeeld.nl", "then": "release"})
    assert "Terugzetten" in meg.get(held).text
    meg.send(f"{held}/back")
    assert (arrivals()[0].state, arrivals()[0].why) == (State.QUARANTINED, Why.RETURNED)
    with as_(MEG):
        assert session.scalars(select(Lead)).one().deleted_at is not None


def test_set_aside_with_a_reason_and_back(meg: Browser, held: str, arrivals: Arrivals) -> None:
    assert meg.send(f"{held}/aside", {"remark": "zomaar"}).status_code == 422
    assert meg.send(f"{held}/aside", {"set_aside": "test", "remark": "bsn 111222333"}).status_code == 422
    assert meg.send(f"{held}/aside", {"set_aside": "test", "remark": "van onszelf"}).status_code == 303
    assert arrivals()[0].state == State.DISCARDED and "van onszelf" in meg.get(held).text
    assert meg.send(f"{held}/aside", {"set_aside": "test"}).status_code == 404
    meg.send(f"{held}/back")
    assert arrivals()[0].state == State.QUARANTINED


def test_judged_anew_after_the_settings_changed(
    as_: As, given: Given, post: Post, work: Work, meg: Browser, arrivals: Arrivals
) -> None:
    post(given, {"applicant": LEAD["applicant"]})
    work()
    assert arrivals()[0].state == State.QUARANTINED
    with as_(MEG):
        session.get(Inlet, given.inlet_id).goal = "purchase_existing"
    assert meg.send("/intake/quarantine/again").status_code == 303
    work()
    assert arrivals()[0].state == State.LEAD


def test_agents_and_others_see_nothing_of_it(client_as: ClientAs, make_source: Any, held: str) -> None:
    assert client_as(ANN).get(held).status_code == 403
    assert client_as(ANN).get("/intake/sources").status_code == 403


def test_managers_hear_of_what_waits(meg: Browser, held: str) -> None:
    assert "wachten op u" in meg.get("/notifications/", follow_redirects=True).text
