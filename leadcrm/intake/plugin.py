"""Start here: what intake adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="intake",
    about="Leads that arrive by themselves: keyed addresses, web forms, mail, and the quarantine",
    requires=("auth", "leads", "imports", "notifications"),
)
