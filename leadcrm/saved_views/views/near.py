"""Saved views where people meet them: in the navigation, above the list, and as what the list begins with."""

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from flask import g, request
from flask_babel import gettext as _

from leadcrm.core.web import NavShown, address_of
from leadcrm.leads.views.list_state import ALL, ListState
from leadcrm.leads.views.list_tools import Tool
from leadcrm.saved_views.services.at_hand import near
from leadcrm.saved_views.services.keeping import view_of

LIST = "leads.list_leads"


@lru_cache(maxsize=1_000)
def query_of(view_id: object, address: str) -> str:
    """What stands after the question mark of the list: all of it, so that the link shows the same to everybody."""
    return "&".join(part for part in (address, urlencode({"view": str(view_id)})) if part)


def url_of(view_id: object, address: str) -> str:
    return f"{address_of(LIST)}?{query_of(view_id, address)}"


def in_navigation() -> Iterator[NavShown]:
    """Those that the viewer pinned, below Leads."""
    viewer = g.get("viewer")
    pinned = [view for view in near(viewer) if view.pinned] if viewer is not None else []
    here = request.args.get("view") if pinned and request.endpoint == LIST else None
    for view in pinned:
        yield NavShown(view.name, "", LIST, url_of(view.id, view.address), view.id == here)


def begins() -> str:
    """The list begins with the viewer's own view, if there is one."""
    return next((query_of(view.id, view.address) for view in near() if view.opens), "")


def label(state: ListState) -> str:
    """The name of the view that is on; asked for only when it is not at hand anyway."""
    if not state.view or state.view == ALL:
        return str(_("Views"))
    known = next((view.name for view in near() if view.id == state.view), None)
    if known is None:
        found = view_of(UUID(state.view))
        known = found.name if found else None
    return known or str(_("Views"))


TOOL = Tool("saved_views.show_menu", label, "bookmark", begins)
