"""Alerts and the daily digest by mail, to managers of the company and to admins, each in their own language.

Throttled: what is told within a quarter of an hour after a mail waits for the next one, which tells it all.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import func, select

from leadcrm.auth.models.failures import FailedLogin
from leadcrm.auth.models.people import Preference, User
from leadcrm.core import notices, outbox
from leadcrm.core.config import current_config
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.fields.dates import OFFICE, Moment
from leadcrm.core.fields.language import speaking
from leadcrm.core.notices import Notice
from leadcrm.watch import queries
from leadcrm.watch.models import Incident, Reader

LATE = timedelta(days=1)  # older alerts are in the digest
PAUSE = timedelta(minutes=15)
MOST_TOLD = 20


def mail_alerts() -> int:
    """How many mails were written."""
    moment = now()
    fresh = session.scalars(select(Notice).where(Notice.at > moment - LATE).order_by(Notice.at, Notice.id)).all()
    if not fresh:
        return 0
    people = session.scalars(queries.managed({notice.company_id for notice in fresh})).all()
    readers = _readers(people)
    return sum(_mailed(person, readers[person.id], fresh, moment) for person in people)


def _readers(people: Iterable[User]) -> dict[UUID, Reader]:
    ids = [person.id for person in people]
    known = {reader.id: reader for reader in session.scalars(select(Reader).where(Reader.id.in_(ids)))}
    for person in people:
        if person.id not in known:
            known[person.id] = Reader(company_id=person.company_id, id=person.id)
            session.add(known[person.id])
    return known


def _mailed(person: User, reader: Reader, fresh: Sequence[Notice], moment: datetime) -> bool:
    since = max(filter(None, (reader.mailed_until, person.joined_at, moment - LATE)))
    theirs = [notice for notice in fresh if notice.at > since and _concerns(person, notice.company_id)]
    if not theirs or (reader.mailed_at is not None and reader.mailed_at > moment - PAUSE):
        return False
    with _speaking_to(person):
        subject = _("leadcrm: %(text)s", text=theirs[-1].text) if len(theirs) == 1 else _(
            "leadcrm: %(count)s alerts", count=len(theirs)
        )
        outbox.send(person.email, subject, _alert_text(theirs), person.company_id)
    reader.mailed_at, reader.mailed_until = moment, theirs[-1].at
    return True


def _concerns(person: User, company_id: UUID) -> bool:
    return person.company_id in (PLATFORM_ID, company_id)


@contextmanager
def _speaking_to(person: User) -> Iterator[None]:
    """Both halves of our texts in somebody's language: phrases, and the words of facts."""
    chosen = session.scalar(select(Preference.language).where(Preference.id == person.id))
    language = str(chosen or current_config().language)
    with force_locale(language), speaking(language):
        yield


def _alert_text(told: Sequence[Notice]) -> str:
    base, show = current_config().base_url, Moment().show
    lines = [f"{show(each.at)}  {each.text}\n{base}{each.url}\n" for each in told[-MOST_TOLD:]]
    if len(told) > MOST_TOLD:
        lines.insert(0, _("And %(count)s earlier ones.", count=len(told) - MOST_TOLD) + "\n")
    return "\n".join(lines)


def mail_digest() -> int:
    """Yesterday in one mail, for who has anything to know: failed logins, or incidents that wait for a verdict."""
    today = now().astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = today - timedelta(days=1)
    counted, waiting = _counted(yesterday, today), _waiting()
    people = session.scalars(queries.managed({*counted, *waiting})).all()
    readers = _readers(people)
    due = [person for person in people if readers[person.id].digest_on != today.date()]
    return sum(_digested(person, readers[person.id], counted, waiting, today) for person in due)


def _counted(since: datetime, until: datetime) -> dict[UUID, int]:
    of_day = select(FailedLogin.company_id, func.count()).where(FailedLogin.at >= since, FailedLogin.at < until)
    return {row[0]: row[1] for row in session.execute(of_day.group_by(FailedLogin.company_id))}


def _waiting() -> dict[UUID, tuple[int, datetime]]:
    open_ones = select(Incident.company_id, func.count(), func.min(Incident.first_at))
    open_ones = open_ones.where(Incident.reviewed_at.is_(None)).group_by(Incident.company_id)
    return {row[0]: (row[1], row[2]) for row in session.execute(open_ones)}


def _digested(
    person: User, reader: Reader, counted: dict[UUID, int], waiting: dict[UUID, tuple[int, datetime]], today: datetime
) -> bool:
    failures = sum(count for company, count in counted.items() if _concerns(person, company))
    open_ones = [part for company, part in waiting.items() if _concerns(person, company)]
    if not failures and not open_ones:
        return False
    with _speaking_to(person):
        waiting_now = sum(count for count, _oldest in open_ones)
        lines = [_("Failed logins yesterday: %(count)s", count=failures)]
        lines.append(_("Incidents that wait for a verdict: %(count)s", count=waiting_now))
        if open_ones:
            oldest = Moment().show(min(oldest for _count, oldest in open_ones))
            lines.append(_("The oldest began %(moment)s.", moment=oldest))
        lines.append(f"\n{current_config().base_url}/admin/incidents")
        outbox.send(person.email, _("leadcrm: failed logins of yesterday"), "\n".join(lines), person.company_id)
    reader.digest_on = today.date()
    return True


def remind() -> int:
    """Once a day and company, of incidents that wait too long."""
    before = now() - timedelta(days=current_config().review_days)
    late = select(Incident.company_id, func.count()).where(Incident.reviewed_at.is_(None), Incident.first_at < before)
    told = 0
    for company, count in session.execute(late.group_by(Incident.company_id)).all():
        text = lazy_gettext("%(count)s incidents have waited too long for a verdict.", count=count)
        told += notices.alert("waiting", company, text, url="/admin/incidents", about=f"{now():%Y-%m-%d}")
    return told
