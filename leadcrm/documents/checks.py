"""Checks on documents: what comes in is checked soon, and nothing waits for ever (A6)."""

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.core.db import now, session
from leadcrm.core.doctor.report import Check, Group, Outcome, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.documents.models.document import Version
from leadcrm.documents.models.terms import State
from leadcrm.documents.services.checking import LEFT_BEHIND


def quarantine(_subject: Subject) -> Outcome:
    waiting = select(func.count()).select_from(Version).where(Version.state == State.QUARANTINED)
    long = session.scalar(waiting.where(Version.created_at < now() - LEFT_BEHIND)) or 0
    if long:
        found = _("%(count)d files have waited longer than %(minutes)d minutes", count=long,
                  minutes=LEFT_BEHIND.seconds // 60)  # fmt: skip
        return warn(found, _("see whether the workers run and the virus scanner answers"))
    return ok(_("nothing waits longer than %(minutes)d minutes", minutes=LEFT_BEHIND.seconds // 60))


CHECKS = (Check("documents.quarantine", _("Files in quarantine"), Group.WORK, quarantine, ("A6",)),)
