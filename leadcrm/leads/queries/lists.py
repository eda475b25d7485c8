"""The list of leads: filters, orders, columns, and what the filter menus offer. Plugins add theirs in extras.py."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select, and_, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from leadcrm.auth.models.people import User
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.paging import Sort
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.models.terms import CLOSED, Goal, Stage
from leadcrm.leads.queries.household import of_same_company

MOST_FOUND = 1_000  # a search that finds more says so; it should be narrowed, not paged through
NOBODY = UUID(int=0)  # the owner of what is not assigned

SORTS: Mapping[str, Sort] = {
    "created": Sort("created", Lead.created_at, Lead.id),
    "name": Sort("name", Lead.sort_name, Lead.id, nullable=True),
    "amount": Sort("amount", Lead.mortgage_amount, Lead.id, nullable=True),
    "action": Sort("action", Lead.next_action_at, Lead.id, nullable=True),
}


Key = tuple[InstrumentedAttribute[Any], InstrumentedAttribute[UUID]]  # what an index is in order of: a value and an id


@dataclass(frozen=True)
class Narrowing:
    """A filter that a plugin brought (see extras.py), which is on.

    `narrow` joins a table whose key the statement knows by then, so that an index serves it under the policies. By
    `orders` another index has the same rows in an order of the list, and may be walked by who sees most of them.
    """

    name: str  # in the address
    label: str
    said: str  # what it is narrowed to, in words
    narrow: Callable[[Select[Any]], Select[Any]]
    orders: Mapping[str, Key] = field(default_factory=dict)
    parts: tuple[tuple[str, str | None], ...] = ()  # each with a chip: what it says, and what is left without it


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; None is no filter."""

    q: str | None = None  # as found_by() of services/finding.py has it
    stage: Stage | None = None
    closed: bool | None = None
    owner: UUID | None = None
    source: UUID | None = None
    label: UUID | None = None
    goal: Goal | None = None
    amount_from: int | None = None
    amount_to: int | None = None
    created_from: date | None = None
    created_to: date | None = None
    extra: tuple[Narrowing, ...] | None = None

    @property
    def any(self) -> bool:
        return any(getattr(self, each.name) is not None for each in fields(self))


def narrowed(statement: Select[Any], filters: Filters) -> Select[Any]:
    """Only operators that an index may serve under a policy; words go through the function that looks behind it."""
    if filters.q is not None:
        found = _found(filters.q)
        statement = statement.join(found, found.c.id == Lead.id)
    for each in filters.extra or ():
        statement = each.narrow(statement)
    conditions = list(_conditions(filters))
    return statement.where(*conditions) if conditions else statement


@lru_cache(maxsize=32)
def _found(asked: str) -> CTE:
    """One and the same for the rows and for their number, so that a page searches once."""
    found = func.leads_found(asked, MOST_FOUND).table_valued("id", "created_at", name="found")
    return select(found.c.id).cte("found")


def with_searched(statement: Select[Any], asked: str | None) -> Select[Any]:
    """With `_searched` in each row: how many the search itself found, whatever else narrows the list."""
    return statement if asked is None else statement.add_columns(searched(asked).label("_searched"))


def searched(asked: str) -> ScalarSelect[int]:
    return select(func.count()).select_from(_found(asked)).scalar_subquery()


def _conditions(filters: Filters) -> Iterable[ColumnElement[bool]]:
    equal = {
        Lead.stage: filters.stage,
        Lead.source_id: filters.source,
        Lead.label_id: filters.label,
        Lead.goal: filters.goal,
    }
    yield from (column == value for column, value in equal.items() if value is not None)
    if filters.owner is not None:
        yield Lead.owner_id.is_(None) if filters.owner == NOBODY else Lead.owner_id == filters.owner
    if filters.closed is not None:
        yield Lead.stage.in_(CLOSED) if filters.closed else Lead.stage.not_in(CLOSED)
    if filters.amount_from is not None:
        yield Lead.mortgage_amount >= filters.amount_from
    if filters.amount_to is not None:
        yield Lead.mortgage_amount <= filters.amount_to
    if filters.created_from is not None:
        yield Lead.created_at >= _start_of(filters.created_from)
    if filters.created_to is not None:
        yield Lead.created_at < _start_of(filters.created_to + timedelta(days=1))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE)


@dataclass(frozen=True)
class Column:
    """A column that can be shown: what it selects, which table it needs, and by which order it sorts.

    One that is `plain` needs no word beside it on a phone: an amount is an amount. One that is `roomy` is left out on
    a small screen, unless somebody chose it. Those that plugins bring have a `label`, and a `cell` that makes of the
    column what writes it for a row, and `worded` the same without markup; what several read is `shared` by name. One
    that is masked there has `opened` too, for who may open it and is written down.
    """

    name: str
    selects: tuple[Any, ...] = ()
    needs: str = ""  # owner, source, label, supplier or person
    sort: str = ""
    number: bool = False
    default: bool = False
    plain: bool = False
    roomy: bool = False
    label: str = ""
    shared: tuple[tuple[str, Any], ...] = ()
    cell: Callable[["Column"], Callable[[Any], Any]] | None = None
    worded: Callable[["Column"], Callable[[Any], str]] | None = None
    opened: Callable[["Column"], Callable[[Any], str]] | None = None


