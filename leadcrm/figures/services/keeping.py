"""Figures are kept for five minutes, for each scope apart. What somebody does to leads themselves they see at once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select

from leadcrm.core.db import now, session
from leadcrm.core.jobs_steps import removed_some
from leadcrm.core.scope import Scope, Viewer, current_viewer, signed_in_viewer
from leadcrm.figures.models import Kept
from leadcrm.figures.services.figures import Figures, worked_out
from leadcrm.figures.services.periods import Period
from leadcrm.leads.models.lead import Lead

LASTS = timedelta(minutes=5)
SHAPE = 1  # of what is kept: another one when figures are put together differently
FORGOTTEN = "figures forgotten"  # in session.info
FORGOTTEN_AT_ONCE = 5_000


def figures_of(period: Period, owner: UUID | None, on: date) -> Figures:
    """As they are now, or were within the last minutes."""
    viewer, asked = signed_in_viewer(), _asked(period, owner, on)
    kept = session.scalars(_kept(viewer, asked).order_by(Kept.made_at.desc()).limit(1)).one_or_none()
    if kept is not None and kept.made_at > now() - LASTS:
        return Figures.from_json(kept.answer)
    found = worked_out(period, owner, on)
    if not viewer.read_only:
        session.execute(delete(Kept).where(Kept.id.in_(_unlocked(_kept(viewer, asked)))))
        session.add(Kept(company_id=viewer.company_id, user_id=_whose(viewer), asked=asked, made_at=found.made_at,
                         answer=found.as_json()))  # fmt: skip
    return found


def _asked(period: Period, owner: UUID | None, on: date) -> str:
    return f"{SHAPE} {on:%Y%m%d} {period.span} {period.key} {owner or ''}".strip()


def _whose(viewer: Viewer) -> UUID | None:
    return viewer.user_id if viewer.scope == Scope.OWN else None


def _kept(viewer: Viewer, asked: str) -> Any:
    """Of this very scope: a manager sees what is kept for agents, but it answers another question."""
    return select(Kept).where(_of(viewer), Kept.asked == asked)


def _of(viewer: Viewer) -> ColumnElement[bool]:
    whose = _whose(viewer)
    return Kept.user_id.is_(None) if whose is None else Kept.user_id == whose


def _unlocked(kept: Any) -> Any:
    """Nobody waits for somebody else who forgets the same."""
    return kept.with_only_columns(Kept.id).with_for_update(skip_locked=True)


def refresh() -> None:
    """Everything that is kept for who looks."""
    session.execute(delete(Kept).where(_of(signed_in_viewer())))


def forget_for(lead: Lead, *owners: UUID | None) -> None:
    """After a change to a lead: what is kept for who made it and for its owners."""
    forget_of({lead.owner_id, *owners})


def forget_of(owners: set[UUID | None]) -> None:
    """What is kept for who looks and for these owners of leads, as far as they may touch it.

    What an agent does reaches the company's figures when they are worked out anew.
    """
    viewer = current_viewer()
    if not isinstance(viewer, Viewer) or viewer.scope not in (Scope.OWN, Scope.COMPANY):
        return
    done = _done()
    affected = {_whose(viewer), *owners} - done
    if affected:
        done |= affected
        among = Kept.user_id.in_([each for each in affected if each is not None])
        condition = or_(among, Kept.user_id.is_(None)) if _whose(viewer) is None else among
        found = select(Kept.id).where(Kept.company_id == viewer.company_id, condition)
        session.execute(delete(Kept).where(Kept.id.in_(found.with_for_update(skip_locked=True))))


def _done() -> set[UUID | None]:
    """Whose figures this transaction has forgotten: a job that moves ten thousand leads does so once a chunk."""
    known: tuple[Any, set[UUID | None]] = session.info.get(FORGOTTEN, (None, set()))
    if known[0] is not session.get_transaction():
        known = session.info[FORGOTTEN] = (session.get_transaction(), set())
    return known[1]


def forget_old() -> bool:
    """Some of them; whether more are left."""
    return removed_some(Kept, Kept.made_at < now() - timedelta(days=1), FORGOTTEN_AT_ONCE)
