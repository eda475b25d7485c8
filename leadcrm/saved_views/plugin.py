"""Start here: what saved_views adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="saved_views",
    about="Lists that people keep: filters, order and columns, shared and pinned",
    requires=("auth", "leads"),
)
