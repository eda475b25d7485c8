"""The list of one lead: what is wanted, why, and what of it is there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from leadcrm.checklists.models.terms import ItemState, Mark
from leadcrm.checklists.services import template
from leadcrm.checklists.services.cases import Case, cases, day_of
from leadcrm.checklists.services.situations import subjects
from leadcrm.checklists.services.template import Template
from leadcrm.core.db import now
from leadcrm.core.fields.dates import OFFICE
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.services.names import first_name

IN = frozenset({ItemState.ARRIVED, ItemState.CHECKED})
EXTRA = "extra"


@dataclass(frozen=True)
class Item:
    """One thing that is wanted. `key` names it as long as rule and subject are there."""

    key: str
    kind: DocumentKind
    name: str
    ask: str
    person: UUID | None = None
    who: str = ""
    why: str = ""
    copies: int = 1
    months: int | None = None
    state: ItemState = ItemState.MISSING
    documents: tuple[UUID, ...] = ()

    @property
    def is_in(self) -> bool:
        return self.state in IN

    @property
    def is_wanted(self) -> bool:
        return self.state != ItemState.NOT_NEEDED

    @property
    def is_missing(self) -> bool:
        return self.is_wanted and not self.is_in

    @property
    def is_extra(self) -> bool:
        return self.key.startswith(f"{EXTRA}:")


def wanted(lead: Any) -> list[Item]:
    """The list of one lead, in the order in which an adviser asks."""
    found = cases([lead.id]).get(lead.id)
    return listed(found, template.of_companies({lead.company_id})[lead.company_id]) if found else []


def progress(lead: Any) -> tuple[int, int]:
    return counted(wanted(lead))


def counted(items: Sequence[Item]) -> tuple[int, int]:
    """How many are in, of how many that are wanted."""
    needed = [item for item in items if item.is_wanted]
    return sum(item.is_in for item in needed), len(needed)


def listed(case: Case, lines: Template) -> list[Item]:
    items = [*_asked(case, lines), *_extras(case)]
    said = {row.item: row.mark for row in case.said}
    shared = _shared_out(items, case.documents)
    return [_judged(item, shared[item.key], said.get(item.key)) for item in items]


def _asked(case: Case, lines: Template) -> Iterator[Item]:
    for want in lines.values():
        for subject in subjects(want, case):
            yield Item(
                f"{want.key}:{subject.id or ''}", want.kind, want.name, want.ask, subject.person_id,
                who(case, subject.person_id), subject.why, want.copies, want.months,
            )


def _extras(case: Case) -> Iterator[Item]:
    for extra in case.extras:
        name = who(case, extra.person_id)
        yield Item(f"{EXTRA}:{extra.id}", extra.kind, extra.name, extra.ask or "", extra.person_id, name)


def who(case: Case, person_id: UUID | None) -> str:
    """By first name, or by their place; nobody needs telling in a household of one."""
    found = next((person for person in case.persons if person.id == person_id), None)
    if found is None or len(case.persons) < 2:
        return ""
    named = first_name({name: getattr(found, name) for name in ("call_name", "first_names", "initials")})
    return named or str(_("Applicant %(number)s", number=found.position))


def _shared_out(items: Sequence[Item], documents: Sequence[Any]) -> dict[str, list[Any]]:
    """Each document to one item: of its person first, then of anybody; the last that fits takes what is left over."""
    shared: dict[str, list[Any]] = {item.key: [] for item in items}
    for document in documents:
        fitting = [item for item in items if item.kind == document.kind and _concerns(item, document)]
        hungry = [item for item in fitting if len(shared[item.key]) < item.copies]
        if fitting:
            shared[(hungry or fitting[-1:])[0].key].append(document)
    return shared


def _concerns(item: Item, document: Any) -> bool:
    return document.person_id is None or item.person is None or item.person == document.person_id


def _judged(item: Item, documents: Sequence[Any], mark: Mark | None) -> Item:
    today = now().astimezone(OFFICE).date()
    good = [document for document in documents if is_good(item, document, today)]
    ids = tuple(document.id for document in documents)
    if mark == Mark.NOT_NEEDED:
        state = ItemState.NOT_NEEDED
    elif good and mark == Mark.CHECKED:
        state = ItemState.CHECKED
    elif len(good) >= item.copies:
        state = ItemState.ARRIVED
    else:
        state = ItemState.EXPIRED if documents and not good else ItemState.MISSING
    return replace(item, state=state, documents=ids)


def is_good(item: Item, document: Any, today: date) -> bool:
    """Neither past its own date nor older than is asked."""
    if document.expires_on is not None and document.expires_on < today:
        return False
    return item.months is None or day_of(document) >= months_before(today, item.months)


def months_before(day: date, months: int) -> date:
    """The same day so many months ago; the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(year, month + 1, min(day.day, last))


def missing(items: Collection[Item]) -> list[Item]:
    return [item for item in items if item.is_missing]
