"""What an adviser says about the list of one lead."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.checklists.models.of_lead import Extra, Said
from leadcrm.checklists.models.terms import Mark
from leadcrm.checklists.services.items import Item
from leadcrm.core.db import session
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.lead import Lead


def say(lead: Lead, item: Item, mark: Mark | None) -> None:
    """Checked, not needed, or neither any more."""
    said = session.scalars(select(Said).where(Said.lead_id == lead.id, Said.item == item.key)).one_or_none()
    if mark is None:
        if said is not None:
            session.delete(said)
        return
    said = said or Said(company_id=lead.company_id, lead_id=lead.id, item=item.key)
    said.mark, said.by_id = mark, current_viewer().user_id
    session.add(said)


def ask_extra(lead: Lead, values: Mapping[str, Any], person_id: UUID | None) -> Extra:
    """Something that the template does not ask for."""
    extra = Extra(company_id=lead.company_id, lead_id=lead.id, person_id=person_id, **values)
    session.add(extra)
    return extra


def drop_extra(lead: Lead, extra_id: UUID) -> bool:
    extra = session.scalars(select(Extra).where(Extra.id == extra_id, Extra.lead_id == lead.id)).one_or_none()
    if extra is not None:
        session.delete(extra)
    return extra is not None
