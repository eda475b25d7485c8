"""Start here: what saved_views adds to the application."""

from flask import Flask

from leadcrm.auth.services import doors
from leadcrm.core.plugin import Plugin
from leadcrm.leads.views import list_tools
from leadcrm.saved_views import models  # noqa: F401  (their tables)
from leadcrm.saved_views.permissions import SavedViews
from leadcrm.saved_views.services import at_hand
from leadcrm.saved_views.views import manage, near  # noqa: F401  (their routes)
from leadcrm.saved_views.views.routes import bp


def start(_app: Flask) -> None:
    doors.also_ask(at_hand.AT_OPENING, at_hand.ask_at_opening)
    list_tools.register(near.TOOL)


plugin = Plugin(
    name="saved_views",
    about="Lists that people keep: filters, order and columns, shared and pinned",
    requires=("auth", "leads"),
    blueprint=bp,
    permissions=SavedViews,
    granted={"agent": {SavedViews.USE}, "companymanager": set(SavedViews)},
    nav_views=near.in_navigation,
    start=start,
)
