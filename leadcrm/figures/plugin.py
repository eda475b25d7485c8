"""Start here: what figures adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.figures import jobs, models  # noqa: F401  (tables)
from leadcrm.figures.commands import figures as command
from leadcrm.figures.permissions import Figures
from leadcrm.figures.queries.list_filters import ListFilters
from leadcrm.figures.services import following  # noqa: F401  (listens)
from leadcrm.figures.views import pages, settings  # noqa: F401  (their routes)
from leadcrm.figures.views.routes import bp
from leadcrm.leads.queries import extras


def start(_app: Flask) -> None:
    extras.register("figures", ListFilters())


plugin = Plugin(
    name="figures",
    about="Dashboards: funnel, conversion, speed, cost and expected volume",
    requires=("auth", "leads", "followup", "pipelines"),
    blueprint=bp,
    permissions=Figures,
    granted={"agent": {Figures.VIEW}, "companymanager": set(Figures)},
    nav=(NavItem(_("Figures"), "figures.overview", "chart-bar", order=40, key="c"),),
    jobs=(jobs.forget_old,),
    commands=(command,),
    start=start,
)
