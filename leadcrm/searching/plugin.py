"""Start here: what searching adds to the application."""

from flask import Flask

from leadcrm.core.plugin import Plugin
from leadcrm.leads.events import lead_shown
from leadcrm.searching.services import seen
from leadcrm.searching.views import search  # noqa: F401  (its routes)
from leadcrm.searching.views.routes import bp


def start(_app: Flask) -> None:
    lead_shown.connect(seen.note_shown)


plugin = Plugin(
    name="searching",
    about="One box that finds leads by anything people remember of them",
    requires=("auth", "leads"),
    blueprint=bp,
    start=start,
)
