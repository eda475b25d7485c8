"""How many of the wanted documents are in: kept with the lead, so that the list of leads shows it for nothing."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_, update

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


def counted_leads(after: UUID | None) -> list[UUID]:
    """The next ones by id of those whose figure is kept."""
    statement = select(Lead.id).where(Lead.papers_need.is_not(None), Lead.deleted_at.is_(None)).limit(AT_ONCE)
    return list(session.scalars((statement if after is None else statement.where(Lead.id > after)).order_by(Lead.id)))


def keep_next(place: str | None, most_new: int) -> str | None:
    """A step through every lead along its key: figures of those that have one, and of so many that have none yet."""
    key = Lead.company_id, Lead.id
    statement = select(*key, Lead.papers_need, Lead.deleted_at).order_by(*key).limit(AT_ONCE)
    company, lead, left = place.split() if place else ("", "", str(most_new))
    if not int(left):
        statement = statement.where(Lead.papers_need.is_not(None))
    if place:
        statement = statement.where(tuple_(*key) > (UUID(company), UUID(lead)))
    rows = session.execute(statement).all()
    if not rows:
        return None
    there = [row for row in rows if row.deleted_at is None]
    new = [row.id for row in there if row.papers_need is None][: int(left)]
    keep([*(row.id for row in there if row.papers_need is not None), *new])
    return f"{rows[-1].company_id} {rows[-1].id} {int(left) - len(new)}"
