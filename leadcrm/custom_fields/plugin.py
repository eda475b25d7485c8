"""Start here: what custom_fields adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.custom_fields import models  # noqa: F401  (their tables)

plugin = Plugin(
    name="custom_fields",
    about="Fields of a company's own on its leads: types, checks, facts",
    requires=("auth", "leads"),
)
