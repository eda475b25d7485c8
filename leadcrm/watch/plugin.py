"""Start here: what watch adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.auth.services import doors
from leadcrm.core import notices
from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.notifications.services import reading
from leadcrm.watch import jobs, models  # noqa: F401
from leadcrm.watch.checks import CHECKS
from leadcrm.watch.permissions import Watch
from leadcrm.watch.views import alerts, failed_logins, incidents  # noqa: F401  (their routes)
from leadcrm.watch.views.routes import bp


def start(_app: Flask) -> None:
    doors.also_ask(notices.AT_OPENING, notices.unread_at_opening)
    reading.count_beside(reading.Beside(_("Security"), "watch.list_alerts", notices.count_unread))


plugin = Plugin(
    name="watch",
    about="Failed logins grouped into incidents, told, reviewed, drawn and exported",
    requires=("auth", "notifications", "admin"),
    blueprint=bp,
    permissions=Watch,
    granted={"admin": set(Watch), "companymanager": set(Watch), "auditor": {Watch.FAILED_LOGINS}},
    nav=(NavItem(_("Failed logins"), "watch.list_failed_logins", "shield-exclamation", 90),),
    jobs=(jobs.look, jobs.mail_alerts, jobs.mail_digest, jobs.remind, jobs.forget_old),
    checks=CHECKS,
    start=start,
)
