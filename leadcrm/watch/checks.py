"""Checks on supervision: failed logins are recorded, grouped, and judged in time (A14)."""

from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.auth.models.failures import FailedLogin
from leadcrm.core.db import now, session
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok
from leadcrm.core.doctor.subject import Subject
from leadcrm.watch.models import Incident

A_MONTH = timedelta(days=30)


def recorded(_subject: Subject) -> Outcome:
    since = FailedLogin.at > now() - A_MONTH
    count = session.scalar(select(func.count()).select_from(FailedLogin).where(since)) or 0
    without = session.scalar(select(func.count()).select_from(FailedLogin).where(since, FailedLogin.address == "")) or 0
    if without:
        found = _("%(count)d of them have no address", count=without)
        return fail(found, _("look at the proxy: it must say where clients come from (`leadcrm deploy`)"))
    return ok(_("%(count)d in the last month, each with reason, address and device", count=count))


def reviewed(subject: Subject) -> Outcome:
    """Who waits longer than was agreed is no supervision."""
    waiting = select(func.count()).select_from(Incident).where(Incident.reviewed_at.is_(None))
    open_ones = session.scalar(waiting) or 0
    overdue = session.scalar(waiting.where(Incident.last_at < now() - timedelta(days=subject.config.review_days))) or 0
    found = _("%(open)d wait for a verdict, %(overdue)d longer than %(days)d days",
              open=open_ones, overdue=overdue, days=subject.config.review_days)  # fmt: skip
    if overdue:
        return fail(found, _("an administrator or manager judges them under failed logins"))
    return ok(found)


CHECKS = (
    Check("watch.recorded", _("Failed sign-ins recorded"), Group.WATCH, recorded, ("A14",)),
    Check("watch.reviewed", _("Incidents judged"), Group.WATCH, reviewed, ("A14",)),
)
