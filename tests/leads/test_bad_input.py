"""Every field of every form refuses what it cannot take: 422, a message beside it, and what was typed stays."""

from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from leadcrm.core.fields.dates import Date, Moment
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.money import Money, Percentage, Whole, Year
from leadcrm.core.fields.people import Email, Iban, Kvk, Phone
from leadcrm.core.fields.places import Country, HouseNumber, HouseNumberSuffix, Postcode
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import Text, Url
from leadcrm.leads.forms import PART, SECTIONS, STAGE
from leadcrm.leads.models.kinds import BirthYears
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart
from tests.leads.conftest import As
from tests.leads.factories import a_full_lead, persons_of
from tests.people import ANN
from tests.people import Person as Someone
from tests.shelf import Shelf
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]
WRONG: list[tuple[type[Kind], list[str]]] = [
    (BirthYears, ["binnenkort", "12", "1812", "2012 2015 x"]),
    (Date, ["31-02-2020", "morgen", "1-1-999999"]),
    (Moment, ["gisteren", "32-1-2026 10:00", "1-1-2026 25:00"]),
    (Money, ["veel", "-1", "1.2.3", "9" * 30]),
    (Percentage, ["veel", "-1", "999999"]),
    (HouseNumber, ["0", "12A", "-3"]),
    (Year, ["26", "3026"]),
    (Whole, ["x", "-1", "999999"]),
    (Email, ["geen adres", "@voorbeeld.nl", "a" * 300 + "@voorbeeld.nl"]),
    (Phone, ["12", "bel mij", "0" * 70]),
    (Iban, ["NL91ABNA0417164301", "12", "NL" * 40]),
    (Kvk, ["1234567", "x" * 8]),
    (Postcode, ["0123 AB", "1234", "1234 SS"]),
    (HouseNumberSuffix, ["!", "x" * 13]),
    (Country, ["Atlantis"]),
    (Choice, ["onzin"]),
    (YesNo, ["misschien"]),
    (Url, ["javascript:alert(1)", "geen adres"]),
    (Text, ["x" * 11_000]),
]


def wrong_for(kind: Kind) -> list[str]:
    """Nonsense for this kind, of the most special one that it is."""
    for cls in type(kind).__mro__:
        for known, values in WRONG:
            if cls is known:
                return [typed for typed in values if typed != "-1" or getattr(kind, "nonnegative", True)]
    return ["x" * 50_000]


CASES = [
    (section.key, name, typed)
    for section in SECTIONS.values()
    for name in section.names
    for typed in wrong_for(facts_of(section.model)[name].kind)  # type: ignore[arg-type]  # forms have kinds only
]


@pytest.fixture
def address_of(as_: As, shelf: Shelf) -> dict[str, str]:
    """Where the form of each section of one household is sent."""

    def made() -> tuple[UUID, UUID]:
        with as_(ANN):
            lead = a_full_lead()
            return lead.id, persons_of(lead)[0].id

    lead_id, jan = shelf.once("a full household", made)
    base = f"/leads/{lead_id}"
    found = {key: f"{base}/{key}/{'new' if section.add else 'edit'}" for key, section in SECTIONS.items()}
    return found | {"person": f"{base}/person/{jan}/edit", "stage": f"{base}/stage"}


def refused(client: Browser, address: str, name: str, typed: str) -> None:
    response = client.send(address, {name: typed})
    page = unescape(response.get_data(as_text=True))
    assert response.status_code == 422
    assert f'id="{name}-error"' in page, "no message beside the field"


def by_section() -> list[Any]:
    """One browser walks through all wrong values of a section: signing in for each would take minutes."""
    return [pytest.param([case[1:] for case in CASES if case[0] == key], key, id=key) for key in SECTIONS]


@pytest.mark.asvs("V2.2.1", "V2.2.2", "V15.3.5")
@pytest.mark.parametrize(("cases", "section"), by_section())
def test_nonsense_is_refused(
    client_as: ClientAs, address_of: dict[str, str], cases: list[tuple[str, str]], section: str
) -> None:
    client = client_as(ANN)
    for name, typed in cases:
        refused(client, address_of[section], name, typed)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_messages_speak_the_readers_language(client_as: ClientAs, address_of: dict[str, str], language: str) -> None:
    client = client_as(ANN)
    client.send("/preferences", {"language": language})
    page = unescape(client.send(address_of["person"], {"email": "geen"}).get_data(as_text=True))
    assert ("Dit is geen e-mailadres" in page) == (language == "nl")
    assert ("This is not an e-mail address" in page) == (language == "en")


