"""What the rules would have made of the leads of late: a dry run. It decides as the job does, and writes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.distribution.services import loading
from leadcrm.distribution.services.choosing import Request, Verdict, decide
from leadcrm.distribution.services.handing_out import next_chance
from leadcrm.leads.models.lead import Lead

LATEST = 50
TIMES = 3


@dataclass(frozen=True)
class Line:
    lead: Lead
    verdict: Verdict


@dataclass(frozen=True)
class Preview:
    lines: Sequence[Line]  # newest first
    counts: Sequence[tuple[UUID | None, int]]  # who would have got how many, most first
    has_rules: bool


def preview(company_id: UUID) -> Preview:
    """Each lead as it stands now, at the moment at which it came in, or when somebody works after that; turns and open
    leads as they are now."""
    latest = select(Lead).where(Lead.company_id == company_id, Lead.deleted_at.is_(None))
    leads = session.scalars(latest.order_by(Lead.created_at.desc(), Lead.id.desc()).limit(LATEST)).all()
    requests = loading.requests(leads, None)
    first = min((lead.created_at for lead in leads), default=now())
    office = loading.office(company_id, first, counts_today=False)
    lines: list[Line] = []
    today: date | None = None
    for lead in reversed(leads):
        verdict, today = _decided(office, requests[lead.id], today)
        lines.append(Line(lead, verdict))
    chosen = Counter(line.verdict.chosen.user_id if line.verdict.chosen else None for line in lines)
    return Preview(lines[::-1], chosen.most_common(), bool(office.ways))


def _decided(office: loading.Office, request: Request, today: date | None) -> tuple[Verdict, date | None]:
    """What came in at night is tried again when somebody's hours begin, as the job does."""
    moment = now()
    for _time in range(TIMES):
        today = _new_day(office, request, today)
        verdict = decide(request, office.ways, office.candidates, office.turns)
        later = next_chance(office.candidates, request.at)
        if verdict.chosen or later > moment:
            break
        request = replace(request, at=later)
    return verdict, today


def _new_day(office: loading.Office, request: Request, today: date | None) -> date:
    day = request.at.astimezone(OFFICE).date()
    if day != today:
        for candidate in office.candidates:
            candidate.today = 0
    return day
