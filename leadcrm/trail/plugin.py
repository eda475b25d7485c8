"""Start here: what trail adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.trail import models  # noqa: F401
from leadcrm.trail.views.routes import bp

plugin = Plugin(name="trail", about="The audit trail", requires=("auth", "leads"), blueprint=bp)
