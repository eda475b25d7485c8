"""Selects for the screens. Nothing here narrows by viewer: scope does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from leadcrm.auth.models.failures import FailedLogin, Reason
from leadcrm.auth.models.people import Company, User
from leadcrm.auth.services.failures import fingerprint
from leadcrm.core.db import now
from leadcrm.core.notices import Notice, NoticeSeen
from leadcrm.core.paging import Sort
from leadcrm.core.scope import signed_in_viewer
from leadcrm.watch.models import Incident, Pattern

NEWEST_FIRST = Sort("at", FailedLogin.at, FailedLogin.id, descending=True)
LATEST_FIRST = Sort("last_at", Incident.last_at, Incident.id, descending=True)
NEWEST_NOTICE = Sort("at", Notice.at, Notice.id, descending=True)
LONGEST_CHART_DAYS = 90
OFFICE_TIME = "Europe/Amsterdam"


@dataclass(frozen=True)
class FailureFilter:
    days: int = 0  # 0: everything that is kept
    reason: Reason | None = None
    account: str = ""
    company_id: UUID | None = None
    prefix: str = ""
    since: datetime | None = None  # a bar of the chart
    until: datetime | None = None


@dataclass(frozen=True)
class IncidentFilter:
    waiting: bool = True
    pattern: Pattern | None = None
    company_id: UUID | None = None


def failed_logins_with(wanted: FailureFilter) -> Any:
    """An account is found by its keyed fingerprint, so also when the address belongs to nobody."""
    found = select(FailedLogin, Company.name.label("company"))
    found = found.outerjoin(Company, Company.id == FailedLogin.company_id)
    return found.where(*_conditions(wanted))


def _conditions(wanted: FailureFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.days:
        found.append(FailedLogin.at >= now() - timedelta(days=wanted.days))
    if wanted.reason:
        found.append(FailedLogin.reason == wanted.reason)
    if wanted.account:
        found.append(FailedLogin.fingerprint == fingerprint(wanted.account))
    if wanted.company_id:
        found.append(FailedLogin.company_id == wanted.company_id)
    if wanted.prefix:
        found.append(FailedLogin.prefix == wanted.prefix)
    if wanted.since and wanted.until:
        found += [FailedLogin.at >= wanted.since, FailedLogin.at < wanted.until]
    return found


def counted_by(unit: str, wanted: FailureFilter) -> Any:
    """How many failed logins of each reason in every hour or day of the office."""
    bucket = func.date_trunc(unit, FailedLogin.at, OFFICE_TIME).label("bucket")
    oldest = FailedLogin.at >= now() - timedelta(days=wanted.days or LONGEST_CHART_DAYS)
    counted = select(bucket, FailedLogin.reason, func.count().label("count")).where(*_conditions(wanted), oldest)
    return counted.group_by(bucket, FailedLogin.reason).order_by(bucket)


def incidents_with(wanted: IncidentFilter) -> Any:
    found = select(Incident, Company.name.label("company"), User.name.label("reviewer"))
    found = found.outerjoin(Company, Company.id == Incident.company_id)
    found = found.outerjoin(User, User.id == Incident.reviewed_by)
    if wanted.waiting:
        found = found.where(Incident.reviewed_at.is_(None))
    if wanted.pattern:
        found = found.where(Incident.pattern == wanted.pattern)
    if wanted.company_id:
        found = found.where(Incident.company_id == wanted.company_id)
    return found


def oldest_waiting() -> Any:
    return select(func.min(Incident.first_at)).where(Incident.reviewed_at.is_(None))


def failures_of(incident: Incident) -> Any:
    """The failed logins that belong to it, newest first."""
    of_network = FailedLogin.prefix == incident.about
    belongs = of_network if "/" in incident.about else FailedLogin.user_id == UUID(incident.about)
    return select(FailedLogin).where(
        FailedLogin.company_id == incident.company_id, belongs,
        FailedLogin.at >= incident.first_at, FailedLogin.at <= incident.last_at,
    ).order_by(FailedLogin.at.desc(), FailedLogin.id.desc())


def accounts_named(ids: list[UUID]) -> Any:
    return select(User.id, User.email).where(User.id.in_(ids))


def notices() -> Any:
    """With whether the viewer has read each."""
    seen = NoticeSeen.user_id == signed_in_viewer().user_id
    mine = select(NoticeSeen.notice_id).where(NoticeSeen.notice_id == Notice.id, seen).correlate(Notice).exists()
    found = select(Notice, Company.name.label("company"), mine.label("seen"))
    return found.outerjoin(Company, Company.id == Notice.company_id)


def managed(companies: set[UUID]) -> Any:
    """Who gets alerts: the managers of these companies, and every admin."""
    return select(User).where(
        User.active, User.joined_at.is_not(None),
        or_(User.role == "admin", (User.role == "companymanager") & User.company_id.in_(companies)),
    ).order_by(User.company_id, User.id)
