"""Checks on documents: nothing waits in quarantine longer than a check takes (A6)."""

from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.core.db import now, session
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok
from leadcrm.core.doctor.subject import Subject
from leadcrm.documents.models.document import Version
from leadcrm.documents.models.terms import State

TOO_LONG = timedelta(hours=1)


def quarantine(_subject: Subject) -> Outcome:
    waiting = select(func.count()).select_from(Version).where(Version.state == State.QUARANTINED)
    count = session.scalar(waiting) or 0
    late = session.scalar(waiting.where(Version.created_at < now() - TOO_LONG)) or 0
    found = _("%(count)d files wait for their check, %(late)d of them for more than an hour", count=count, late=late)
    if late:
        return fail(found, _("see whether workers are alive, and the virus scanner"))
    return ok(found)


CHECKS = (Check("documents.quarantine", _("Files in quarantine"), Group.WORK, quarantine, ("A6",)),)
