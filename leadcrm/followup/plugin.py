"""Start here: what followup adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import NavItem, NewsKind, Panel, Plugin
from leadcrm.followup import jobs
from leadcrm.followup.models import appointment, call, feed, task  # noqa: F401  (their tables)
from leadcrm.followup.permissions import Followup
from leadcrm.followup.services import following  # noqa: F401  (listens)
from leadcrm.followup.services.tasks import NEWS_DUE, NEWS_GIVEN
from leadcrm.followup.views import (  # noqa: F401  (their routes)
    appointments,
    calendar,
    calls,
    lead,
    lists,
    speech,
    tasks,
    today,
)
from leadcrm.followup.views import feed as feed_pages  # noqa: F401
from leadcrm.followup.views.in_list import InList
from leadcrm.followup.views.routes import bp
from leadcrm.leads.queries import extras


def start(_app: Flask) -> None:
    speech.start()
    extras.register("followup", InList())


plugin = Plugin(
    name="followup",
    about="Calls, notes, tasks, appointments, the calendar and today's work",
    requires=("auth", "addresses", "leads", "notifications"),
    blueprint=bp,
    permissions=Followup,
    granted={"agent": set(Followup), "companymanager": set(Followup)},
    nav=(
        NavItem(_("Today"), "followup.today", "checklist", order=5, key="t"),
        NavItem(_("Calendar"), "followup.calendar", "calendar", order=15, key="a"),
    ),
    panels=(
        Panel("leads.aside", _("Planned"), "followup.show_lead", 10),
        Panel("leads.call", _("Call"), "followup.new_call"),
        Panel("leads.mail", _("Mail"), "followup.new_mail"),
    ),
    news=(
        NewsKind(NEWS_DUE, _("A task is due"), mail=True, permission=Followup.USE),
        NewsKind(NEWS_GIVEN, _("A colleague gives you a task"), permission=Followup.USE),
    ),
    jobs=(jobs.remind,),
    start=start,
)
