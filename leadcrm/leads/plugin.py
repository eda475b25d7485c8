"""What the leads plugin adds."""

from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.leads import jobs
from leadcrm.leads.models import (  # noqa: F401
    asset,
    consent,
    found_by,
    income,
    mortgage,
    norms,
    obligation,
    person,
    property,
    removed,
    source,
)
from leadcrm.leads.models import timeline as entries  # noqa: F401
from leadcrm.leads.permissions import Leads
from leadcrm.leads.views import (  # noqa: F401  (their routes)
    edit,
    filters,
    list,
    manage_sources,
    new,
    next_action,
    progress,
    show,
    timeline,
    wish,
)
from leadcrm.leads.views.routes import bp

AGENT = frozenset[str]({Leads.VIEW, Leads.CREATE, Leads.EDIT, Leads.REVEAL})

plugin = Plugin(
    name="leads",
    about="Households that want a mortgage: persons, incomes, obligations, property, wish, stage and owner",
    requires=("auth",),
    blueprint=bp,
    permissions=Leads,
    jobs=(jobs.read_new_names, jobs.read_names_anew, jobs.index_leads, jobs.forget_removed),
    nav=(NavItem(_("Leads"), "leads.list_leads", "users", order=10, key="l"),),
    granted={
        "agent": AGENT, "companymanager": frozenset[str](Leads), "break-glass": {Leads.VIEW},
        "break-glass-revealing": {Leads.REVEAL},
    },
)
