"""Start here: what tags adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.tags import models  # noqa: F401  (their tables)

plugin = Plugin(
    name="tags",
    about="Words of a company's own that are put on leads",
    requires=("auth", "leads"),
)
