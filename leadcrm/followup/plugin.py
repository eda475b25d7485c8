"""Start here: what followup adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="followup",
    about="Calls, notes, tasks, appointments, the calendar and today's work",
    requires=("auth", "leads", "notifications"),
)
