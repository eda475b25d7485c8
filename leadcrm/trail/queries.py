"""Selects for the trail. Nothing here narrows by viewer: scope does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.audit import AuditLine
from leadcrm.core.paging import Sort
from leadcrm.leads.models.lead import Lead

# Within one chain the number is the order of time, and the key's index walks it.
NEWEST_FIRST = Sort("seq", AuditLine.seq, AuditLine.company_id, descending=True)


@dataclass(frozen=True)
class LineFilter:
    company_id: UUID
    who: UUID | None = None
    action: str = ""
    subject: str = ""
    row_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def lines_with(wanted: LineFilter) -> Any:
    found = select(AuditLine).where(AuditLine.company_id == wanted.company_id)
    given = ((AuditLine.actor_id, wanted.who), (AuditLine.action, wanted.action), (AuditLine.subject, wanted.subject),
             (AuditLine.row_id, wanted.row_id))  # fmt: skip
    for column, value in given:
        if value:
            found = found.where(column == value)
    if wanted.since:
        found = found.where(AuditLine.at >= wanted.since)
    if wanted.until:
        found = found.where(AuditLine.at < wanted.until)
    return found


def names_of(people: set[UUID]) -> Any:
    return select(User.id, User.name).where(User.id.in_(people))


def people_of(company_id: UUID) -> Any:
    return select(User.id, User.name).where(User.company_id == company_id).order_by(User.name, User.id)


def visible_leads(ids: set[UUID]) -> Any:
    return select(Lead.id).where(Lead.id.in_(ids))
