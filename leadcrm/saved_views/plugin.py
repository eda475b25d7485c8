"""Start here: what saved_views adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.saved_views import models  # noqa: F401  (their tables)

plugin = Plugin(
    name="saved_views",
    about="Lists that people keep: filters, order and columns, shared and pinned",
    requires=("auth", "leads"),
)
