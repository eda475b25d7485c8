"""Start here: what the annex adds to the application."""

import leadcrm.annex.models  # noqa: F401  (its tables)
from leadcrm.annex.permissions import Annex
from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="annex",
    about="The security annex of the processing agreement, from what was measured; suppliers",
    requires=("auth",),
    permissions=Annex,
    granted={"admin": set(Annex), "companymanager": {Annex.VIEW}},
)
