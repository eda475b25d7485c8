"""What the rules find becomes incidents: one for each company concerned, updated while it goes on, told once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Text, Uuid, column, func, select, update

from leadcrm.auth.models.failures import FailedLogin
from leadcrm.core import notices
from leadcrm.core.db import now, session
from leadcrm.watch.models import Incident, Pattern
from leadcrm.watch.services import rules
from leadcrm.watch.services.rules import Event, Finding

LOOKED_BACK = timedelta(days=1)
MOST_EVENTS = 20_000  # of one look: a flood beyond it is an incident long before
QUIET = timedelta(hours=6)  # after that the same pattern is a new incident
TOLD_AGAIN = 10  # times as many attempts as when it was told
PAGE = "/admin/incidents/"
LOCK = 7_310_022
Key = tuple[UUID, Pattern, str]


def look() -> int:
    """One look at the last day; how many incidents are new or grew. Looking again changes nothing."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        return 0  # another worker is looking
    moment = now()
    end_quiet_ones(moment)
    before = latest_incidents(moment)
    known = {key: incident.last_at for key, incident in before.items() if incident.ended_at}

    def is_known(pattern: Pattern, about: str, event: Event) -> bool:
        last = known.get((event.company_id, pattern, about))
        return last is not None and event.at <= last

    found = rules.found(events_since(moment - LOOKED_BACK), moment, is_known)
    return sum(_kept(finding, before) for finding in found)


def end_quiet_ones(moment: datetime) -> None:
    quiet = update(Incident).where(Incident.ended_at.is_(None), Incident.last_at < moment - QUIET)
    session.execute(quiet.values(ended_at=moment), execution_options={"synchronize_session": False})


def latest_incidents(moment: datetime) -> dict[Key, Incident]:
    recent = select(Incident).where(Incident.last_at >= moment - LOOKED_BACK).order_by(Incident.last_at, Incident.id)
    return {(each.company_id, each.pattern, each.about): each for each in session.scalars(recent)}


def events_since(since: datetime) -> list[Event]:
    failed = select(
        FailedLogin.at, FailedLogin.company_id, FailedLogin.reason, FailedLogin.prefix, FailedLogin.fingerprint,
        FailedLogin.user_id,
    ).where(FailedLogin.at >= since).order_by(FailedLogin.at.desc()).limit(MOST_EVENTS)
    columns: dict[str, Any] = {"at": DateTime(timezone=True), "company_id": Uuid(), "user_id": Uuid(), "prefix": Text()}
    entered: Any = func.watch_sign_ins(since).table_valued(*(column(name, type_) for name, type_ in columns.items()))
    failures = [Event(*row) for row in session.execute(failed)]
    signed_in = session.execute(select(entered.c.at, entered.c.company_id, entered.c.prefix, entered.c.user_id))
    return failures + [Event(row.at, row.company_id, None, row.prefix, user_id=row.user_id) for row in signed_in]


def _kept(finding: Finding, before: dict[Key, Incident]) -> int:
    """Each company has its own part, and sees no more than whether there are others."""
    companies = {event.company_id for event in finding.events}
    changed = 0
    for company in sorted(companies):
        part = [event for event in finding.events if event.company_id == company]
        known = before.get((company, finding.pattern, finding.about))
        going_on = known if known is not None and known.ended_at is None else None
        changed += _written(finding, company, part, len(companies) > 1, going_on)
    return changed


def _written(finding: Finding, company: UUID, part: list[Event], wider: bool, incident: Incident | None) -> int:
    failures = [event for event in part if event.reason is not None]
    if incident is None:
        incident = Incident(
            company_id=company, pattern=finding.pattern, about=finding.about, failures=0, accounts=0, networks=0,
            wider=wider, told=0, first_at=part[0].at, last_at=part[-1].at,
        )
        session.add(incident)
    elif len(failures) <= incident.failures and part[-1].at <= incident.last_at:
        return 0
    incident.first_at, incident.last_at = min(incident.first_at, part[0].at), max(incident.last_at, part[-1].at)
    incident.failures = max(incident.failures, len(failures))
    incident.accounts = max(incident.accounts, len(rules.accounts_of(part)))
    incident.networks = max(incident.networks, len({event.prefix for event in part}))
    incident.wider = incident.wider or wider
    session.flush()
    tell(incident)
    return 1


def tell(incident: Incident) -> None:
    """At its beginning, and again when it has become ten times as much."""
    if incident.told and incident.failures < incident.told * TOLD_AGAIN:
        return
    again, incident.told = incident.told > 0, max(1, incident.failures)
    notices.alert(
        "incident", incident.company_id, words_of(incident), url=f"{PAGE}{incident.id}",
        about=f"{incident.id}{' again' if again else ''}",
    )


def words_of(incident: Incident) -> Any:
    return _(
        "%(pattern)s: %(failures)s attempts on %(accounts)s accounts from %(networks)s networks.",
        pattern=_PATTERNS[incident.pattern], failures=incident.failures, accounts=incident.accounts,
        networks=incident.networks,
    )


_PATTERNS = {
    Pattern.SPRAYING: _("One network tries many accounts"),
    Pattern.STUFFING: _("Many unknown accounts are tried"),
    Pattern.ONE_ACCOUNT: _("One account is tried from many networks"),
    Pattern.SECOND_FACTOR: _("A password was right, and the second step was not"),
    Pattern.SUCCESS: _("Somebody signed in after many failures"),
    Pattern.ADDRESS: _("Somebody was refused from another network"),
    Pattern.REPLAY: _("A code was used a second time"),
}


def review(incident: Incident, verdict: Any, note: str, by: UUID) -> None:
    """A verdict by somebody named. What comes after it is another incident."""
    incident.verdict, incident.note = verdict, note
    incident.reviewed_by, incident.reviewed_at = by, now()
    incident.ended_at = incident.ended_at or incident.reviewed_at


def forget(
    most: int, failures_before: datetime, incidents_before: datetime, notices_before: datetime
) -> tuple[int, ...]:
    """At most so many of each. Returns how many failures, incidents and notices went."""
    gone: Any = func.watch_forget(failures_before, incidents_before, notices_before, most)
    return tuple(session.execute(select(*gone.table_valued("failures", "incidents", "notices").c)).one())
