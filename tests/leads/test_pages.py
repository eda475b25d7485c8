"""The pages of leads through the browser: who sees what, forms that keep what was typed, values that stay hidden."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select

from leadcrm.core.audit import AuditLine
from leadcrm.core.db import session
from leadcrm.leads.forms import SECTIONS
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from tests.leads.conftest import As
from tests.leads.factories import ELS, JAN, a_full_lead, a_lead, persons_of
from tests.people import ADA, ANN, BOB, EVE, MEG
from tests.people import Person as Someone
from tests.shelf import Shelf
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]


@pytest.fixture
def lead_id(as_: As, shelf: Shelf) -> UUID:
    """A full household of Ann's."""

    def made() -> UUID:
        with as_(ANN):
            return a_full_lead().id

    return shelf.once("a full household", made)


def text_of(response: object) -> str:
    return unescape(response.get_data(as_text=True))  # type: ignore[attr-defined]


def test_the_list_shows_whose_leads_they_are(as_: As, client_as: ClientAs) -> None:
    for who, name in ((ANN, "Jansen"), (BOB, "Willems"), (EVE, "Pieters")):
        with as_(who):
            a_lead({"birth_name": name})
    seen = {ANN: {"Jansen"}, BOB: {"Willems"}, MEG: {"Jansen", "Willems"}, EVE: {"Pieters"}}
    for who, names in seen.items():
        page = text_of(client_as(who).get("/leads/"))
        assert {name for name in ("Jansen", "Willems", "Pieters") if name in page} == names, who
    assert client_as(ADA).get("/leads/").status_code == 403


def test_an_empty_list_says_what_to_do(client_as: ClientAs) -> None:
    page = text_of(client_as(ANN).get("/leads/"))
    assert "Nog geen leads" in page
    assert "/leads/new" in page


@pytest.mark.parametrize("who", [BOB, EVE], ids=["colleague", "elsewhere"])
@pytest.mark.parametrize("path", ["", "/income", "/income/new", "/request/edit", "/wish/edit", "/stage", "/nonsense"])
def test_somebody_elses_lead_is_not_there(client_as: ClientAs, lead_id: UUID, who: Someone, path: str) -> None:
    client = client_as(who)
    theirs, missing = client.get(f"/leads/{lead_id}{path}"), client.get(f"/leads/{uuid4()}{path}")
    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert len(theirs.data) == len(missing.data)


def test_a_malformed_id_is_the_same_404(client_as: ClientAs) -> None:
    assert client_as(ANN).get("/leads/42").status_code == 404


def test_the_page_shows_the_household(client_as: ClientAs, lead_id: UUID) -> None:
    page = text_of(client_as(ANN).get(f"/leads/{lead_id}"))
    for shown in ("Jan de Vries & Els Bakker", "€ 360.000", "Voorbeeldbank", "Spaargeld", "87,8%", "1234 AB"):
        assert shown in page, shown


@pytest.mark.asvs("V15.3.1", "V14.2.6")
def test_sensitive_values_are_masked_until_asked_for(client_as: ClientAs, lead_id: UUID) -> None:
    page = text_of(client_as(ANN).get(f"/leads/{lead_id}"))
    for hidden in ("NL91 ABNA 0417 1643 00", "NL91ABNA", "14 mrt 1985", "54.000", "25.000", "€ 150"):
        assert hidden not in page, hidden
    assert "•••• 4300" in page


def audited(as_: As, action: str) -> list[str]:
    with as_(MEG):
        return list(session.scalars(select(AuditLine.body).where(AuditLine.action == action)))


