"""Start here: what pipelines adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.bulk.services import actions
from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.leads.views import steps
from leadcrm.pipelines import jobs
from leadcrm.pipelines.models import move, pipeline  # noqa: F401  (their tables)
from leadcrm.pipelines.permissions import Pipelines
from leadcrm.pipelines.services import rules  # noqa: F401  (listens)
from leadcrm.pipelines.services.in_bulk import MOVE
from leadcrm.pipelines.views import board, moving, setting_up  # noqa: F401  (their routes)
from leadcrm.pipelines.views.routes import bp
from leadcrm.pipelines.views.standing import standing


def start(_app: Flask) -> None:
    steps.use(standing)
    actions.register(MOVE)


plugin = Plugin(
    name="pipelines",
    about="Pipelines of a company, the rules of their steps, and the board",
    requires=("auth", "leads", "bulk"),
    blueprint=bp,
    permissions=Pipelines,
    granted={"companymanager": set(Pipelines)},
    nav=(NavItem(_("Board"), "pipelines.show_board", "layout-kanban", order=11, key="b"),),
    jobs=(jobs.empty_step,),
    start=start,
)
