"""Start here: what pipelines adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="pipelines",
    about="Pipelines of a company, the rules of their steps, and the board",
    requires=("auth", "leads"),
)
