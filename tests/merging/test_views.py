"""The panel, the comparison, the warning while typing."""

import re
from typing import Any

from leadcrm.leads.models.terms import Goal
from tests.leads.factories import ELS, JAN, a_lead, persons_of
from tests.merging.conftest import As
from tests.people import ANN, BOB, MEG

TWICE = JAN | {"phone": "+31687654321", "iban": "NL02RABO0123456789"}


def test_the_panel_names_who_it_may_be_and_why(as_: As, client_as: Any) -> None:
    with as_(ANN):
        kept, other, alone = a_lead(JAN), a_lead(TWICE), a_lead(ELS)
        ids, reference = (kept.id, other.id, alone.id), other.reference
    with as_(BOB):
        hidden = a_lead(JAN).reference
    browser = client_as(ANN)
    part = browser.part(f"/merging/leads/{ids[0]}").text
    assert reference in part and "zelfde e-mailadres" in part and hidden not in part
    assert browser.part(f"/merging/leads/{ids[2]}").text.strip() == ""
    assert "Niemand anders hier" in browser.get(f"/merging/leads/{ids[2]}").text
    assert hidden in client_as(MEG).part(f"/merging/leads/{ids[0]}").text
    assert f'hx-get="/merging/leads/{ids[0]}"' in browser.get(f"/leads/{ids[0]}").text


def test_side_by_side_then_one_then_two_again(as_: As, client_as: Any) -> None:
    with as_(ANN):
        kept, other = a_lead(JAN), a_lead(TWICE, goal=Goal.REMORTGAGE)
        ids, reference = (kept.id, other.id), other.reference
    browser, path = client_as(ANN), f"/merging/leads/{ids[0]}/with/{ids[1]}"
    page = browser.get(path).text
    assert "06 87654321" in page and "Oversluiten" in page and "0123456789" not in page
    answer = browser.send(path, {"take-person1.phone": "other", "take-lead.goal": "kept"})
    assert answer.status_code == 303 and answer.location == f"/leads/{ids[0]}"
    shown = browser.get(f"/leads/{ids[0]}").text
    assert reference in shown and "06 87654321" in shown
    assert browser.get(f"/leads/{ids[1]}").status_code == 404
    undo = re.search(r"/merging/[0-9a-f-]{36}/undo", browser.part(f"/merging/leads/{ids[0]}").text)
    assert undo and browser.send(undo[0]).status_code == 303
    assert browser.get(f"/leads/{ids[1]}").status_code == 200
    assert browser.send(undo[0]).status_code == 404


def test_three_people_are_no_household(as_: As, client_as: Any) -> None:
    with as_(ANN):
        kept, other = a_lead(JAN), a_lead(TWICE, ELS)
        ids = kept.id, other.id
        twice, els = (f"person-{person.id}" for person in persons_of(other))
    browser, path = client_as(ANN), f"/merging/leads/{ids[0]}/with/{ids[1]}"
    answer = browser.send(path, {twice: "added", els: "added", "take-person1.phone": "other"})
    assert answer.status_code == 422 and "hoogstens twee personen" in answer.text
    assert browser.get(f"/leads/{ids[1]}").status_code == 200


def test_a_lead_is_no_duplicate_of_itself(as_: As, client_as: Any) -> None:
    with as_(ANN):
        ident = a_lead(JAN).id
    assert client_as(ANN).get(f"/merging/leads/{ident}/with/{ident}").status_code == 404


def test_a_warning_while_typing(as_: As, client_as: Any) -> None:
    with as_(ANN):
        reference = a_lead(JAN).reference
    with as_(BOB):
        hidden = a_lead(JAN).reference
    browser = client_as(ANN)
    said = browser.send("/merging/known", {"email": "jan@voorbeeld.nl", "phone": "06"})
    assert said.status_code == 200 and reference in said.text and "zelfde e-mailadres" in said.text
    assert hidden not in said.text
    assert browser.send("/merging/known", {"email": "iemand@anders.nl"}).text.strip() == ""
    assert 'hx-post="/merging/known"' in browser.get("/leads/new").text
