"""Start here: what watch adds to the application."""

from leadcrm.core import notices  # noqa: F401  # its tables
from leadcrm.core.plugin import Plugin
from leadcrm.watch import models  # noqa: F401
from leadcrm.watch.views.routes import bp

plugin = Plugin(name="watch", about="Failed logins grouped, told and reviewed", requires=("auth",), blueprint=bp)
