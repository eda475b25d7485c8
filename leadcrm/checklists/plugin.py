"""Start here: what checklists adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.checklists import jobs
from leadcrm.checklists.models import of_lead, rule  # noqa: F401  (their tables)
from leadcrm.checklists.permissions import Checklists
from leadcrm.checklists.services import following  # noqa: F401  (listens)
from leadcrm.checklists.views import lead, template  # noqa: F401  (their routes)
from leadcrm.checklists.views.routes import bp
from leadcrm.core.plugin import Panel, Plugin

plugin = Plugin(
    name="checklists",
    about="Which documents a lead needs, what is missing, and being reminded of it",
    requires=("auth", "leads", "documents"),
    blueprint=bp,
    permissions=Checklists,
    granted={
        "agent": {Checklists.USE}, "companymanager": set(Checklists), "break-glass": {Checklists.USE},
    },
    panels=(Panel("leads.show_lead", _("Papers"), "checklists.show_checklist", 40),),
    jobs=(jobs.refresh, jobs.refresh_all, jobs.refresh_at_night, jobs.remind),
)
