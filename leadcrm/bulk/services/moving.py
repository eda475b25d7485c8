"""Moving many leads to another stage, each by the rules that hold for one. What a rule refuses is listed with why."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.bulk.models import Result
from leadcrm.bulk.services.actions import Action, Arguments, Asked, Outcome, Refused, shown
from leadcrm.core.db import session
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads import events
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ReturnReason, Stage
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import leads, many, rules

KEYS = ("pipeline_id", "step_id", "lost_reason_id")


def stages() -> Sequence[tuple[str, str]]:
    return [(str(stage), stage.label) for stage in Stage]


def return_reasons() -> Sequence[tuple[str, str]]:
    return [(str(reason), reason.label) for reason in ReturnReason]


def read(typed: Mapping[str, Any]) -> Arguments:
    """Raises what the form of one lead would say."""
    if typed.get("stage") not in dict(stages()):
        raise Refused("stage", _("Choose one from the list."))
    arguments = {"stage": typed["stage"], "stage_reason": _reason(typed.get("stage_reason") or "")}
    arguments["return_reason"] = typed.get("return_reason") or None
    stage, returned = Stage(arguments["stage"]), _returned(arguments)
    for name, problem in rules.stage_problems(stage, arguments["stage_reason"], returned):
        raise Refused(name, problem)
    return arguments


def _reason(typed: str) -> str | None:
    try:
        reason: str | None = facts_of(Lead)["stage_reason"].fillable.parse(typed)
    except Invalid as problem:
        raise Refused("stage_reason", problem.message) from problem
    return reason


def _returned(arguments: Arguments) -> ReturnReason | None:
    known = dict(return_reasons())
    return ReturnReason(arguments["return_reason"]) if arguments["return_reason"] in known else None


def apply(lead_ids: list[UUID], arguments: Arguments, batch: UUID) -> list[Outcome]:
    wanted = select(Lead).where(many.among(lead_ids), Lead.deleted_at.is_(None)).order_by(Lead.id)
    return [_move(lead, arguments, batch) for lead in session.scalars(wanted.with_for_update()).all()]


def _move(lead: Lead, arguments: Arguments, batch: UUID) -> Outcome:
    stage, before = Stage(arguments["stage"]), _before(lead)
    if lead.stage == stage:
        return Outcome(lead.id, Result.SKIPPED, gettext("Is in this stage already."))
    try:
        leads.move(lead, stage, signed_in_viewer(), arguments["stage_reason"], _returned(arguments), batch)
    except Invalid as problem:
        return Outcome(lead.id, Result.SKIPPED, str(problem))
    return Outcome(lead.id, was=json.dumps(before, default=str))


def _before(lead: Lead) -> dict[str, Any]:
    return {name: getattr(lead, name) for name in leads.MOVED}


def undo(done: dict[UUID, str | None], arguments: Arguments, batch: UUID) -> list[Outcome]:
    """Those that nobody moved on since."""
    wanted = select(Lead).where(many.among(done), Lead.deleted_at.is_(None)).order_by(Lead.id)
    here = session.scalars(wanted.with_for_update()).all()
    return [_back(lead, done[lead.id], batch) for lead in here if lead.stage == arguments["stage"]]


def _back(lead: Lead, was: str | None, batch: UUID) -> Outcome:
    before = json.loads(was or "{}")
    keys: dict[str, Any] = {name: UUID(before[name]) for name in KEYS if before.get(name)}
    returned = ReturnReason(before["return_reason"]) if before["return_reason"] else None
    stage, reason = Stage(before["stage"]), before["stage_reason"]
    leads.carry_out(lead, events.Asked(stage, signed_in_viewer(), reason, returned, undoes=batch, **keys))
    lead.stage_since = datetime.fromisoformat(before["stage_since"])
    lead.contact_attempts = before["contact_attempts"]
    return Outcome(lead.id)


def said(count: int, arguments: Arguments) -> str:
    stage = Stage(arguments["stage"]).label
    return str(ngettext(
        "Move %(count)s lead to %(stage)s", "Move %(count)s leads to %(stage)s", count,
        count=shown(count), stage=stage,
    ))  # fmt: skip


def told(count: int, arguments: Arguments) -> str:
    stage = Stage(arguments["stage"]).label
    return str(ngettext(
        "%(count)s lead moved to %(stage)s.", "%(count)s leads moved to %(stage)s.", count,
        count=shown(count), stage=stage,
    ))  # fmt: skip


MOVE = Action(
    name="stage", label=_("Change stage"), permission=Leads.EDIT, apply=apply, undo=undo, said=said, told=told,
    fields=(
        Asked("stage", _("Stage"), stages),
        Asked("stage_reason", _("Reason for the stage"), required=False, help=_("Needed when the lead is closed.")),
        Asked("return_reason", _("Reason for return"), return_reasons, required=False,
              help=_("Only when the leads go back to their supplier.")),
    ),
    read=read, icon="arrow-right", order=20,
)  # fmt: skip
