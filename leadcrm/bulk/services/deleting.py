"""Removing many leads, until they are brought back or purged."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel import ngettext

from leadcrm.bulk.services.actions import Action, Arguments, Outcome, shown
from leadcrm.core.db import now
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import many


def apply(lead_ids: list[UUID], _arguments: Arguments, _batch: UUID) -> list[Outcome]:
    at = now()
    return [Outcome(ident, was=at.isoformat()) for ident in many.delete(lead_ids, at)]


def undo(done: dict[UUID, str | None], _arguments: Arguments, _batch: UUID) -> list[Outcome]:
    """Those that were removed at one moment come back together; what was removed again since stays away."""
    together: dict[str, list[UUID]] = defaultdict(list)
    for ident, was in done.items():
        together[was or ""].append(ident)
    moments = ((datetime.fromisoformat(at), ids) for at, ids in together.items())
    return [Outcome(ident) for at, ids in moments for ident in many.bring_back(ids, at)]


def said(count: int, _arguments: Arguments) -> str:
    return str(ngettext("Remove %(count)s lead", "Remove %(count)s leads", count, count=shown(count)))


def told(count: int, _arguments: Arguments) -> str:
    return str(ngettext("%(count)s lead was removed.", "%(count)s leads were removed.", count, count=shown(count)))


DELETE = Action(
    name="delete", label=_("Remove"), permission=Leads.DELETE, apply=apply, undo=undo, said=said, told=told,
    icon="trash", danger=True, order=90,
)  # fmt: skip
