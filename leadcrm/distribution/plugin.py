"""Start here: what distribution adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.distribution.models import claim, handover, profile, rule  # noqa: F401  (their tables)
from leadcrm.distribution.permissions import Distribution

plugin = Plugin(
    name="distribution",
    about="Who gets which lead: rules, hand-over, claims, and whether it was fair",
    requires=("auth", "leads", "notifications", "bulk", "followup"),
    permissions=Distribution,
    granted={"agent": {Distribution.RECEIVE}, "companymanager": set(Distribution)},
)
