"""Start here: what notifications adds to the application."""

from flask import Flask

from leadcrm.auth.services import doors
from leadcrm.core.plugin import Plugin
from leadcrm.notifications import jobs
from leadcrm.notifications.services import reading
from leadcrm.notifications.views import bell, choices, news  # noqa: F401  (their routes)
from leadcrm.notifications.views.routes import bp


def start(app: Flask) -> None:
    doors.also_ask(reading.AT_OPENING, reading.unread_at_opening)
    app.jinja_env.globals.update(bell=bell.bell)


plugin = Plugin(
    name="notifications",
    about="What people hear in the application and by mail: a choice per kind, a daily digest",
    requires=("auth",),
    blueprint=bp,
    jobs=(jobs.mail_waiting, jobs.mail_daily, jobs.forget_old),
    start=start,
)
