"""Start here: what collecting adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.collecting import jobs
from leadcrm.collecting.models import link, visit  # noqa: F401  (their tables)
from leadcrm.collecting.permissions import Collecting
from leadcrm.collecting.views import asking, client, uploads  # noqa: F401  (their routes)
from leadcrm.collecting.views.routes import bp
from leadcrm.core.plugin import Panel, Plugin

plugin = Plugin(
    name="collecting",
    about="Clients deliver documents through a personal link",
    requires=("auth", "leads", "documents", "checklists", "inspection"),
    blueprint=bp,
    permissions=Collecting,
    granted={"agent": set(Collecting), "companymanager": set(Collecting)},
    panels=(Panel("leads.show_lead", _("Ask the client"), "collecting.show_links", 45),),
    jobs=(jobs.take_in, jobs.tell_adviser, jobs.tell_locked, jobs.remind, jobs.forget),
)
