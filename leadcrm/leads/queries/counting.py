"""How many leads a list has, counted to the thousandth. Who has more than that has more a minute later too.

Counting to the thousandth is most of what a long list asks of the database, and it says "1,000+" each time.
"""

from dataclasses import replace
from time import monotonic
from typing import Any

from sqlalchemy import Select, select

from leadcrm.core.db import CrmSession
from leadcrm.core.kept import Kept
from leadcrm.core.paging import MOST_COUNTED, Page
from leadcrm.core.scope import Viewer
from leadcrm.leads.queries import lists
from leadcrm.leads.queries.lists import Filters, counted, searched

SECONDS = 60.0
more_than_counted = Kept(2_000)  # since when


def counting(viewer: Viewer, filters: Filters) -> Select[Any] | None:
    """What counts them on the way to a page; None while it is known that there are more than are counted."""
    key = _key(viewer, filters)
    since = more_than_counted.get(key) if key else None
    return None if since is not None and monotonic() - since < SECONDS else counted(filters)


def count_in(page: Page, viewer: Viewer, filters: Filters) -> int:
    """As counted on the way to this page; one more than MOST_COUNTED stands for more."""
    if not page.rows:
        return 0
    if page.count is None:
        return MOST_COUNTED + 1
    if page.count > MOST_COUNTED and (key := _key(viewer, filters)):
        more_than_counted.keep(key, monotonic())
    return page.count


def finds_no_more(session: CrmSession, page: Page, filters: Filters) -> bool:
    """Whether the search found as many as it finds at most, so that there may be others.

    Where other filters left no row that tells it, it is searched once more.
    """
    if filters.q is None:
        return False
    if page.rows:
        return bool(page.rows[0]._searched >= lists.MOST_FOUND)
    others = replace(filters, q=None).any
    return others and (session.scalar(select(searched(filters.q))) or 0) >= lists.MOST_FOUND


def _key(viewer: Viewer, filters: Filters) -> tuple[Any, ...] | None:
    """None with a filter of a plugin: those are made anew each time, and are counted each time."""
    return None if filters.extra else (viewer.scope, viewer.company_id, viewer.user_id, filters)