def test_what_was_typed_stays(client_as: ClientAs, address_of: dict[str, str]) -> None:
    client = client_as(ANN)
    for name, typed in (("email", 'geen "adres" <b>'), ("iban", "NL00"), ("birth_name", "O'Neill"), ("city", "Ede")):
        page = client.send(address_of["person"], {"email": "geen", name: typed}).get_data(as_text=True)
        assert f'value="{typed}"' in unescape(page)
        assert "<b>" not in page.split('id="person"')[1].split("</form>")[0]


@pytest.mark.parametrize("name", PART)
def test_loan_parts(client_as: ClientAs, address_of: dict[str, str], name: str) -> None:
    kind = facts_of(LoanPart)[name].kind
    client = client_as(ANN)
    for typed in wrong_for(kind):  # type: ignore[arg-type]  # parts have kinds only
        response = client.send(address_of["wish"], {"parts": "1", f"part-1-{name}": typed})
        assert response.status_code == 422
        assert f'id="part-1-{name}-error"' in response.get_data(as_text=True)


@pytest.mark.parametrize("name", STAGE)
def test_stage(client_as: ClientAs, address_of: dict[str, str], name: str) -> None:
    typed = wrong_for(facts_of(Lead)[name].kind)[0]  # type: ignore[arg-type]
    refused(client_as(ANN), address_of["stage"], name, typed)


@pytest.mark.parametrize(
    ("section", "name"), [("asset", "kind"), ("income", "employment"), ("stage", "stage"), ("wish", "part-1-amount")]
)
def test_what_cannot_be_seen_fills_in_nothing(
    client_as: ClientAs, address_of: dict[str, str], section: str, name: str
) -> None:
    refused(client_as(ANN), address_of[section], name, "\u202e")


@pytest.mark.parametrize("parts", ["-1", "0", "x", "1000000", ""])
def test_a_strange_number_of_parts_does_no_harm(client_as: ClientAs, address_of: dict[str, str], parts: str) -> None:
    assert client_as(ANN).send(address_of["wish"], {"parts": parts, "more": "yes"}).status_code == 200


BETWEEN_FIELDS = [
    ("income", {"employment": "flexible"}, "agency_phase"),
    ("income", {"employment": "10", "started_on": "1-2-2020", "ends_on": "1-1-2020"}, "ends_on"),
    ("obligation", {"kind": "credit", "student_scheme": "new"}, "student_scheme"),
    ("obligation", {"kind": "lease", "started_on": "1-2-2020", "ends_on": "1-1-2020"}, "ends_on"),
    ("property", {"leasehold": "no", "canon": "100"}, "canon"),
    ("property", {"build_type": "existing", "build_sum": "100.000"}, "build_sum"),
    ("existing", {"lender": "Bank", "rate_end": "1-1-2040", "end_date": "1-1-2030"}, "end_date"),
    ("person", {"birth_name": "Bos", "house_number": "1"}, "postcode"),
    ("person", {"birth_name": "Bos", "marital_status": "single", "property_regime": "community"}, "property_regime"),
    ("person", {"birth_name": "Bos", "children": "2", "children_birth_years": "2012"}, "children_birth_years"),
]


@pytest.mark.asvs("V2.2.3")
@pytest.mark.parametrize(("section", "typed", "name"), BETWEEN_FIELDS)
def test_fields_that_contradict_each_other(
    as_: As, client_as: ClientAs, address_of: dict[str, str], section: str, typed: dict[str, str], name: str
) -> None:
    jan = address_of["person"].split("/")[-2]
    response = client_as(ANN).send(address_of[section], {"person_id": jan} | typed)
    assert response.status_code == 422
    assert f'id="{name}-error"' in response.get_data(as_text=True)


@pytest.mark.parametrize("typed", ["", "x", str(UUID(int=7))])
def test_an_income_belongs_to_somebody_of_the_household(
    client_as: ClientAs, address_of: dict[str, str], typed: str
) -> None:
    response = client_as(ANN).send(address_of["income"], {"employment": "10", "person_id": typed})
    assert response.status_code == 422
    assert 'id="person_id-error"' in response.get_data(as_text=True)
