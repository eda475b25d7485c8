"""Start here: what bulk adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="bulk",
    about="One action for many leads: a job with progress, a list of results, undo",
    requires=("auth", "leads", "notifications"),
)
