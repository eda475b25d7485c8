"""News by mail: at once (what came together goes together), or once a day at the hour that somebody chose."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import Preference, User
from leadcrm.core import outbox
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import shown_date
from leadcrm.core.fields.language import speaking
from leadcrm.notifications.models import News, Rhythm, Way
from leadcrm.notifications.services.wishes import rhythm_of

MOST_TOLD = 50
MOST_WAITING = 5_000  # of everybody in one run; the next one takes the rest


def mail_at_once() -> int:
    """How many mails were written."""
    waiting = _waiting(Way.MAIL)
    rhythms = _rhythms(waiting)
    for person, theirs in waiting:
        _mail(person, theirs, rhythms[person.id])
    return len(waiting)


def mail_digests() -> int:
    """To everybody whose hour has come today, where they are, and who did not get theirs yet."""
    waiting, moment = _waiting(Way.DIGEST), now()
    rhythms = _rhythms(waiting)
    due = [(person, theirs) for person, theirs in waiting if is_due(rhythms[person.id], moment)]
    for person, theirs in due:
        rhythm = rhythms[person.id]
        rhythm.digest_on = moment.astimezone(ZoneInfo(rhythm.zone)).date()
        session.add(rhythm)
        _mail(person, theirs, rhythm)
    return len(due)


def is_due(rhythm: Rhythm, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(rhythm.zone))
    return local.hour >= rhythm.hour and rhythm.digest_on != local.date()


def _waiting(way: Way) -> list[tuple[User, list[News]]]:
    """Everybody for whom something waits to leave this way; what they read meanwhile no longer does."""
    fresh = select(News).where(News.waits_for == str(way)).order_by(News.at, News.id).limit(MOST_WAITING)
    of_person: dict[UUID, list[News]] = defaultdict(list)
    for news in session.scalars(fresh):
        of_person[news.user_id].append(news)
    people = session.scalars(select(User).where(User.id.in_(of_person)).order_by(User.company_id, User.id)).all()
    return [(person, of_person[person.id]) for person in people if person.active or _let_go(of_person[person.id])]


def _let_go(unsent: Sequence[News]) -> bool:
    """Nobody is mailed any more who cannot sign in."""
    for news in unsent:
        news.waits_for = None
    return False


def _rhythms(waiting: list[tuple[User, list[News]]]) -> dict[UUID, Rhythm]:
    kept = session.scalars(select(Rhythm).where(Rhythm.user_id.in_([person.id for person, _theirs in waiting])))
    known = {rhythm.user_id: rhythm for rhythm in kept}
    return {person.id: known.get(person.id) or rhythm_of(person.company_id, person.id) for person, _theirs in waiting}


def _mail(person: User, theirs: Sequence[News], rhythm: Rhythm) -> None:
    language = str(session.scalar(select(Preference.language).where(Preference.id == person.id)) or "")
    language = language or current_config().language
    with force_locale(language), speaking(language):
        subject = f"leadcrm: {theirs[0].said}" if len(theirs) == 1 else ngettext(
            "leadcrm: %(num)s notification", "leadcrm: %(num)s notifications", len(theirs)
        )
        outbox.send(person.email, subject, _letter(theirs, ZoneInfo(rhythm.zone)), person.company_id)
    for news in theirs:
        news.waits_for = None


def _letter(told: Sequence[News], zone: ZoneInfo) -> str:
    """The newest at the end, each with the time of where the reader is and the way to it."""
    base = current_config().base_url
    shown = [(_clock(each.at, zone), each.said, each.url or "/notifications/") for each in told[-MOST_TOLD:]]
    lines = [f"{clock}  {text}\n{base}{url}\n" for clock, text, url in shown]
    if len(told) > MOST_TOLD:
        lines.insert(0, _("And %(count)s earlier ones.", count=len(told) - MOST_TOLD) + "\n")
    lines.append(_("How you hear of what: %(address)s", address=f"{base}/notifications/choices"))
    return "\n".join(lines)


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{shown_date(local.date())} {local:%H:%M}"
