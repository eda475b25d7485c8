"""What the leads plugin adds."""

from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.leads.models import asset, consent, income, mortgage, norms, obligation, person, property, source, timeline  # noqa: F401
from leadcrm.leads.permissions import Leads
from leadcrm.leads.views import edit, filters, list, manage_sources, new, progress, show, wish  # noqa: F401  (their routes)
from leadcrm.leads.views.routes import bp

AGENT = frozenset[str]({Leads.VIEW, Leads.CREATE, Leads.EDIT, Leads.REVEAL})

plugin = Plugin(
    name="leads",
    about="Households that want a mortgage: persons, incomes, obligations, property, wish, stage and owner",
    requires=("auth",),
    blueprint=bp,
    permissions=Leads,
    nav=(NavItem(_("Leads"), "leads.list_leads", "users", order=10),),
    css=("leads.css",),
    granted={
        "agent": AGENT, "companymanager": frozenset[str](Leads), "break-glass": {Leads.VIEW},
        "break-glass-revealing": {Leads.REVEAL},
    },
)
