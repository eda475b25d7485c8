"""The columns of a board. Each is a few stretches of one index; how many leads it holds makes no difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_, union_all

from leadcrm.auth.models.people import User
from leadcrm.core.paging import MOST_COUNTED, Place, Sort
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Label
from leadcrm.leads.queries.household import of_same_company
from leadcrm.leads.queries.lists import NOBODY
from leadcrm.pipelines.services.layout import Part

CARDS = 25
Rows = Select[*tuple[Any, ...]]
NEWEST = Sort("since", Lead.stage_since, Lead.id, descending=True)
LONGEST = Sort("since", Lead.stage_since, Lead.id)


@dataclass(frozen=True)
class Narrowed:
    """What the board is narrowed to; None is no filter. `one_owner`: all leads seen are of one person.

    One person has thousands, a column of the company may hold hundreds of thousands: then a column is cut out of that
    person's leads, instead of looking for theirs among those of the column. The planner, left to itself, guesses.
    """

    owner: UUID | None = None
    source: UUID | None = None
    label: UUID | None = None
    one_owner: bool = False

    @property
    def any(self) -> bool:
        return any(value is not None for value in (self.owner, self.source, self.label))


class Leads:
    """The leads that columns are made of: the table, or what one person has of it."""

    def __init__(self, narrowed: Narrowed):
        self.conditions = [Lead.deleted_at.is_(None), *_conditions(narrowed)]
        self.table: Any = Lead
        if narrowed.one_owner:
            needed = (Lead.company_id, Lead.id, Lead.step_id, Lead.stage, Lead.stage_since, Lead.mortgage_amount)
            theirs = select(*needed).where(*self.conditions).cte("theirs").prefix_with("MATERIALIZED")
            self.table, self.conditions = theirs.c, []

    def within(self, part: Part) -> ColumnElement[bool]:
        step = self.table.step_id
        here = step.is_(None) if part.step_id is None else step == part.step_id
        return and_(here, self.table.stage == part.stage, *self.conditions)


def _conditions(narrowed: Narrowed) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if narrowed.owner is not None:
        found.append(Lead.owner_id.is_(None) if narrowed.owner == NOBODY else Lead.owner_id == narrowed.owner)
    if narrowed.source is not None:
        found.append(Lead.source_id == narrowed.source)
    if narrowed.label is not None:
        found.append(Lead.label_id == narrowed.label)
    return found


def cards(parts: Sequence[Part], narrowed: Narrowed, sort: Sort, place: Place | None = None) -> Rows:
    """The cards after `place`, and one more when there are more. Each stretch gives so many at most."""
    leads = Leads(narrowed)
    table = leads.table
    key = tuple_(table.stage_since, table.id)
    stretches = []
    for part in parts:
        stretch = select(table.company_id, table.id, table.stage_since).where(leads.within(part))
        if place is not None:
            here = tuple_(place.key, place.id)
            stretch = stretch.where(key < here if sort.descending else key > here)
        # By the step too, which is the same for all: the planner does not see that IS NULL leaves the index in order.
        stretches.append(stretch.order_by(*_ordered(sort, table.step_id, table.stage_since, table.id)).limit(CARDS + 1))
    top = _together(stretches, "top")
    return (
        card_columns()
        .join(top, and_(top.c.company_id == Lead.company_id, top.c.id == Lead.id))
        .order_by(*_ordered(sort, top.c.stage_since, top.c.id))
        .limit(CARDS + 1)
    )


def _ordered(sort: Sort, *columns: Any) -> list[Any]:
    return [column.desc() if sort.descending else column.asc() for column in columns]


def _together(stretches: Sequence[Rows], name: str) -> Any:
    """Each in brackets of its own, or its order and limit would be the whole's."""
    if len(stretches) == 1:
        return stretches[0].subquery(name)
    inner = [select(stretch.subquery()) for stretch in stretches]
    return union_all(*inner).subquery(name)


def card_columns() -> Rows:
    """What stands on a card."""
    return (
        select(
            Lead.id, Lead.household_name.label("name"), Lead.reference, Lead.goal, Lead.stage, Lead.stage_since,
            Lead.mortgage_amount, Lead.next_action, Lead.next_action_at, User.name.label("owner"),
            Label.name.label("label"),
        )
        .select_from(Lead)
        .outerjoin(User, of_same_company(User, User.id == Lead.owner_id))
        .outerjoin(Label, of_same_company(Label, Label.id == Lead.label_id))
    )  # fmt: skip


def card(lead_id: UUID) -> Rows:
    return card_columns().where(Lead.id == lead_id, Lead.deleted_at.is_(None))


def total(parts: Sequence[Part], narrowed: Narrowed) -> Rows:
    """How many, and their mortgage amounts together; of no more than one more than MOST_COUNTED."""
    leads = Leads(narrowed)
    amount = leads.table.mortgage_amount
    stretches = [select(amount).where(leads.within(part)).limit(MOST_COUNTED + 1) for part in parts]
    found = _together(stretches, "found")
    some = select(found.c.mortgage_amount).limit(MOST_COUNTED + 1).subquery("some")
    return select(func.count().label("many"), func.sum(some.c.mortgage_amount).label("amount")).select_from(some)
