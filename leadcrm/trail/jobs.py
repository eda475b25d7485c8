"""Anchoring every hour, and noting what changed in the configuration since the last start."""

import logging

from flask_babel import lazy_gettext as _

from leadcrm.core import notices
from leadcrm.core.config import current_config
from leadcrm.core.db import PLATFORM_ID, now
from leadcrm.core.jobs import Rank, job
from leadcrm.trail.services import anchors, settings, witnesses

log = logging.getLogger("leadcrm")


@job(queue="maintenance", cron="7 * * * *", rank=Rank.UPKEEP, reason="the ends of every company's chain are anchored")
def anchor() -> None:
    written = anchors.write_anchor()
    missed = witnesses.send(current_config(), written, now())
    if missed:
        log.error("anchor %s did not reach %s", written.number, ", ".join(missed))
        notices.alert("anchor", PLATFORM_ID, _("An anchor of the audit trail did not reach its second place."))


@job(
    queue="maintenance",
    cron="*/5 * * * *",
    rank=Rank.CLOCK,
    reason="the configuration of the instance, compared with the last start",
)
def compare_settings() -> None:
    settings.note_changes(current_config())
