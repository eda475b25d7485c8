"""What is known already: leads with the same keys, and the rows that a file names by their name."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, TableValuedAlias, and_, any_, bindparam, func, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.source import Label, Source, Supplier

Known = dict[str, dict[Any, tuple[UUID, str]]]  # per kind of key: the lead and its reference, by value

_OF_PERSON = {"email": Person.email, "phone": Person.phone, "birth": Person.birth_key}


def _one_of(column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """One array instead of hundreds of parameters: the statement stays the same, and so does its plan."""
    chosen: ColumnElement[bool] = column == any_(bindparam(None, list(values), ARRAY(column.type)))
    return chosen


def _with_lead(company_id: UUID, *columns: Any) -> Select[Any]:
    its_lead = and_(Lead.company_id == Person.company_id, Lead.id == Person.lead_id)
    asked = select(*columns, Lead.id, Lead.reference).select_from(Person).join(Lead, its_lead)
    return asked.where(Person.company_id == company_id, Lead.deleted_at.is_(None))


def known_leads(company_id: UUID, wanted: dict[str, set[Any]]) -> Known:
    """Leads that the viewer sees with any of these keys: one query per kind of key."""
    found: Known = {}
    for kind, column in _OF_PERSON.items():
        if wanted.get(kind):
            rows = session.execute(_with_lead(company_id, column).where(_one_of(column, sorted(wanted[kind]))))
            found[kind] = {value: (ident, reference) for value, ident, reference in rows}
    if wanted.get("address"):
        found["address"] = dict(_at_addresses(company_id, wanted["address"]))
    if wanted.get("reference"):
        ours = select(Lead.external_reference, Lead.id, Lead.reference).where(
            Lead.company_id == company_id,
            Lead.deleted_at.is_(None),
            _one_of(Lead.external_reference, sorted(wanted["reference"])),
        )
        found["reference"] = {value: (ident, reference) for value, ident, reference in session.execute(ours)}
    return found


def _doors(wanted: set[tuple[str, int]]) -> TableValuedAlias:
    postcodes, numbers = (list(column) for column in zip(*sorted(wanted), strict=True))
    arrays = (
        bindparam(None, chosen, ARRAY(column.type))
        for column, chosen in ((Person.postcode, postcodes), (Person.house_number, numbers))
    )
    named = func.unnest(*arrays).table_valued("postcode", "house_number", name="doors")
    return named.render_derived()


def _at_addresses(company_id: UUID, wanted: set[tuple[str, int, str]]) -> Iterator[tuple[Any, tuple[UUID, str]]]:
    """By postcode and number together: a street of the company's may hold thousands of people."""
    doors = _doors({(postcode, number) for postcode, number, _name in wanted})
    asked = _with_lead(company_id, Person.postcode, Person.house_number, Person.birth_name).join(
        doors, and_(Person.postcode == doors.c.postcode, Person.house_number == doors.c.house_number)
    )
    for postcode, number, name, ident, reference in session.execute(asked):
        yield (postcode, number, name), (ident, reference)


class Directories(dict[str, dict[str, UUID]]):
    """Advisers, sources, labels and suppliers of the company, by whatever a file may call them."""

    def __init__(self, company_id: UUID) -> None:
        self.names: dict[str, list[str]] = {}
        for lookup, rows in _named_rows(company_id).items():
            self[lookup] = {word.casefold(): ident for ident, *words in rows for word in words}
            self.names[lookup] = sorted({words[-1] for _ident, *words in rows}, key=str.casefold)


def _named_rows(company_id: UUID) -> dict[str, Sequence[Any]]:
    """Per list: the id, other names, and last the name that people see."""
    asked = {
        "owner": select(User.id, User.email, User.name).where(User.active.is_(True)),
        "source": select(Source.id, Source.key, Source.name),
        "label": select(Label.id, Label.name),
        "supplier": select(Supplier.id, Supplier.name),
    }
    model: dict[str, Any] = {"owner": User, "source": Source, "label": Label, "supplier": Supplier}
    return {key: session.execute(each.where(model[key].company_id == company_id)).all() for key, each in asked.items()}
