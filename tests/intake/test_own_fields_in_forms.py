"""A company's own fields in its web forms: offered, put there when every lead must have them, asked, checked, kept."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import Scope
from leadcrm.custom_fields.models import Definition, Type
from leadcrm.custom_fields.services import definitions, values
from leadcrm.custom_fields.services.definitions import OwnField
from leadcrm.intake.models.terms import State
from leadcrm.intake.models.webform import WebForm
from leadcrm.intake.services import webforms
from leadcrm.leads.models.lead import Lead
from tests.custom_fields.factories import a_field
from tests.intake.conftest import As, Given, Post
from tests.people import EVE, MEG
from tests.people import Person as Somebody
from tests.tags.factories import a_tag
from tests.world import ORIGIN, Browser

WORDS = {
    "name": "Contact", "title": "Vraag advies aan", "thanks": "Wij bellen u.", "language": "nl", "active": "yes",
    "consent_text": "Ik ga akkoord.", "use-applicant.birth_name": "1", "use-applicant.email": "1", "use-lead.goal": "1",
}  # fmt: skip
FILLED = {
    "applicant.birth_name": "Vries", "applicant.email": "els@voorbeeld.nl", "lead.goal": "purchase_existing",
    "agree": "yes",
}  # fmt: skip
Work = Callable[[], int]
Arrivals = Callable[[], list[Any]]


@pytest.fixture
def meg(client_as: Callable[[Somebody], Browser]) -> Browser:
    return client_as(MEG)


@pytest.fixture
def new(given: Given) -> str:
    return f"/intake/sources/{given.inlet_id}/forms/new"


@pytest.fixture
def own(as_: As) -> dict[str, OwnField]:
    """One of every type; the sealed one is demanded of every lead."""
    with as_(MEG):
        found = {str(type_): a_field(f"Eigen {type_}", type_) for type_ in Type if type_ is not Type.CHOICE}
        found["choice"] = a_field("Eigen choice", Type.CHOICE, ["Gouda", "Breda"])
        found["sealed"] = a_field("Eigen sealed", required=True, sensitive=True)
        return found


@pytest.fixture
def asked(own: dict[str, OwnField]) -> dict[str, str]:
    return WORDS | {f"use-own.{field.key}": "1" for field in own.values()}


@pytest.fixture
def address(as_: As, meg: Browser, new: str, asked: dict[str, str]) -> str:
    saved = meg.send(new, asked)
    assert saved.status_code == 303, saved.text
    with as_(MEG):
        return f"/aanvraag/{session.scalars(select(WebForm)).one().token}"


@pytest.fixture
def visitor(app: Flask, address: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(webforms, "LEAST_SECONDS", 0)

    def sent(typed: dict[str, str]) -> Any:
        page = app.test_client().get(address, base_url=ORIGIN).text
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        assert ticket
        return app.test_client().post(address, data=FILLED | {"ticket": ticket[1]} | typed, base_url=ORIGIN)

    return sent


def typed_in(own: dict[str, OwnField], **more: str) -> dict[str, str]:
    told = {
        "text": "Via de buren", "long_text": "Eén\nTwee", "number": "1.234", "money": "1,234", "date": "1-2-2027",
        "choice": own["choice"].options[1].key, "yes_no": "no", "sealed": "Geheim",
    }  # fmt: skip
    return {f"own.{own[name].key}": text for name, text in (told | more).items()}


def test_the_editor_offers_them_and_puts_the_demanded_one_on(meg: Browser, new: str, own: dict[str, OwnField]) -> None:
    page = meg.get(new).text
    ticked = set(re.findall(r'name="use-(own\.\w+)"[^>]* checked', page))
    assert ticked == {f"own.{own['sealed'].key}"}
    assert all(f'name="use-own.{field.key}"' in page and field.name in page for field in own.values())
    assert "(verplicht voor elke lead)" in page and "wachten in quarantaine" not in page


def test_the_demanded_one_is_not_left_out_silently(
    as_: As, meg: Browser, new: str, own: dict[str, OwnField], given: Given
) -> None:
    refused = meg.send(new, WORDS)
    assert refused.status_code == 422 and "Vraag naar Eigen sealed" in refused.text
    box = f"without-own.{own['sealed'].key}"
    assert f'name="{box}" value="1">' in refused.text and "wachten in quarantaine" in refused.text
    saved = meg.send(new, WORDS | {box: "1"})
    assert saved.status_code == 303
    kept = meg.get(saved.location).text
    assert "wachten in quarantaine" in kept and f'name="{box}" value="1" checked>' in kept
    assert "De leads wachten in quarantaine" in meg.get(f"/intake/sources/{given.inlet_id}").text
    assert meg.send(saved.location, WORDS).status_code == 422  # not by who takes the tick away either


def test_those_of_another_company_cannot_be_asked(as_: As, meg: Browser, new: str) -> None:
    with as_(replace(EVE, role="companymanager", scope=Scope.COMPANY)):
        foreign = f"own.{a_field('Elders', required=True).key}"
    assert foreign not in meg.get(new).text
    assert meg.send(new, WORDS | {f"use-{foreign}": "1"}).status_code == 303
    with as_(MEG):
        assert foreign not in {each["key"] for each in session.scalars(select(WebForm)).one().fields}


def test_tags_are_the_office_s_own_business(as_: As, meg: Browser, new: str, app: Flask) -> None:
    with as_(MEG):
        a_tag("Lastige klant")
    assert "own.tags" not in meg.get(new).text
    assert meg.send(new, WORDS | {"use-own.tags": "1"}).status_code == 303
    with as_(MEG):
        form = session.scalars(select(WebForm)).one()
        form.fields = [*form.fields, {"key": "own.tags", "required": False}]
        token = form.token
    assert "Lastige klant" not in app.test_client().get(f"/aanvraag/{token}", base_url=ORIGIN).text


def test_every_type_is_drawn_by_its_own_control(app: Flask, address: str, own: dict[str, OwnField]) -> None:
    page = app.test_client().get(address, base_url=ORIGIN).text
    name = {type_: f'name="own.{field.key}"' for type_, field in own.items()}
    for type_, start in (
        ("text", r"<input[^>]*type=\"text\"[^>]*"), ("long_text", "<textarea[^>]*"), ("choice", "<select[^>]*"),
        ("number", r"<input[^>]*"), ("money", r"<input[^>]*"), ("yes_no", r"<input[^>]*type=\"radio\" "),
    ):  # fmt: skip
        assert re.search(start + name[type_], page), type_
    assert re.search(name["number"] + r'[^>]*inputmode="numeric"', page)
    assert re.search(name["money"] + r'[^>]*inputmode="decimal"', page)
    assert re.search(name["date"] + r"[^>]*data-date", page)
    assert re.search(name["sealed"] + r"[^>]* required", page) and not re.search(name["text"] + r"[^>]* required", page)
    assert "Gouda" in page and "Eigen text <span" in page and "Eigen sealed</label>" in page


def test_what_a_visitor_typed_ends_in_the_fields_of_the_lead(
    as_: As, visitor: Any, own: dict[str, OwnField], work: Work, arrivals: Arrivals
) -> None:
    assert visitor(typed_in(own)).status_code == 200
    work()
    (arrived,) = arrivals()
    assert arrived.state == State.LEAD
    with as_(MEG):
        lead = session.get(Lead, arrived.lead_id)
        assert values.sealed_texts(lead) == {own["sealed"].key: "Geheim"}
        assert values.texts_of(lead) == {
            own["text"].key: "Via de buren", own["long_text"].key: "Eén\nTwee", own["number"].key: "1234",
            own["money"].key: "123400", own["date"].key: "2027-02-01", own["choice"].key: own["choice"].options[1].key,
            own["yes_no"].key: "no", own["sealed"].key: "Geheim",
        }  # fmt: skip


@pytest.mark.parametrize(("name", "wrong", "words"), [
    ("text", "bsn 111222333", "burgerservicenummer"), ("number", "veel", "getal"), ("money", "veel", "bedrag"),
    ("date", "morgen", "datum"), ("choice", "Parijs", "niet in de lijst"), ("yes_no", "misschien", "ja of nee"),
    ("long_text", "x" * 2_001, "te lang"), ("sealed", "", "Vul dit veld in."), ("sealed", "-", "Vul dit veld in."),
])  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_stays_typed(
    visitor: Any, own: dict[str, OwnField], arrivals: Arrivals, name: str, wrong: str, words: str
) -> None:
    answer = visitor(typed_in(own, **{name: wrong}))
    said = re.search(rf'id="own\.{own[name].key}-error">(.*?)</p>', answer.text, re.DOTALL)
    assert answer.status_code == 422 and said and words in said[1]
    other = "number" if name == "text" else "text"
    assert f'value="{typed_in(own)[f"own.{own[other].key}"]}"' in answer.text
    assert name not in ("number", "money", "date") or f'value="{wrong}"' in answer.text
    assert arrivals() == []


def test_it_must_be_answered_when_every_lead_must_have_it(
    as_: As, app: Flask, address: str, visitor: Any, own: dict[str, OwnField]
) -> None:
    """Whatever the form said when it was made."""
    assert 'value="">' in app.test_client().get(address, base_url=ORIGIN).text
    with as_(MEG):
        session.get(Definition, own["yes_no"].id).required = True
    assert visitor(typed_in(own, yes_no="")).status_code == 422
    page = app.test_client().get(address, base_url=ORIGIN).text
    assert "Niet bekend" not in page


def test_one_that_was_removed_or_renamed_since_does_not_break_the_form(
    as_: As, app: Flask, address: str, visitor: Any, meg: Browser, own: dict[str, OwnField], work: Work,
    arrivals: Arrivals,
) -> None:  # fmt: skip
    with as_(MEG):
        definitions.remove(session.get(Definition, own["sealed"].id))
        session.get(Definition, own["text"].id).name = "Hoe kent u ons"
        form_id = session.scalars(select(WebForm.id)).one()
    page = app.test_client().get(address, base_url=ORIGIN).text
    assert "Hoe kent u ons" in page and "Eigen text" not in page and "Eigen sealed" not in page
    for path in (f"/intake/forms/{form_id}", f"/intake/forms/{form_id}/preview"):
        shown = meg.get(path)
        assert shown.status_code == 200 and "Hoe kent u ons" in shown.text and "Eigen sealed" not in shown.text
    assert visitor(typed_in(own)).status_code == 200
    work()
    (arrived,) = arrivals()
    assert arrived.state == State.LEAD
    with as_(MEG):
        lead = session.get(Lead, arrived.lead_id)
        assert values.texts_of(lead)[own["text"].key] == "Via de buren" and values.sealed_texts(lead) == {}


def test_in_english_too(as_: As, app: Flask, address: str, visitor: Any, own: dict[str, OwnField]) -> None:
    with as_(MEG):
        session.scalars(select(WebForm)).one().language = "en"  # type: ignore[assignment]
    page = app.test_client().get(address, base_url=ORIGIN).text
    assert "Eigen money" in page and "(optional)" in page and "Not known" in page
    assert "Fill in this field." in visitor(typed_in(own, sealed="")).text


def test_who_delivers_reads_which_there_are(
    meg: Browser, given: Given, own: dict[str, OwnField], post: Post, work: Work, arrivals: Arrivals
) -> None:
    page = meg.get(f"/intake/sources/{given.inlet_id}/fields").text
    assert all(f"own.{field.key}" in page and field.name in page for field in own.values())
    body: Any = meg.get(f"/intake/sources/{given.inlet_id}/openapi.json").json
    schema = body["paths"]["/intake/website"]["post"]["requestBody"]["content"]["application/json"]
    mine = schema["schema"]["properties"]["own"]
    assert {about["title"] for about in mine["properties"].values()} == {field.name for field in own.values()}
    assert mine["required"] == [own["sealed"].key] and schema["schema"]["required"] == ["own"]
    sorts = {name: mine["properties"][field.key]["description"] for name, field in own.items()}
    assert sorts == {
        "text": "tekst", "long_text": "tekst", "number": "geheel getal", "sealed": "tekst",
        "money": "euro's, zoals 325000 of 1234,50", "date": "datum, zoals 1985-12-31",
        "choice": "een van de waarden", "yes_no": "ja of nee (true, false)",
    }  # fmt: skip
    options = [{"const": option.key, "title": option.label} for option in own["choice"].options]
    assert mine["properties"][own["choice"].key]["oneOf"] == options
    assert post(given, schema["example"]).status_code == 202
    work()
    assert arrivals()[0].state == State.LEAD  # the example is one that can be taken in
