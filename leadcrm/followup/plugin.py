"""Start here: what followup adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.followup.models import appointment, call, feed, task  # noqa: F401  (their tables)
from leadcrm.followup.permissions import Followup

plugin = Plugin(
    name="followup",
    about="Calls, notes, tasks, appointments, the calendar and today's work",
    requires=("auth", "addresses", "leads", "notifications"),
    permissions=Followup,
    granted={"agent": set(Followup), "companymanager": set(Followup)},
)
