"""Start here: what exports adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.auth.services import doors
from leadcrm.bulk.services import actions
from leadcrm.core.plugin import NewsKind, Plugin
from leadcrm.exports import jobs
from leadcrm.exports.permissions import Exports
from leadcrm.exports.services import rules
from leadcrm.exports.views import asking, mine  # noqa: F401  (their routes)
from leadcrm.exports.views.routes import bp


def start(_app: Flask) -> None:
    doors.also_ask(rules.AT_OPENING, rules.asked_at_opening)
    actions.offer_elsewhere(actions.Elsewhere(
        "export", _("Export"), Exports.MAKE, "exports.ask", icon="file-export", order=40, when=rules.may_be_offered
    ))  # fmt: skip


plugin = Plugin(
    name="exports",
    about="Lists as CSV or Excel: a job with progress, a download that expires",
    requires=("auth", "leads", "notifications", "bulk"),
    blueprint=bp,
    permissions=Exports,
    granted={"agent": {Exports.MAKE}, "companymanager": {Exports.MAKE, Exports.MANAGE}},
    jobs=(jobs.make, jobs.let_go),
    news=(NewsKind(jobs.NEWS, _("An export is ready"), permission=Exports.MAKE),),
    start=start,
)
