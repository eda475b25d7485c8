"""Saved views: keeping, changing, sharing and removing them, and taking that back."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.saved_views.models import View
from leadcrm.saved_views.permissions import SavedViews
from leadcrm.saved_views.services.addresses import kept_part

MOST = 100  # of one person, and of an office


def views() -> Sequence[View]:
    """One's own, and those of the office."""
    kept = select(View).where(View.removed_at.is_(None))
    return session.scalars(kept.order_by(View.shared, View.name, View.id)).all()


def view_of(view_id: UUID) -> View | None:
    view: View | None = session.get(View, view_id)
    return view if view is not None and view.removed_at is None else None


def may_change(view: View) -> bool:
    """Shared ones are the managers'; everything else is one's own. The walls say the same."""
    viewer = signed_in_viewer()
    if viewer.read_only:
        return False
    shares = viewer.scope == Scope.COMPANY and viewer.can(SavedViews.SHARE)
    return shares if view.shared else view.user_id == viewer.user_id


def keep(name: str, query: str, shared: bool) -> View:
    """Raises Invalid when there are too many, or when the list cannot be kept."""
    viewer, address = signed_in_viewer(), kept_part(query)
    if address is None:
        raise Invalid(_("This list has too many filters and columns to be kept."))
    many = session.scalar(select(func.count()).select_from(View).where(View.removed_at.is_(None))) or 0
    if many >= MOST:
        raise Invalid(_("There are %(most)s views already. Remove some first.", most=MOST))
    view = View(company_id=viewer.company_id, user_id=viewer.user_id, name=name, shared=shared, address=address)
    session.add(view)
    session.flush()
    return view


def change(view: View, name: str, shared: bool) -> None:
    """Nobody gets a view that was somebody else's: one that is not shared any more goes to who took it back."""
    if view.shared and not shared:
        view.user_id = signed_in_viewer().user_id
    view.name, view.shared = name, shared


def replace(view: View, query: str) -> None:
    """From now on it is the list of this address."""
    address = kept_part(query)
    if address is None:
        raise Invalid(_("This list has too many filters and columns to be kept."))
    view.address = address


def remove(view: View) -> None:
    view.removed_at = now()


def bring_back(view: View) -> None:
    view.removed_at = None
