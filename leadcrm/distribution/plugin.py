"""Start here: what distribution adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.bulk.services import actions
from leadcrm.core.plugin import NavItem, NewsKind, Panel, Plugin
from leadcrm.distribution import jobs
from leadcrm.distribution.models import claim, handover, profile, rule  # noqa: F401  (their tables)
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import following, summing_up  # noqa: F401  (they listen)
from leadcrm.distribution.services.in_bulk import BY_RULES, HAND_OVER
from leadcrm.distribution.services.without_owner import NEWS as NEWS_WAITING
from leadcrm.distribution.views import agents, handovers, in_list, lead, overview, preview, report, rules, waiting  # noqa: F401  (their routes)
from leadcrm.distribution.views.routes import bp
from leadcrm.followup.services import beside
from leadcrm.leads.queries import extras

NEWS = (
    NewsKind("distribution.assigned", _("A lead comes to you by the rules"), mail=True),
    NewsKind("distribution.given", _("A colleague gives you a lead")),
    NewsKind("distribution.asked", _("Somebody wants to hand a lead over"), mail=True),
    NewsKind("distribution.answered", _("A hand-over of yours is answered")),
    NewsKind("distribution.handed_back", _("A lead was not taken up in time, or given back"), mail=True),
    NewsKind("distribution.nobody_fits", _("The rules find nobody for a lead"), mail=True,
             permission=Distribution.MANAGE),
    NewsKind(NEWS_WAITING, _("How many leads wait without an owner, once a day"), permission=Distribution.MANAGE),
)  # fmt: skip


def start(_app: Flask) -> None:
    for action in (HAND_OVER, BY_RULES):
        actions.register(action)
    extras.register("distribution", in_list.InList())
    beside.register("distribution", in_list.BESIDE_TODAY)


plugin = Plugin(
    name="distribution",
    about="Who gets which lead: rules, hand-over, claims, and whether it was fair",
    requires=("auth", "leads", "notifications", "bulk", "followup"),
    blueprint=bp,
    permissions=Distribution,
    granted={"agent": {Distribution.RECEIVE}, "companymanager": set(Distribution)},
    nav=(NavItem(_("Distribution"), "distribution.overview", "arrows-split-2", 45, key="v"),),
    panels=(Panel("leads.show_lead", _("Assignment"), "distribution.show_lead", 15),),
    news=NEWS,
    start=start,
    jobs=(jobs.hand_out, jobs.take_back, jobs.every_minute),
)
