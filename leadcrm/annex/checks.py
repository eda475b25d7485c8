"""Checks on what people recorded: hosting and its certificate, updates (A1, A18)."""

from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.annex.models import Supplier
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import now, session
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject

SOON = timedelta(days=30)
QUARTER_DAYS = 92
UPDATED = "software updated"
EEA = frozenset({
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IS", "IE", "IT", "LV", "LI", "LT",
    "LU", "MT", "NL", "NO", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
})  # fmt: skip


def hosting(_subject: Subject) -> Outcome:
    """Somebody recorded who hosts, with a certificate that is still valid and a contract."""
    rows = list(session.scalars(select(Supplier)))
    today = now().date()
    if not rows:
        return fail(_("no hosting partner is recorded"), _("record it in the register of suppliers"))
    bare = [row.name for row in rows if not (row.certificate and row.valid_until and row.contract)]
    ended = [row.name for row in rows if row.valid_until and row.valid_until < today]
    outside = [row.name for row in rows if row.country not in EEA]
    if bare or ended or outside:
        found = _("%(bare)d without certificate or contract, %(ended)d expired, %(outside)d outside the EEA",
                  bare=len(bare), ended=len(ended), outside=len(outside))  # fmt: skip
        return fail(found, _("complete the register of suppliers"), ", ".join([*bare, *ended, *outside]))
    first = min(row.valid_until for row in rows if row.valid_until)
    if first - today < SOON:
        return warn(_("a certificate ends on %(day)s", day=first), _("ask the supplier for the new one"))
    return ok(_("%(count)d recorded with certificate and contract, valid until %(day)s", count=len(rows), day=first))


def updates(_subject: Subject) -> Outcome:
    newest = session.scalar(
        select(AuditLine.at).where(AuditLine.action == UPDATED).order_by(AuditLine.at.desc()).limit(1)
    )
    remedy = _("update the system and the program, then say so with `leadcrm updated \"what was done\"`")
    if newest is None:
        return warn(_("no update is on record"), remedy)
    days = (now() - newest).days
    found = _("the last on record was %(days)d days ago", days=days)
    return fail(found, remedy) if days > QUARTER_DAYS else ok(found)


CHECKS = (
    Check("annex.hosting", _("Hosting partner"), Group.DUTIES, hosting, ("A1",)),
    Check("annex.updates", _("Record of updates"), Group.DUTIES, updates, ("A18",)),
)
