"""Checks on the address lists (A4)."""

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.addresses.models import Range
from leadcrm.addresses.views import gate
from leadcrm.auth.models.people import Company
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.plugin import plugins


def lists(_subject: Subject) -> Outcome:
    """That lists can be kept, and that each request is held against them: the gate stands before every page."""
    if not any(each.gates and each.name == gate.__name__.split(".")[1] for each in plugins()):
        return fail(_("requests are not held against the lists"), _("update leadcrm: the gate is not installed"))
    companies = session.scalar(select(func.count()).select_from(Company).where(Company.id != PLATFORM_ID)) or 0
    using = session.scalar(select(func.count(Range.company_id.distinct())).where(Range.company_id != PLATFORM_ID)) or 0
    return ok(_("every request is held against them; %(using)d of %(all)d companies keep a list",
                using=using, all=companies))  # fmt: skip


CHECKS = (Check("addresses.lists", _("Address lists"), Group.PEOPLE, lists, ("A4",)),)
