"""Assigning many leads to a colleague, or to nobody."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.bulk.models import Result
from leadcrm.bulk.services.actions import Action, Arguments, Asked, Outcome, Refused, shown
from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.owners import possible_owners
from leadcrm.leads.services import many
from leadcrm.leads.services.many import Moved

NOBODY = "none"


def colleagues() -> Sequence[tuple[str, str]]:
    return [*possible_owners(), (NOBODY, gettext("Nobody"))]


def read(typed: Mapping[str, Any]) -> Arguments:
    owner = typed.get("owner", "")
    if owner not in dict(colleagues()):
        raise Refused("owner", _("Choose somebody from the list."))
    return {"owner": owner}


def owner_of(arguments: Arguments) -> UUID | None:
    return None if arguments["owner"] == NOBODY else UUID(arguments["owner"])


def name_of(arguments: Arguments) -> str:
    owner_id = owner_of(arguments)
    name = session.scalar(select(User.name).where(User.id == owner_id)) if owner_id else None
    return name or gettext("nobody")


def apply(lead_ids: list[UUID], arguments: Arguments, batch: UUID) -> list[Outcome]:
    read(arguments)  # who may have left the company since
    moved = many.assign(lead_ids, owner_of(arguments), batch, signed_in_viewer())
    outcomes = [Outcome(each.lead_id, was=_kept(each)) for each in moved]
    left = set(lead_ids) - {each.lead_id for each in moved}
    had = gettext("Has this lead already.") if owner_of(arguments) else gettext("Was nobody's already.")
    return outcomes + [Outcome(ident, Result.SKIPPED, had) for ident in left]


def undo(done: dict[UUID, str | None], arguments: Arguments, batch: UUID) -> list[Outcome]:
    owner_id = owner_of(arguments)
    was = {ident: _moved(ident, owner_id, text) for ident, text in done.items()}
    return [Outcome(each.lead_id) for each in many.undo_assignment(was, batch, signed_in_viewer())]


def _kept(moved: Moved) -> str:
    return json.dumps([str(moved.previous) if moved.previous else None, moved.began])


def previous_in(was: str | None) -> UUID | None:
    """Who had the lead, by what is kept for the way back."""
    previous, _began = json.loads(was or "[null, false]")
    return UUID(previous) if previous else None


def _moved(lead_id: UUID, owner_id: UUID | None, text: str | None) -> Moved:
    _previous, began = json.loads(text or "[null, false]")
    return Moved(lead_id, previous_in(text), owner_id, began)


def said(count: int, arguments: Arguments) -> str:
    return str(ngettext(
        "Assign %(count)s lead to %(name)s", "Assign %(count)s leads to %(name)s", count,
        count=shown(count), name=name_of(arguments),
    ))  # fmt: skip


def told(count: int, arguments: Arguments) -> str:
    return str(ngettext(
        "%(count)s lead assigned to %(name)s.", "%(count)s leads assigned to %(name)s.", count,
        count=shown(count), name=name_of(arguments),
    ))  # fmt: skip


ASSIGN = Action(
    name="assign", label=_("Assign"), permission=Leads.ASSIGN, apply=apply, undo=undo, said=said, told=told,
    step_up=True, fields=(Asked("owner", _("Assign to"), colleagues),), read=read, icon="user-check", order=10,
)  # fmt: skip
