"""What a list is made from: of many leads at once, in a fixed number of statements."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from leadcrm.checklists.models.of_lead import Extra, Said
from leadcrm.core.db import session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.documents.models.document import Document
from leadcrm.documents.models.terms import State
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property

Rows = list[Any]
LEAD = (Lead.company_id, Lead.goal, Lead.papers_have, Lead.papers_need)
PERSON = (Person.id, Person.position, Person.call_name, Person.first_names, Person.initials, Person.infix,
          Person.birth_name, Person.correspondence_name, Person.marital_status, Person.property_regime,
          Person.residence_permit)  # fmt: skip
HOME = (Property.dwelling, Property.renovation, Property.leasehold, Property.ebv_amount)
DOCUMENT = (Document.id, Document.kind, Document.person_id, Document.dated_on, Document.expires_on, Document.state,
            Document.created_at)  # fmt: skip


@dataclass
class Case:
    """What of a lead decides which documents it needs, and the documents that it has."""

    lead: Any = None
    home: Any = None
    wish: Any = None
    persons: Rows = field(default_factory=list)
    incomes: Rows = field(default_factory=list)
    obligations: Rows = field(default_factory=list)
    assets: Rows = field(default_factory=list)
    existing: Rows = field(default_factory=list)
    documents: Rows = field(default_factory=list)
    extras: Rows = field(default_factory=list)
    said: Rows = field(default_factory=list)

    def position(self, person_id: UUID | None) -> int:
        return next((person.position for person in self.persons if person.id == person_id), 0)


def cases(ids: Collection[UUID]) -> dict[UUID, Case]:
    """Of those leads that the viewer sees and that are not removed."""
    wanted = select(Lead.id.label("lead_id"), *LEAD).where(Lead.id.in_(ids), Lead.deleted_at.is_(None))
    found = {row.lead_id: Case(lead=row) for row in session.execute(wanted)}
    if not found:
        return found
    for name, statement in _parts(list(found)).items():
        for row in session.execute(statement):
            case = found[row.lead_id]
            kept = getattr(case, name)
            if isinstance(kept, list):
                kept.append(row)
            else:
                setattr(case, name, row)
    return found


def _parts(ids: list[UUID]) -> dict[str, Select[Any]]:
    kept = _of(Document, ids, *DOCUMENT).where(Document.deleted_at.is_(None), Document.state != State.REFUSED)
    return {
        "persons": _of(Person, ids, *PERSON).order_by(Person.position),
        "incomes": _of(Income, ids, Income.id, Income.person_id, Income.employment, Income.employer).order_by(
            Income.created_at, Income.id
        ),
        "obligations": _of(
            Obligation, ids, Obligation.id, Obligation.person_id, Obligation.kind, Obligation.creditor
        ).order_by(Obligation.created_at, Obligation.id),
        "assets": _of(Asset, ids, Asset.kind, Asset.for_purchase),
        "home": _of(Property, ids, *HOME),
        "wish": _of(Wish, ids, Wish.own_funds, Wish.nhg_wanted),
        "existing": _of(ExistingMortgage, ids, ExistingMortgage.id),
        "documents": kept.order_by(Document.created_at, Document.id),
        "extras": _of(Extra, ids, Extra.id, Extra.kind, Extra.person_id, Extra.name, Extra.ask).order_by(
            Extra.created_at, Extra.id
        ),
        "said": _of(Said, ids, Said.item, Said.mark),
    }


def _of(model: Any, ids: list[UUID], *columns: Any) -> Select[Any]:
    return select(model.lead_id, *columns).where(model.lead_id.in_(ids))


def day_of(document: Any) -> date:
    """The date that stands on it; without one the day on which it came."""
    dated: date | None = document.dated_on
    return dated or document.created_at.astimezone(OFFICE).date()