@pytest.mark.asvs("V14.2.4")
def test_revealing_one_value_is_logged(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    with as_(ANN):
        jan = session.scalars(select(Person.id).where(Person.position == 1)).one()
    client = client_as(ANN)
    assert "NL91 ABNA 0417 1643 00" in text_of(client.send(f"/leads/{lead_id}/person/{jan}/reveal/iban"))
    lines = audited(as_, "revealed")
    assert len(lines) == 1
    assert str(jan) in lines[0]
    assert '"iban"' in lines[0]
    assert client.send(f"/leads/{lead_id}/person/{jan}/reveal/email").status_code == 404


def test_revealing_a_section_is_logged_by_row(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    page = text_of(client_as(ANN).send(f"/leads/{lead_id}/income/reveal"))
    assert "€ 54.000" in page
    assert "25.000" not in page
    assert len(audited(as_, "revealed")) == 1


@pytest.mark.asvs("V8.2.3")
def test_nobody_reveals_what_is_not_theirs(client_as: ClientAs, lead_id: UUID) -> None:
    assert client_as(BOB).send(f"/leads/{lead_id}/income/reveal").status_code == 404
    assert client_as(ADA).send(f"/leads/{lead_id}/income/reveal").status_code == 403


def test_opening_a_form_with_sensitive_values_is_logged(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    with as_(ANN):
        jan = session.scalars(select(Person.id).where(Person.position == 1)).one()
    page = text_of(client_as(ANN).get(f"/leads/{lead_id}/person/{jan}/edit"))
    assert "14-03-1985" in page
    assert len(audited(as_, "revealed")) == 1


NEW = {"birth_name": "Dijk", "infix": "van", "call_name": "Piet", "goal": "remortgage", "phone": "06 - 87 65 43 21"}


def test_a_new_lead(as_: As, client_as: ClientAs) -> None:
    response = client_as(ANN).send("/leads/new", NEW | {"mortgage_amount": "€ 310.000"})
    assert response.status_code == 303
    with as_(ANN):
        lead = session.scalars(select(Lead)).one()
        assert response.location == f"/leads/{lead.id}"
        assert (lead.household_name, lead.mortgage_amount, lead.owner_id) == ("Piet van Dijk", 310_000_00, ANN.id)
        piet = persons_of(lead)[0]
        assert (piet.phone, piet.phone_raw) == ("+31687654321", "06 - 87 65 43 21")


def test_a_household_we_know_is_only_added_when_asked_again(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    typed = NEW | {"phone": "+31 6 12345678"}
    warned = client.send("/leads/new", typed)
    page = text_of(warned)
    assert warned.status_code == 422
    assert "zelfde telefoonnummer" in page
    assert f'name="seen" value="{lead_id}"' in page
    assert 'value="Dijk"' in page
    assert client.send("/leads/new", typed | {"seen": str(lead_id)}).status_code == 303


def test_a_colleagues_household_is_no_duplicate_for_an_agent(client_as: ClientAs, lead_id: UUID) -> None:
    """The warning would tell her who a colleague's clients are."""
    assert client_as(BOB).send("/leads/new", NEW | {"phone": JAN["phone"]}).status_code == 303


def test_a_manager_hands_out_a_new_lead(as_: As, client_as: ClientAs) -> None:
    client_as(MEG).send("/leads/new", NEW | {"owner_id": str(BOB.id)})
    with as_(BOB):
        assert session.scalars(select(Lead.household_name)).all() == ["Piet van Dijk"]


def test_somebody_who_is_not_on_offer_is_refused(client_as: ClientAs) -> None:
    assert client_as(MEG).send("/leads/new", NEW | {"owner_id": str(EVE.id)}).status_code == 422


def test_what_was_typed_comes_back_with_messages_beside_the_fields(client_as: ClientAs) -> None:
    typed = {"birth_name": "", "email": "geen adres", "postcode": "12", "goal": ""}
    response = client_as(ANN).send("/leads/new", typed)
    page = text_of(response)
    assert response.status_code == 422
    for kept in ('value="geen adres"', 'value="12"', 'id="birth_name-error"', 'id="email-error"', 'id="goal-error"'):
        assert kept in page, kept


def test_editing_a_section(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    assert 'name="market_value"' in text_of(client.part(f"/leads/{lead_id}/property/edit"))
    response = client.send(f"/leads/{lead_id}/property/edit", {"market_value": "450.000", "energy_label": "A++"})
    assert response.status_code == 303
    assert response.location == f"/leads/{lead_id}#property"
    with as_(ANN):
        assert session.scalars(select(Lead.property_value)).one() == 450_000_00


def test_an_unusual_age_is_kept_and_remarked_upon(as_: As, client_as: ClientAs) -> None:
    """A co-applicant of sixteen exists; a slip of the year is more likely."""
    with as_(ANN):
        lead_id = a_lead().id
    client = client_as(ANN)
    young = {"birth_name": "Jong", "birth_date": f"01-01-{date.today().year - 16}"}
    assert client.send(f"/leads/{lead_id}/person/new", young).status_code == 303
    assert "16 jaar oud. Klopt dat?" in client.get(f"/leads/{lead_id}").text


def test_a_saved_part_brings_what_follows_from_it(client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    typed = {"csrf_token": client.csrf_token(), "market_value": "450.000"}
    page = text_of(client.post(f"/leads/{lead_id}/property/edit", data=typed, headers=PART))
    assert page.lstrip().startswith('<section class="section" id="property"')
    assert "80%" in page
    assert re.findall(r'id="([a-z-]+)"[^>]* hx-swap-oob', page) == ["lead-head", "hints", "timeline"]


PART = {"HX-Request": "true", "HX-Request-Type": "partial", "Origin": "https://localhost"}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_comes_back_by_itself(client_as: ClientAs, lead_id: UUID, section: str) -> None:
    """As htmx asks for it when a form is left: the section alone, with everything that its buttons need."""
    client = client_as(ANN)
    page = client.part(f"/leads/{lead_id}/{section}").get_data(as_text=True)
    assert page.lstrip().startswith(f'<section class="section" id="{section}"')
    assert "<html" not in page
    assert client.get(f"/leads/{lead_id}/{section}").location == f"/leads/{lead_id}#{section}"


@pytest.mark.parametrize("section", ["income", "obligation", "asset", "person"])
def test_a_revealed_section_comes_by_itself(client_as: ClientAs, lead_id: UUID, section: str) -> None:
    client = client_as(ANN)
    typed = {"csrf_token": client.csrf_token()}
    response = client.post(f"/leads/{lead_id}/{section}/reveal", data=typed, headers=PART)
    assert response.status_code == 200
    assert response.get_data(as_text=True).lstrip().startswith(f'<section class="section" id="{section}"')


def test_a_note_saved_in_place_empties_the_box(client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    typed = {"csrf_token": client.csrf_token(), "text": "Belt terug"}
    page = client.post(f"/leads/{lead_id}/notes", data=typed, headers=PART).get_data(as_text=True)
    assert page.lstrip().startswith('<section class="section" id="timeline"')
    assert page.count("Belt terug") == 1


ROWS = [
    ("income", {"employment": "10", "gross_year": "48.000", "person_id": "jan"}, "€ ••••"),
    ("obligation", {"kind": "student_loan", "student_scheme": "new", "monthly": "120"}, "Studielening"),
    ("asset", {"kind": "gift", "amount": "30k"}, "Schenking"),
    ("existing", {"lender": "Andere Bank", "rate": "3,85"}, "3,85%"),
    ("person", {"birth_name": "Smit", "email": "smit@voorbeeld.nl"}, "smit@voorbeeld.nl"),
    ("consent", {"channel": "email", "purpose": "newsletter", "person_id": "jan"}, "Nieuwsbrief"),
]


@pytest.mark.parametrize(("section", "typed", "shown"), ROWS, ids=[row[0] for row in ROWS])
def test_adding_a_row(as_: As, client_as: ClientAs, section: str, typed: dict[str, str], shown: str) -> None:
    with as_(ANN):
        lead = a_lead()
        lead_id, jan = lead.id, persons_of(lead)[0].id
    client = client_as(ANN)
    assert client.get(f"/leads/{lead_id}/{section}/new").status_code == 200
    sent = {name: str(jan) if value == "jan" else value for name, value in typed.items()}
    assert client.send(f"/leads/{lead_id}/{section}/new", sent).status_code == 303
    assert shown in text_of(client.get(f"/leads/{lead_id}"))


def test_removing_rows(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    with as_(ANN):
        lead = session.scalars(select(Lead)).one()
        jan, els = (person.id for person in persons_of(lead))
    assert client.send(f"/leads/{lead_id}/person/{jan}/remove").status_code == 404  # the first applicant stays
    assert client.send(f"/leads/{lead_id}/person/{els}/remove").status_code == 303
    assert "Els" not in text_of(client.get(f"/leads/{lead_id}")).replace("Els Bakker werd", "")


def test_a_row_of_another_lead_is_not_there(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    with as_(ANN):
        other = persons_of(a_lead(ELS))[0].id
    assert client_as(ANN).get(f"/leads/{lead_id}/person/{other}/edit").status_code == 404


WISH = {"mortgage_amount": "300.000", "parts": "2", "part-1-amount": "100.000", "part-2-amount": "150.000"}


def test_loan_parts_must_make_up_the_amount(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    refused = client.send(f"/leads/{lead_id}/wish/edit", WISH)
    page = text_of(refused)
    assert refused.status_code == 422
    assert "€ 250.000" in page
    assert 'id="mortgage_amount-error"' in page
    assert client.send(f"/leads/{lead_id}/wish/edit", WISH | {"part-2-amount": "200.000"}).status_code == 303
    with as_(ANN):
        assert session.scalars(select(Lead.mortgage_amount)).one() == 300_000_00


def test_another_loan_part_keeps_what_was_typed(client_as: ClientAs, lead_id: UUID) -> None:
    response = client_as(ANN).send(f"/leads/{lead_id}/wish/edit", WISH | {"more": "yes", "part-1-rate": "veel"})
    page = text_of(response)
    assert response.status_code == 200
    assert 'name="part-3-amount"' in page
    assert 'value="veel"' in page
    assert "field-error" not in page


def test_moving_to_another_stage(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    assert client.send(f"/leads/{lead_id}/stage", {"stage": "rejected"}).status_code == 422
    assert client.send(f"/leads/{lead_id}/stage", {"stage": "nonsense"}).status_code == 422
    typed = {"stage": "rejected", "stage_reason": "Inkomen te laag"}
    assert client.send(f"/leads/{lead_id}/stage", typed).status_code == 303
    assert "Afgewezen" in text_of(client.get(f"/leads/{lead_id}"))


def test_a_note(client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    typed = {"text": "Belt <b>morgen</b> terug", "called": "yes"}
    assert client.send(f"/leads/{lead_id}/notes", typed).status_code == 303
    page = client.get(f"/leads/{lead_id}").get_data(as_text=True)
    assert "Belt &lt;b&gt;morgen&lt;/b&gt; terug" in page
    assert client.send(f"/leads/{lead_id}/notes", {"text": " "}).status_code == 422


def test_a_note_with_a_citizen_service_number_is_refused_and_kept_on_the_screen(
    client_as: ClientAs, lead_id: UUID
) -> None:
    response = client_as(ANN).send(f"/leads/{lead_id}/notes", {"text": "BSN 111222333 doorgegeven"})
    assert response.status_code == 422
    assert "111222333" in text_of(response)


@pytest.mark.parametrize("owner", [str(EVE.id), str(ADA.id), "", "x", "5c7f8a44-0f0b-4d5e-9d7e-6f7c3b1a2d91"])
def test_nobody_from_elsewhere_gets_a_lead(client_as: ClientAs, lead_id: UUID, owner: str) -> None:
    assert client_as(MEG).send(f"/leads/{lead_id}/owner", {"owner": owner}).status_code == 404


def test_who_is_disabled_gets_no_lead(client_as: ClientAs, lead_id: UUID, admin_url: str) -> None:
    meg, sent = client_as(MEG), {"owner": str(BOB.id)}
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_user SET active = false WHERE id = %s", [BOB.id])
        try:
            assert meg.send(f"/leads/{lead_id}/owner", sent).status_code == 404
        finally:
            admin.execute("UPDATE auth_user SET active = true WHERE id = %s", [BOB.id])
    assert client_as(BOB).get(f"/leads/{lead_id}").status_code == 404


def test_the_right_to_assign_takes_no_lead_out_of_ones_own_sight(
    client_as: ClientAs, lead_id: UUID, admin_url: str
) -> None:
    """The new owner would be beyond the scope of an agent: refused by whichever wall, and nothing of it stays."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
            "VALUES (%s, gen_random_uuid(), %s, 'leads.assign', now())",
            [ANN.company_id, ANN.id],
        )
    ann = client_as(ANN)
    assert ann.send(f"/leads/{lead_id}/owner", {"owner": str(BOB.id)}).status_code == 404
    assert ann.get(f"/leads/{lead_id}").status_code == 200


def test_agents_do_not_assign(client_as: ClientAs, lead_id: UUID) -> None:
    assert client_as(ANN).send(f"/leads/{lead_id}/owner", {"owner": str(BOB.id)}).status_code == 403


def test_removing_and_bringing_back(client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(MEG)
    assert client.send(f"/leads/{lead_id}/delete").status_code == 303
    assert client.get(f"/leads/{lead_id}").status_code == 404
    assert "Jan de Vries & Els" not in text_of(client.get("/leads/")).split("toast")[0]
    assert client.send(f"/leads/{lead_id}/restore").status_code == 303
    assert client.get(f"/leads/{lead_id}").status_code == 200
    assert client_as(ANN).send(f"/leads/{lead_id}/delete").status_code == 403
