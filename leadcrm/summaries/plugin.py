"""Start here: what summaries adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import Panel, Plugin
from leadcrm.summaries.views import summary  # noqa: F401  (its routes)
from leadcrm.summaries.views.routes import bp

plugin = Plugin(
    name="summaries",
    about="A lead on paper: a summary as PDF, hidden values only when asked for",
    requires=("auth", "leads"),
    blueprint=bp,
    panels=(Panel("leads.actions", _("Print"), "summaries.choose", 80),),
)
