"""Start here: what pipelines adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.pipelines.models import move, pipeline  # noqa: F401  (their tables)
from leadcrm.pipelines.permissions import Pipelines

plugin = Plugin(
    name="pipelines",
    about="Pipelines of a company, the rules of their steps, and the board",
    requires=("auth", "leads"),
    permissions=Pipelines,
    granted={"companymanager": set(Pipelines)},
)
