"""What follows from other rows: names, amounts and search words of a lead; the blind index of a person.

The same functions serve a form, an import and the demo data: they take plain values, of rows or of dicts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.reveal import peek, plain
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart, Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.services.finding import birth_key, search_vector, search_words
from leadcrm.leads.services.names import household_name, sort_name

PERSON_WORDS = (
    "first_names", "call_name", "infix", "birth_name", "correspondence_name", "initials", "email", "phone", "postcode",
    "house_number", "city", "birth_date", "iban",
)  # fmt: skip
LEAD_WORDS = ("reference", "external_reference")

Values = Mapping[str, Any]
NOTHING: Values = {}


def of_lead(
    company_id: UUID, lead: Values, persons: Sequence[Values], wish: Values = NOTHING, parts: Sequence[Values] = (),
    home: Values = NOTHING,
) -> dict[str, Any]:  # fmt: skip
    """The derived columns of a lead. Persons in the order of their position."""
    amounts = {"mortgage_amount": mortgage_amount(wish, parts), "property_value": property_value(home)}
    return amounts | of_persons(company_id, lead, persons)


def of_persons(company_id: UUID, lead: Values, persons: Sequence[Values]) -> dict[str, Any]:
    return {
        "household_name": household_name(persons),
        "sort_name": sort_name(persons),
        "search": search_vector(company_id, search_words(company_id, lead, persons)),
    }


def of_person(company_id: UUID, person: Values) -> dict[str, Any]:
    """The derived columns of a person, from plain values."""
    return {"birth_key": birth_key(company_id, person.get("birth_date"), person.get("birth_name"))}


def mortgage_amount(wish: Values, parts: Sequence[Values]) -> int | None:
    """The sum of the loan parts, without bridging; the wished amount while there are no parts."""
    return sum(part["amount"] for part in parts) if parts else wish.get("mortgage_amount")


def property_value(home: Values) -> int | None:
    """What the loan is measured against: the market value; what it costs while nobody appraised it."""
    built = [amount for amount in (home.get("build_sum"), home.get("extra_work")) if amount]
    bought = home.get("purchase_price")
    cost = (bought or 0) + sum(built) if bought or built else None
    return home.get("market_value") or cost or home.get("woz_value")


def refresh(lead: Lead, after: str) -> None:
    """Bring up to date what follows from a table (its name) after rows of it changed. Other tables have no say."""
    derived = DERIVED.get(after)
    if derived is not None:
        for name, value in derived(lead).items():
            setattr(lead, name, value)


def _after_persons(lead: Lead) -> dict[str, Any]:
    persons = session.scalars(_rows_of(lead, Person).order_by(Person.position)).all()
    for person in persons:
        person.birth_key = birth_key(lead.company_id, peek(person, "birth_date"), person.birth_name)
    return of_persons(lead.company_id, values_of(lead, LEAD_WORDS), [values_of(each, PERSON_WORDS) for each in persons])


def _after_wish(lead: Lead) -> dict[str, Any]:
    wish = session.scalars(_rows_of(lead, Wish)).one_or_none()
    parts = session.scalars(_rows_of(lead, LoanPart)).all()
    amounts = [values_of(part, ("amount",)) for part in parts]
    return {"mortgage_amount": mortgage_amount(values_of(wish, ("mortgage_amount",)), amounts)}


def _after_property(lead: Lead) -> dict[str, Any]:
    home = session.scalars(_rows_of(lead, Property)).one_or_none()
    return {"property_value": property_value(values_of(home, PROPERTY_AMOUNTS))}


PROPERTY_AMOUNTS = ("market_value", "purchase_price", "build_sum", "extra_work", "woz_value")
DERIVED: Mapping[str, Callable[[Lead], dict[str, Any]]] = {
    Lead.__tablename__: _after_persons,
    Person.__tablename__: _after_persons,
    Wish.__tablename__: _after_wish,
    LoanPart.__tablename__: _after_wish,
    Property.__tablename__: _after_property,
}


def _rows_of(lead: Lead, model: Any) -> Any:
    return select(model).where(model.company_id == lead.company_id, model.lead_id == lead.id)


def values_of(row: Any, names: Sequence[str]) -> Values:
    return NOTHING if row is None else {name: plain(row, name) for name in names}
