"""The bell in the frame: how much is unread, of everything that tells anything."""

from typing import Any

from flask import g

from leadcrm.core.scope import NoViewer
from leadcrm.core.web import may_open
from leadcrm.notifications.services import reading

MOST_COUNTED = 99


def bell() -> str | None:
    """As it stands beside the bell; None for nobody."""
    viewer = g.get("viewer")
    if viewer is None:
        return None
    try:
        count = reading.unread(viewer) + sum(count for _beside, count in beside())
    except NoViewer:  # the page of an error, after the request's own transaction
        return None
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


def beside() -> list[tuple[Any, int]]:
    """What other plugins tell on pages of their own, and how much of it is unread; asked once a request."""
    if "beside" not in g:
        g.beside = [(each, each.unread()) for each in reading.besides() if may_open(each.endpoint)]
    return g.beside  # type: ignore[no-any-return]  # set in the line above
