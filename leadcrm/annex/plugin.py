"""Start here: what the annex adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.annex.checks import CHECKS
from leadcrm.annex.commands import annex, updated
from leadcrm.annex.jobs import measure
from leadcrm.annex.permissions import Annex
from leadcrm.annex.views import pages, suppliers  # noqa: F401  (their routes)
from leadcrm.annex.views.routes import bp
from leadcrm.core.plugin import NavItem, Plugin

plugin = Plugin(
    name="annex",
    about="The security annex of the processing agreement, from what was measured; suppliers",
    requires=("auth",),
    blueprint=bp,
    permissions=Annex,
    granted={"admin": set(Annex), "companymanager": {Annex.VIEW}, "auditor": {Annex.VIEW}},
    nav=(NavItem(_("Security annex"), "annex.show_annex", "file-certificate", 95),),
    jobs=(measure,),
    commands=(annex, updated),
    checks=CHECKS,
)
