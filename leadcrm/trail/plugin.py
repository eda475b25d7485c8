"""Start here: what trail adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.trail import jobs, models  # noqa: F401
from leadcrm.trail.commands import audit
from leadcrm.trail.views.routes import bp

plugin = Plugin(
    name="trail",
    about="The audit trail: shown, anchored, exported, verified",
    requires=("auth", "leads"),
    blueprint=bp,
    jobs=(jobs.anchor, jobs.compare_settings),
    commands=(audit,),
)
