"""What somebody has read, and how much they have not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, select, update

from leadcrm.core.db import now, session
from leadcrm.core.paging import Sort
from leadcrm.core.scope import Viewer, signed_in_viewer
from leadcrm.notifications.models import News

AT_OPENING = "unread news"
NEWEST_FIRST = Sort("at", News.at, News.id, descending=True)


@dataclass(frozen=True)
class Beside:
    """What another plugin has to tell as well, on a page of its own: the bell counts it too."""

    label: Any  # lazy, with what it is about
    endpoint: str
    unread: Callable[[], int]


_beside: list[Beside] = []


def count_beside(beside: Beside) -> None:
    """A plugin's own list that the bell must count; asked only of who may open its endpoint."""
    if beside not in _beside:
        _beside.append(beside)


def besides() -> tuple[Beside, ...]:
    return tuple(_beside)


def unread_at_opening(opened: Any) -> ColumnElement[Any]:
    """See doors.also_ask(): the bell of every page costs no round trip."""
    unread: ColumnElement[Any] = func.notifications_unread(opened.company_id, opened.user_id, type_=Integer())
    return unread


def unread(viewer: Viewer) -> int:
    """At most one more than the bell can show; known since the session was opened."""
    return int(getattr(viewer, "asked", {}).get(AT_OPENING) or 0)


def news(only_unread: bool) -> Select[Any]:
    """Of whoever looks: the model says so."""
    return select(News).where(News.read_at.is_(None)) if only_unread else select(News)


def mark_read(one: News) -> None:
    if one.read_at is None:
        one.read_at, one.waits_for = now(), None


def mark_unread(one: News) -> None:
    one.read_at = None


def mark_all_read() -> int:
    """In one statement, however many; what waited for the daily mail does so no longer."""
    mine = News.user_id == signed_in_viewer().user_id
    read = update(News).where(mine, News.read_at.is_(None)).values(read_at=now(), waits_for=None)
    return session.execute(read.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined,no-any-return]  # of an update
