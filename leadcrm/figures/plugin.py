"""Start here: what figures adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.figures import models  # noqa: F401

plugin = Plugin(
    name="figures",
    about="Dashboards: funnel, conversion, speed, cost and expected volume",
    requires=("auth", "leads", "followup", "pipelines"),
)
