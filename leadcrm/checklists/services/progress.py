"""How many of the wanted documents are in: kept with the lead, so that the list of leads shows it for nothing."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from leadcrm.checklists.services import template
from leadcrm.checklists.services.cases import cases
from leadcrm.checklists.services.items import counted, listed
from leadcrm.core.db import session
from leadcrm.leads.models.lead import Lead

AT_ONCE = 500


def keep(ids: Collection[UUID]) -> int:
    """Work it out anew for these leads; how many figures changed. Nothing else of a lead is touched."""
    found = cases(ids)
    templates = template.of_companies({case.lead.company_id for case in found.values()})
    changed: dict[tuple[int, int], list[UUID]] = defaultdict(list)
    for ident, case in found.items():
        figures = counted(listed(case, templates[case.lead.company_id]))
        if figures != (case.lead.papers_have, case.lead.papers_need):
            changed[figures].append(ident)
    for (have, need), alike in sorted(changed.items()):
        _write(alike, have, need)
    return sum(map(len, changed.values()))


def _write(ids: Collection[UUID], have: int, need: int) -> None:
    same: Any = {"papers_have": have, "papers_need": need, "updated_at": Lead.updated_at}
    written = update(Lead).where(Lead.id.in_(ids)).values(**same)
    session.execute(written, execution_options={"synchronize_session": False})


def counted_leads(after: UUID | None, *, never: bool = False) -> list[UUID]:
    """The next ones by id, of those whose figure is kept; with `never` of those that have none yet."""
    kept = Lead.papers_need.is_(None) if never else Lead.papers_need.is_not(None)
    statement = select(Lead.id).where(kept, Lead.deleted_at.is_(None)).order_by(Lead.id).limit(AT_ONCE)
    return list(session.scalars(statement if after is None else statement.where(Lead.id > after)))
