"""A lead with everything that belongs to it, in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, LoanPart, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.source import Label, Source, Supplier


@dataclass
class Household:
    """One lead as its page shows it."""

    lead: Lead
    home: Property | None
    wish: Wish | None
    owner: str | None
    source: str | None
    label: str | None
    supplier: str | None
    persons: Sequence[Person] = ()
    incomes: Sequence[Income] = ()
    obligations: Sequence[Obligation] = ()
    assets: Sequence[Asset] = ()
    parts: Sequence[LoanPart] = ()
    existing: Sequence[ExistingMortgage] = ()
    consents: Sequence[Consent] = field(default=())

    def person(self, person_id: UUID | None) -> Person | None:
        return next((person for person in self.persons if person.id == person_id), None)


def household(lead_id: UUID) -> Household | None:
    """None when there is no such lead, or not for this viewer."""
    rows = session.execute(lead_with_names(lead_id)).all()
    if not rows:
        return None
    found = Household(*rows[0][:-1])
    found.existing = [row[-1] for row in rows if row[-1] is not None]
    found.persons, found.incomes = _persons_and_incomes(lead_id)
    found.obligations = _rows(lead_id, Obligation, Obligation.created_at)
    found.assets = _rows(lead_id, Asset, Asset.created_at)
    found.parts = _rows(lead_id, LoanPart, LoanPart.number)
    found.consents = _rows(lead_id, Consent, Consent.created_at)
    return found


def lead_with_names(lead_id: UUID) -> Select[*tuple[Any, ...]]:
    """The lead, its property and wish, names of owner, source, label and supplier; a row for each mortgage it has."""
    return (
        select(Lead, Property, Wish, User.name, Source.name, Label.name, Supplier.name, ExistingMortgage)
        .outerjoin(Property, of_same_company(Property, Property.lead_id == Lead.id))
        .outerjoin(Wish, of_same_company(Wish, Wish.lead_id == Lead.id))
        .outerjoin(User, of_same_company(User, User.id == Lead.owner_id))
        .outerjoin(Source, of_same_company(Source, Source.id == Lead.source_id))
        .outerjoin(Label, of_same_company(Label, Label.id == Lead.label_id))
        .outerjoin(Supplier, of_same_company(Supplier, Supplier.id == Lead.supplier_id))
        .outerjoin(ExistingMortgage, of_same_company(ExistingMortgage, ExistingMortgage.lead_id == Lead.id))
        .where(Lead.id == lead_id, Lead.deleted_at.is_(None))
        .order_by(ExistingMortgage.created_at, ExistingMortgage.id)
    )


def _persons_and_incomes(lead_id: UUID) -> tuple[list[Person], list[Income]]:
    """In one statement: an income is always somebody's."""
    theirs = and_(
        Income.company_id == Person.company_id, Income.lead_id == Person.lead_id, Income.person_id == Person.id
    )
    asked = select(Person, Income).outerjoin(Income, theirs).where(Person.lead_id == lead_id)
    asked = asked.order_by(Person.position, Person.id, Income.created_at, Income.id)
    rows: Sequence[Any] = session.execute(asked).all()
    incomes = [income for _person, income in rows if income is not None]
    return list({row[0].id: row[0] for row in rows}.values()), sorted(incomes, key=lambda each: each.created_at)


def of_same_company(model: Any, condition: Any) -> Any:
    return and_(model.company_id == Lead.company_id, condition)


def _rows(lead_id: UUID, model: Any, order: Any) -> Sequence[Any]:
    return session.scalars(select(model).where(model.lead_id == lead_id).order_by(order, model.id)).all()


def row_of(lead_id: UUID, model: Any, row_id: UUID) -> Any:
    """One row of this lead; None when it is another lead's."""
    return session.scalars(select(model).where(model.id == row_id, model.lead_id == lead_id)).one_or_none()


def lead_to_change(lead_id: UUID) -> Lead | None:
    return session.scalars(select(Lead).where(Lead.id == lead_id, Lead.deleted_at.is_(None))).one_or_none()
