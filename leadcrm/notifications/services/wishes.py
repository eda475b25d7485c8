"""How people want to hear of what."""

from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.plugin import NewsKind
from leadcrm.core.scope import Viewer
from leadcrm.notifications.models import Rhythm, Way, Wish, Zone
from leadcrm.notifications.services.kinds import offered_to

USUAL_HOUR = 8


def rhythm_of(company_id: UUID, user_id: UUID) -> Rhythm:
    """What holds for somebody who chose nothing; not kept yet."""
    return Rhythm(company_id=company_id, user_id=user_id, hour=USUAL_HOUR, zone=Zone.AMSTERDAM)


def my_rhythm(viewer: Viewer) -> Rhythm:
    kept = session.scalars(select(Rhythm).where(Rhythm.user_id == viewer.user_id)).one_or_none()
    return kept or rhythm_of(viewer.company_id, viewer.user_id)


def usual(kind: NewsKind) -> Way:
    return Way.MAIL if kind.mail else Way.APP


def my_ways(viewer: Viewer) -> dict[str, Way]:
    """Of every kind that this person may hear of."""
    chosen = {wish.kind: wish.way for wish in _mine(viewer)}
    return {kind.name: chosen.get(kind.name) or usual(kind) for kind in offered_to(viewer)}


def keep_ways(viewer: Viewer, ways: dict[str, Way]) -> None:
    """What is as usual needs no row, so that it changes when the usual does."""
    kept = {wish.kind: wish for wish in _mine(viewer)}
    for kind in offered_to(viewer):
        wish, way = kept.get(kind.name), ways[kind.name]
        if way == usual(kind):
            if wish is not None:
                session.delete(wish)
        elif wish is None:
            session.add(Wish(company_id=viewer.company_id, user_id=viewer.user_id, kind=kind.name, way=way))
        else:
            wish.way = way


def _mine(viewer: Viewer) -> list[Wish]:
    return list(session.scalars(select(Wish).where(Wish.user_id == viewer.user_id)))
