"""Start here: what merging adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import Panel, Plugin
from leadcrm.merging import models  # noqa: F401  (its tables)
from leadcrm.merging.permissions import Merging
from leadcrm.merging.views import comparing, known, lead  # noqa: F401  (their routes)
from leadcrm.merging.views.routes import bp

plugin = Plugin(
    name="merging",
    about="Duplicates: warned of while typing, compared side by side, merged and undone",
    requires=("auth", "leads", "checklists", "followup"),
    blueprint=bp,
    permissions=Merging,
    granted={"agent": set(Merging), "companymanager": set(Merging)},
    panels=(
        Panel("leads.show_lead", _("Duplicates"), "merging.show_duplicates", 90),
        Panel("leads.new_lead", _("Duplicates"), "merging.look_for_known", 10),
    ),
)
