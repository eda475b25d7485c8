"""Start here: what merging adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="merging",
    about="Duplicates: warned of while typing, compared side by side, merged and undone",
    requires=("auth", "leads", "followup"),
)