COLUMNS: tuple[Column, ...] = (
    Column("goal", (Lead.goal,), default=True, plain=True),
    Column("stage", (Lead.stage,), default=True, plain=True),
    Column("mortgage_amount", (Lead.mortgage_amount,), sort="amount", number=True, default=True, plain=True),
    Column("next_action", (Lead.next_action, Lead.next_action_at), sort="action", default=True),
    Column("owner", (User.name,), needs="owner", default=True, plain=True),
    Column("label", (Label.name,), needs="label", default=True, roomy=True),
    Column("last_contact_at", (Lead.last_contact_at,), default=True, roomy=True),
    Column("papers", (Lead.papers_have, Lead.papers_need)),
    Column("created_at", (Lead.created_at,), sort="created"),
    Column("stage_since", (Lead.stage_since,)),
    Column("urgency", (Lead.urgency,)),
    Column("contact_attempts", (Lead.contact_attempts,), number=True),
    Column("property_value", (Lead.property_value,), number=True),
    Column("ltv", (Lead.mortgage_amount, Lead.property_value), number=True),
    Column("source", (Source.name,), needs="source"),
    Column("supplier", (Supplier.name,), needs="supplier"),
    Column("lead_cost", (Lead.lead_cost,), number=True),
    Column("return_deadline", (Lead.return_deadline,)),
    Column("external_reference", (Lead.external_reference,)),
    Column("email", (Person.email,), needs="person"),
    Column("phone", (Person.phone,), needs="person"),
    Column("city", (Person.city,), needs="person"),
    Column("postcode", (Person.postcode,), needs="person"),
    Column("birth_date", (Person.birth_date,), needs="person"),
    Column("iban", (Person.iban,), needs="person"),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}

JOINS: Mapping[str, tuple[Any, Any]] = {
    "owner": (User, of_same_company(User, User.id == Lead.owner_id)),
    "source": (Source, of_same_company(Source, Source.id == Lead.source_id)),
    "label": (Label, of_same_company(Label, Label.id == Lead.label_id)),
    "supplier": (Supplier, of_same_company(Supplier, Supplier.id == Lead.supplier_id)),
    "person": (Person, of_same_company(Person, and_(Person.lead_id == Lead.id, Person.position == 1))),
}


def leads_with(filters: Filters, columns: tuple[Column, ...]) -> Select[Any]:
    """The rows of one page: `id`, `name`, `reference`, what columns share and, per column, `<column>_0`, `<column>_1`.

    Without filters it is one and the same statement each time, and SQLAlchemy need not work out what it is.
    """
    return narrowed(_all_leads_with(columns), filters)


@lru_cache(maxsize=256)
def _all_leads_with(columns: tuple[Column, ...]) -> Select[Any]:
    selected = [
        each.label(f"{column.name}_{number}") for column in columns for number, each in enumerate(column.selects)
    ]
    shared = {name: each for column in columns for name, each in column.shared}
    selected += [each.label(name) for name, each in shared.items()]
    statement = select(Lead.id, Lead.household_name.label("name"), Lead.reference, *selected).select_from(Lead)
    needed = {column.needs for column in columns if column.needs}
    if "person" in needed:
        statement = statement.add_columns(Person.id.label("person_id"), Person.company_id.label("person_company"))
    for name in sorted(needed):
        target, condition = JOINS[name]
        statement = statement.outerjoin(target, condition)
    return statement.where(Lead.deleted_at.is_(None))


def counted(filters: Filters) -> Select[Any]:
    return narrowed(_ALL_LEADS, filters)


_ALL_LEADS = select(Lead.id).where(Lead.deleted_at.is_(None))


@dataclass(frozen=True)
class Choices:
    """What the filter menus and the bulk bar offer: (id, name) in the order of the names."""

    owner: list[tuple[str, str]] = field(default_factory=list)
    source: list[tuple[str, str]] = field(default_factory=list)
    label: list[tuple[str, str]] = field(default_factory=list)
    supplier: list[tuple[str, str]] = field(default_factory=list)

    def name_of(self, kind: str, ident: UUID) -> str | None:
        return dict(getattr(self, kind)).get(str(ident))


@cache
def choices() -> Select[Any]:
    """Kind, id and name of every active owner, source, label and supplier, in one statement."""
    kinds: tuple[tuple[str, Any], ...] = (("owner", User), ("source", Source), ("label", Label), ("supplier", Supplier))
    parts = [select(literal(kind).label("kind"), model.id, model.name).where(model.active) for kind, model in kinds]
    offered = union_all(*parts).subquery()
    return select(offered).order_by(offered.c.name)


def gathered(rows: Iterable[Any]) -> Choices:
    found = Choices()
    for kind, ident, name in rows:
        getattr(found, kind).append((str(ident), name))
    return found
