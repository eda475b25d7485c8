"""Start here: what intake adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.auth.services import doors as signing_in
from leadcrm.core.plugin import NavItem, NewsKind, Plugin
from leadcrm.intake import commands, jobs, queries
from leadcrm.intake.models import arrival, inlet, webform  # noqa: F401  (their tables)
from leadcrm.intake.permissions import Intake
from leadcrm.intake.services.taking import WAITING
from leadcrm.intake.views import arrivals, building, managing, receiving, visitors  # noqa: F401  (their routes)
from leadcrm.intake.views.routes import bp


def start(_app: Flask) -> None:
    signing_in.also_ask(queries.AT_OPENING, queries.quarantined_at_opening)


plugin = Plugin(
    name="intake",
    about="Leads that arrive by themselves: keyed addresses, web forms, mail, and the quarantine",
    requires=("auth", "leads", "imports", "notifications", "mailboxes"),
    blueprint=bp,
    permissions=Intake,
    granted={"companymanager": set(Intake)},
    news=(NewsKind(WAITING, _("Leads that arrived wait in quarantine"), mail=True, permission=Intake.MEND),),
    jobs=(jobs.take_in, jobs.record_opt_ins, jobs.poll_mailboxes, jobs.forget),
    nav=(NavItem(_("Arrived leads"), "intake.list_arrivals", "inbox", 25, count=queries.quarantined),),
    commands=(commands.intake,),
    start=start,
)
