"""What a person has at hand: pinned views, and the one that the list begins with. Known without asking anew."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, func, select

from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.saved_views.models import AtHand, View

AT_OPENING = "saved views"
MOST_PINNED = 8


@dataclass(frozen=True)
class Near:
    id: str
    name: str
    address: str
    pinned: bool
    opens: bool


def ask_at_opening(opened: Any) -> ColumnElement[Any]:
    """See doors.also_ask(): the navigation of every page costs no round trip."""
    views: ColumnElement[Any] = func.saved_views_of(opened.company_id, opened.user_id, type_=JSON())
    return views


def near(viewer: Any = None) -> list[Near]:
    """Of who is looking, in order. Without a request (jobs, tests) the database is asked."""
    viewer = viewer or signed_in_viewer()
    asked = getattr(viewer, "asked", {})
    if AT_OPENING in asked:
        return [Near(*each) for each in asked[AT_OPENING] or ()]
    mine = select(View.id, View.name, View.address, AtHand.pinned, AtHand.opens).join(
        AtHand, (AtHand.company_id == View.company_id) & (AtHand.view_id == View.id)
    )
    wanted = mine.where(AtHand.user_id == viewer.user_id, View.removed_at.is_(None), AtHand.pinned | AtHand.opens)
    rows = session.execute(wanted.order_by(AtHand.position, View.name, View.id))
    return [Near(str(row.id), row.name, row.address, row.pinned, row.opens) for row in rows]


def line_of(view_id: UUID) -> AtHand:
    """The viewer's own line of a view; made when there is none."""
    viewer = signed_in_viewer()
    mine = select(AtHand).where(AtHand.user_id == viewer.user_id, AtHand.view_id == view_id)
    line: AtHand | None = session.scalars(mine).one_or_none()
    if line is None:
        line = AtHand(company_id=viewer.company_id, user_id=viewer.user_id, view_id=view_id, pinned=False, opens=False)
        session.add(line)
    return line


def lines() -> dict[UUID, AtHand]:
    mine = select(AtHand).where(AtHand.user_id == signed_in_viewer().user_id)
    return {line.view_id: line for line in session.scalars(mine)}


def pin(view_id: UUID, pinned: bool) -> bool:
    """False when there are too many already."""
    mine = lines()
    if pinned and sum(line.pinned for line in mine.values()) >= MOST_PINNED:
        return False
    line = line_of(view_id)
    line.pinned = pinned
    line.position = max((each.position for each in mine.values()), default=0) + 1 if pinned else 0
    return True


def open_with(view_id: UUID | None) -> None:
    """The list of the viewer begins with this view; None: with all leads."""
    for line in lines().values():
        line.opens = line.view_id == view_id
    if view_id is not None:
        line_of(view_id).opens = True
