"""Start here: what distribution adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="distribution",
    about="Who gets which lead: rules, hand-over, claims, and whether it was fair",
    requires=("auth", "leads", "notifications", "followup"),
)
