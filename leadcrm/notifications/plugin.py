"""Start here: what notifications adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="notifications",
    about="What people hear in the application and by mail: a choice per kind, a daily digest",
    requires=("auth",),
)
