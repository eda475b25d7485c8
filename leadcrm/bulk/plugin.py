"""Start here: what bulk adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.bulk import jobs
from leadcrm.bulk.permissions import Bulk
from leadcrm.bulk.services import actions
from leadcrm.bulk.services.deleting import DELETE
from leadcrm.bulk.services.handing_over import ASSIGN
from leadcrm.bulk.views import asking, bar, watching  # noqa: F401  (their routes)
from leadcrm.bulk.views.routes import bp
from leadcrm.core.plugin import NewsKind, Plugin
from leadcrm.leads.views import chosen


def start(_app: Flask) -> None:
    for action in (ASSIGN, DELETE):
        actions.register(action)
    chosen.offer(bar.deeds)


plugin = Plugin(
    name="bulk",
    about="One action for many leads: a job with progress, a list of results, undo",
    requires=("auth", "leads", "notifications"),
    blueprint=bp,
    permissions=Bulk,
    granted={"agent": {Bulk.USE}, "companymanager": {Bulk.USE}},
    jobs=(jobs.run, jobs.undo, jobs.forget_old),
    news=(NewsKind(jobs.NEWS, _("An action for many leads has ended")),),
    start=start,
)
