"""What can be done with many leads at once, in a handful of statements: hand over, delete, and each the way back.

The rules are those of services/leads.py. Leads that the viewer does not see, or not any more, are left out; what is
returned says which were there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, select

from leadcrm.core import bulk
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Viewer, signed_in_viewer
from leadcrm.leads.events import Asked, leads_assigned, leads_created
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services import leads


@dataclass(frozen=True)
class Moved:
    """A lead that changed hands. `began`: it was new, and is assigned now."""

    lead_id: UUID
    previous: UUID | None
    owner_id: UUID | None
    began: bool = False


@dataclass(frozen=True)
class Made:
    """A lead that core.bulk wrote."""

    lead_id: UUID
    owner_id: UUID | None


def were_made(rows: Sequence[Mapping[str, Any]], by: Viewer) -> None:
    """Say so to whoever listens, once for all of these leads of one company, in their transaction."""
    made = [Made(row["id"], row["owner_id"]) for row in rows]
    leads_created.send(by.company_id, made=made, by=by)


def among(ids: Iterable[UUID], column: Any = Lead.id) -> ColumnElement[bool]:
    """One array instead of hundreds of parameters."""
    found: ColumnElement[bool] = column == any_(bindparam(None, list(ids), ARRAY(Uuid())))
    return found


def references(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Id and reference of those that are there for this viewer, and not deleted."""
    kept = select(Lead.id, Lead.reference).where(among(ids), Lead.deleted_at.is_(None))
    return {row.id: row.reference for row in session.execute(kept)}


def assign(ids: Sequence[UUID], owner_id: UUID | None, batch: UUID, by: Viewer) -> list[Moved]:
    """To one colleague, or to nobody. Those who have it already are not among what is returned."""
    moved = [
        Moved(row.id, row.owner_id, owner_id, began=owner_id is not None and row.stage == Stage.NEW)
        for row in _standing(ids) if row.owner_id != owner_id
    ]  # fmt: skip
    _hand_over(moved, batch, by)
    return moved


def undo_assignment(done: Mapping[UUID, Moved], batch: UUID, by: Viewer) -> list[Moved]:
    """Back to who had them and, as far as nobody moved them since, to the stage they were in. Not those handed on."""
    here = {row.id: row for row in _standing(done)}
    backwards: dict[UUID | None, list[Moved]] = defaultdict(list)
    for ident, was in done.items():
        if ident in here and here[ident].owner_id == was.owner_id:
            again_new = was.began and here[ident].stage == Stage.ASSIGNED
            backwards[was.previous].append(Moved(ident, was.owner_id, was.previous, began=again_new))
    for moved in backwards.values():
        _return(moved, batch, by)
    return [each for moved in backwards.values() for each in moved]


def _standing(ids: Iterable[UUID]) -> Sequence[Any]:
    """As they are, locked in one order until the commit."""
    asked = select(Lead.id, Lead.owner_id, Lead.stage, Lead.deleted_at).where(among(ids), Lead.deleted_at.is_(None))
    return session.execute(asked.order_by(Lead.id).with_for_update()).all()


def _hand_over(moved: Sequence[Moved], batch: UUID, by: Viewer) -> None:
    """All to the same owner. Those that begin with it go by the rules of their step, one by one."""
    if not moved:
        return
    owner_id = moved[0].owner_id
    bulk.change(session, Lead, [each.lead_id for each in moved if not each.began], {"owner_id": owner_id})
    for lead in _leads([each.lead_id for each in moved if each.began]):
        lead.owner_id = owner_id
        with suppress(Invalid):  # a rule of the company keeps it where it is; who works on it changes all the same
            leads.move(lead, Stage.ASSIGNED, by, batch=batch)
    session.flush()
    _tell(moved, batch)
    leads_assigned.send(batch, moves=moved, by=by)


def _leads(ids: Sequence[UUID]) -> Sequence[Lead]:
    return session.scalars(select(Lead).where(among(ids)).order_by(Lead.id)).all() if ids else ()


def _return(moved: Sequence[Moved], batch: UUID, by: Viewer) -> None:
    """All to the owner whom they had, and those that had begun to the stage before."""
    owner_id = moved[0].owner_id
    bulk.change(session, Lead, [each.lead_id for each in moved if not each.began], {"owner_id": owner_id})
    for lead in _leads([each.lead_id for each in moved if each.began]):
        lead.owner_id = owner_id
        leads.carry_out(lead, Asked(Stage.NEW, by, undoes=batch))
    session.flush()
    _tell(moved, None)
    leads_assigned.send(batch, moves=moved, by=by)


def _tell(moved: Sequence[Moved], batch: UUID | None) -> None:
    """What services/timeline.py says of one lead."""
    viewer, at = signed_in_viewer(), now()
    base = {"company_id": viewer.company_id, "by_id": viewer.user_id, "batch_id": batch, "at": at}
    bulk.write(session, Entry, [
        base | {
            "id": uuid4(), "lead_id": each.lead_id, "kind": EntryKind.ASSIGNED,
            "subject": str(each.owner_id) if each.owner_id else None,
            "previous": str(each.previous) if each.previous else None,
        }
        for each in moved
    ])  # fmt: skip


def delete(ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Out of every list and search, until they are brought back or purged. `at` tells what was removed together."""
    here = [row.id for row in _standing(ids)]
    bulk.change(session, Lead, here, {"deleted_at": at})
    return here


def bring_back(ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Those that were removed at that moment and still are."""
    gone = select(Lead.id).where(among(ids), Lead.deleted_at == at)
    here = list(session.scalars(gone.order_by(Lead.id).with_for_update()))
    bulk.change(session, Lead, here, {"deleted_at": None})
    return here
