"""Start here: what trail adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.trail import jobs, models  # noqa: F401
from leadcrm.trail.checks import CHECKS
from leadcrm.trail.commands import audit
from leadcrm.trail.permissions import Trail
from leadcrm.trail.views import lines  # noqa: F401  (its routes)
from leadcrm.trail.views.routes import bp

plugin = Plugin(
    name="trail",
    about="The audit trail: shown, anchored, exported, verified",
    requires=("auth", "leads", "admin"),
    blueprint=bp,
    permissions=Trail,
    granted={"admin": set(Trail), "companymanager": set(Trail), "auditor": {Trail.VIEW}},
    nav=(NavItem(_("Audit trail"), "trail.list_lines", "history", 95),),
    jobs=(jobs.anchor, jobs.compare_settings),
    commands=(audit,),
    checks=CHECKS,
)
