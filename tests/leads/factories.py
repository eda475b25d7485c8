"""Households for tests: each function adds rows through the services, as whoever is looking."""

from datetime import date
from typing import Any

from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.models.terms import (
    AssetKind,
    ConsentChannel,
    ConsentPurpose,
    Employment,
    Goal,
    ObligationKind,
    Repayment,
)
from leadcrm.leads.services import consents, sections
from leadcrm.leads.services.leads import create_lead

JAN = {
    "initials": "J.P.", "call_name": "Jan", "infix": "de", "birth_name": "Vries", "birth_date": date(1985, 3, 14),
    "email": "jan@voorbeeld.nl", "phone": "+31612345678", "postcode": "1234 AB", "house_number": 12, "city": "Utrecht",
    "iban": "NL91ABNA0417164300",
}  # fmt: skip
ELS = {"initials": "E.", "call_name": "Els", "birth_name": "Bakker", "birth_date": date(1987, 7, 1)}


def a_lead(*persons: dict[str, Any], **lead: Any) -> Lead:
    """A lead of whoever is looking; Jan de Vries unless other persons are given."""
    created = create_lead({"goal": Goal.PURCHASE_EXISTING} | lead, persons or (JAN,))
    session.flush()
    return created


def persons_of(lead: Lead) -> list[Person]:
    return list(session.query(Person).filter_by(lead_id=lead.id).order_by(Person.position))


def a_full_lead(**lead: Any) -> Lead:
    """A household with a row in every table that belongs to a lead."""
    full = a_lead(JAN, ELS, **lead)
    jan = persons_of(full)[0]
    wage = {"employment": Employment.PERMANENT, "gross_year": 54_000_00}
    sections.add(full, Income, "income", wage, person_id=jan.id)
    sections.add(full, Obligation, "obligation", {"kind": ObligationKind.CREDIT, "monthly": 150_00}, person_id=jan.id)
    sections.add(full, Asset, "asset", {"kind": AssetKind.SAVINGS, "amount": 25_000_00}, person_id=None)
    sections.add(full, Property, "property", {"purchase_price": 400_000_00, "market_value": 410_000_00})
    sections.add(full, ExistingMortgage, "existing", {"lender": "Voorbeeldbank", "current_balance": 180_000_00})
    part = {"amount": 200_000_00, "repayment": Repayment.ANNUITY, "term_months": 360}
    sections.save_wish(full, {"mortgage_amount": 360_000_00}, [part, part | {"amount": 160_000_00}])
    consents.give(full, jan.id, {"channel": ConsentChannel.PHONE, "purpose": ConsentPurpose.ADVICE})
    session.flush()
    return full


def where_from(name: str = "Huisvergelijker") -> tuple[Source, Label, Supplier]:
    """A source, label and supplier of the company of the manager who is looking."""
    company_id = {"company_id": signed_in_viewer().company_id}
    supplier = Supplier(name=name, **company_id)
    session.add(supplier)
    session.flush()
    source = Source(key=name.lower(), name=f"{name}.nl", **company_id)
    label = Label(name=f"{name} Hypotheek", supplier_id=supplier.id, price=45_00, return_days=14, **company_id)
    session.add_all([source, label])
    session.flush()
    return source, label, supplier
