"""Start here: what inspection adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.inspection.checks import CHECKS

plugin = Plugin(
    name="inspection",
    about="What uploaded files are, and whether they are safe to keep",
    requires=("auth",),
    checks=CHECKS,
)
