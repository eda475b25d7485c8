"""Changing what a lead consists of, one section at a time. Derived columns and the timeline follow by themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.reveal import plain
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart, Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.removed import Removed
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services import derive
from leadcrm.leads.services.agreements import apply_label
from leadcrm.leads.services.bringing_back import write_down
from leadcrm.leads.services.timeline import tell

Values = Mapping[str, Any]


def add(lead: Lead, model: type, section: str, values: Values, **keys: Any) -> Any:
    """A new row of the household."""
    row = model(company_id=lead.company_id, lead_id=lead.id, **keys, **values)
    session.add(row)
    _changed(lead, row, section)
    return row


def change(lead: Lead, row: Any, section: str, values: Values) -> bool:
    """New values for a row, or for the lead itself; untouched ones stay untouched."""
    changed = {name: value for name, value in values.items() if plain(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if "label_id" in changed:
        apply_label(lead)
    if changed:
        _changed(lead, row, section, derives=row is not lead or "external_reference" in changed)
    return bool(changed)


def remove(lead: Lead, row: Any, section: str) -> Removed:
    """Takes it out; the answer is what brings it back."""
    kept = write_down(lead, row, section)
    session.delete(row)
    _changed(lead, row, section)
    return kept


def _changed(lead: Lead, row: Any, section: str, derives: bool = True) -> None:
    if derives:
        session.flush()
        derive.refresh(lead, after=row.__tablename__)
    tell(lead, EntryKind.CHANGED, section)


def next_position(lead: Lead) -> int | None:
    """The place for another applicant; None when there are two."""
    taken = set(session.scalars(select(Person.position).where(Person.lead_id == lead.id)))
    return next((position for position in (1, 2) if position not in taken), None)


def save_wish(lead: Lead, values: Values, parts: Sequence[Values]) -> None:
    """The wish with its loan parts in their order. Without an amount of its own the parts make the amount."""
    total = sum(part["amount"] for part in parts) if parts else None
    wished = dict(values) | {"mortgage_amount": values.get("mortgage_amount") or total}
    wish = session.scalars(select(Wish).where(Wish.lead_id == lead.id)).one_or_none()
    if wish is None:
        wish = Wish(company_id=lead.company_id, lead_id=lead.id)
        session.add(wish)
    for name, value in wished.items():
        setattr(wish, name, value)
    _save_parts(lead, parts)
    _changed(lead, wish, "wish")


def _save_parts(lead: Lead, parts: Sequence[Values]) -> None:
    existing = session.scalars(select(LoanPart).where(LoanPart.lead_id == lead.id).order_by(LoanPart.number)).all()
    for number, values in enumerate(parts, 1):
        if number <= len(existing):
            row = existing[number - 1]
        else:
            row = LoanPart(company_id=lead.company_id, lead_id=lead.id)
            session.add(row)
        for name, value in (dict(values) | {"number": number}).items():
            setattr(row, name, value)
    for surplus in existing[len(parts) :]:
        session.delete(surplus)
