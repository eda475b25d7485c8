"""Figures and times of long work in words; for exports too."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.bulk.services.actions import shown
from leadcrm.core.db import now


def pace(done: int, began_at: datetime | None, ended_at: datetime | None = None) -> float:
    """How many a second so far."""
    seconds = ((ended_at or now()) - began_at).total_seconds() if began_at else 0.0
    return done / seconds if seconds > 0 else 0.0


def progress_texts(done: int, total: int, began_at: datetime | None) -> dict[str, Any]:
    """What core/_progress.html shows under the bar."""
    rate = pace(done, began_at)
    left = (total - done) / rate if rate >= 1 else 0
    return {
        "done": done, "total": total,
        "done_text": _("%(done)s of %(total)s leads", done=shown(done), total=shown(total)) if total else "",
        "rate_text": _("%(rate)s leads per second", rate=shown(int(rate))) if rate >= 1 else "",
        "left_text": _("about %(time)s left", time=duration(left)) if left > 0 else "",
    }  # fmt: skip


def duration(seconds: float) -> str:
    """Rounded so that it does not dance."""
    if seconds < 55:
        return str(ngettext("%(num)s second", "%(num)s seconds", round(seconds / 5) * 5 or 1))
    return str(ngettext("%(num)s minute", "%(num)s minutes", max(1, round(seconds / 60))))
