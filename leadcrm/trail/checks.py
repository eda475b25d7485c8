"""Checks on the anchors of the audit trail."""

import json
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _

from leadcrm.core.db import now
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.trail.services import anchors

LATE = timedelta(hours=3)  # one is made every hour


def fresh(_subject: Subject) -> Outcome:
    file = anchors.folder() / anchors.FILE
    lines = file.read_text().splitlines() if file.exists() else []
    if not lines:
        return warn(_("there is none yet"), _("a worker makes one every hour: see whether one is alive"))
    age = now() - datetime.fromisoformat(json.loads(lines[-1])["at"])
    found = _("%(count)d, the last %(minutes)d minutes ago", count=len(lines), minutes=age // timedelta(minutes=1))
    if age > LATE:
        return fail(found, _("a worker makes one every hour: see whether one is alive"))
    return ok(found)


def elsewhere(subject: Subject) -> Outcome:
    """Whoever owns this machine could replace the file too; a second place knows better."""
    config = subject.config
    places = [name for name in ("anchor_syslog", "anchor_mail") if getattr(config, name)]
    if not places:
        return warn(_("anchors are kept on this machine only"), _("set anchor_mail or anchor_syslog"))
    return ok(_("anchors go to %(count)d places outside too", count=len(places)))


CHECKS = (
    Check("audit.anchors", _("Anchors of the audit trail"), Group.WATCH, fresh, ("A14",)),
    Check("audit.elsewhere", _("Anchors outside this machine"), Group.WATCH, elsewhere),
)
