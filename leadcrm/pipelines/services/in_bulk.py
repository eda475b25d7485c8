"""Many leads to another step, each by the rules that hold for one. What a rule refuses is listed with why."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from leadcrm.bulk.models import Result
from leadcrm.bulk.services.actions import Action, Arguments, Asked, Options, Outcome, Refused, shown
from leadcrm.core.db import session
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ReturnReason, Stage
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import leads, many, rules
from leadcrm.pipelines.models.move import Move
from leadcrm.pipelines.services import steps
from leadcrm.pipelines.services.layout import Layout, Stop, layout_of
from leadcrm.pipelines.services.reasons import named, reasons_for

Typed = Mapping[str, Any]


def _layout() -> Layout:
    return layout_of(signed_in_viewer().company_id)


def every_step() -> Sequence[tuple[str, Options]]:
    """By pipeline."""
    return [(line.name, [(str(stop.id), stop.name) for stop in line.stops]) for line in _layout().lines]


def _id(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _step(typed: Typed) -> Stop | None:
    return _layout().stop(_id(typed.get("stage")))


def _stage(typed: Typed) -> Stage | None:
    """Of the step; or a standard one, by which each lead goes to the step of its own pipeline."""
    step, said = _step(typed), typed.get("stage")
    return step.stage if step else Stage(said) if said in list(Stage) else None


def lost_reasons(typed: Typed) -> Options | None:
    """The company's own, when the step closes leads and asks for one."""
    stage = _stage(typed)
    reasons = reasons_for(signed_in_viewer().company_id, stage) if stage else ()
    return [(str(each.id), each.name) for each in reasons] or None


def return_reasons(typed: Typed) -> Options | None:
    return [(str(each), each.label) for each in ReturnReason] if _stage(typed) == Stage.RETURNED else None


def read(typed: Typed) -> Arguments:
    """Raises what the form of one lead would say."""
    step, stage = _step(typed), _stage(typed)
    if stage is None:
        raise Refused("stage", _("Choose one from the list."))
    said, returned = _said(typed.get("stage_reason") or ""), _returned(typed.get("return_reason"))
    reasons = reasons_for(signed_in_viewer().company_id, stage)
    lost = named(reasons, _id(typed.get("lost_reason")), said)
    if reasons and lost is None:
        raise Refused("lost_reason", _("Choose one from the list."))
    for name, problem in rules.stage_problems(stage, said or (lost.name if lost else None), returned):
        raise Refused(name, problem)
    return {
        "stage": str(stage), "step": str(step.id) if step else None, "stage_reason": said,
        "return_reason": str(returned) if returned else None, "lost_reason": str(lost.id) if lost else None,
    }  # fmt: skip


def _said(typed: str) -> str | None:
    try:
        reason: str | None = facts_of(Lead)["stage_reason"].fillable.parse(typed)
    except Invalid as problem:
        raise Refused("stage_reason", problem.message) from problem
    return reason


def _returned(typed: Any) -> ReturnReason | None:
    return ReturnReason(typed) if typed in list(ReturnReason) else None


def apply(lead_ids: list[UUID], arguments: Arguments, batch: UUID) -> list[Outcome]:
    return [_move(lead, arguments, batch) for lead in _locked(lead_ids)]


def _locked(ids: Any) -> Sequence[Lead]:
    """In one order, until the commit."""
    wanted = select(Lead).where(many.among(ids), Lead.deleted_at.is_(None)).order_by(Lead.id)
    return session.scalars(wanted.with_for_update()).all()


def _move(lead: Lead, arguments: Arguments, batch: UUID) -> Outcome:
    step_id, stage = _id(arguments.get("step")), Stage(arguments["stage"])
    if _stands_there(lead, step_id, stage):
        already = gettext("Is in this step already.") if step_id else gettext("Is in this stage already.")
        return Outcome(lead.id, Result.SKIPPED, already)
    said, returned = arguments["stage_reason"], _returned(arguments["return_reason"])
    try:
        leads.move(
            lead, stage, signed_in_viewer(), said, returned, batch, step_id, _id(arguments.get("lost_reason"))
        )
    except Invalid as problem:
        return Outcome(lead.id, Result.SKIPPED, str(problem))
    return Outcome(lead.id)


def _stands_there(lead: Lead, step_id: UUID | None, stage: Stage) -> bool:
    if step_id is None:
        return lead.stage == stage
    layout = _layout()
    step = layout.stop(step_id)
    return step is not None and layout.of(lead) == step


def undo(done: dict[UUID, str | None], _arguments: Arguments, batch: UUID) -> list[Outcome]:
    """Each to the step it came from, as long as nothing moved it since."""
    last = _last_moves(list(done))
    undone = []
    for lead in _locked(done):
        move = last.get(lead.id)
        if move is not None and move.batch_id == batch and move.undoes_id is None:
            steps.carry_back(lead, move, signed_in_viewer())
            undone.append(Outcome(lead.id))
    return undone


def _last_moves(ids: list[UUID]) -> dict[UUID, Move]:
    """In one statement, however many leads."""
    newest = select(Move).where(many.among(ids, Move.lead_id)).ext(distinct_on(Move.lead_id))
    return {move.lead_id: move for move in session.scalars(newest.order_by(Move.lead_id, Move.at.desc(), Move.id))}


def _name(arguments: Arguments) -> str:
    """With its pipeline, when there are several."""
    layout = _layout()
    step = layout.stop(_id(arguments.get("step")))
    if step is None:
        return Stage(arguments["stage"]).label
    return f"{layout.line(step.pipeline_id).name}: {step.name}" if len(layout.lines) > 1 else step.name


def said(count: int, arguments: Arguments) -> str:
    return str(ngettext(
        "Move %(count)s lead to %(stage)s", "Move %(count)s leads to %(stage)s", count,
        count=shown(count), stage=_name(arguments),
    ))  # fmt: skip


def told(count: int, arguments: Arguments) -> str:
    return str(ngettext(
        "%(count)s lead moved to %(stage)s.", "%(count)s leads moved to %(stage)s.", count,
        count=shown(count), stage=_name(arguments),
    ))  # fmt: skip


def closing(typed: Typed) -> Options | None:
    """In words of one's own, as soon as a step is chosen: what closes a lead may need it, what does not may have it."""
    return None if _stage(typed) is None else ()


MOVE = Action(
    name="stage", label=_("Change stage"), permission=Leads.EDIT, apply=apply, undo=undo, said=said, told=told,
    fields=(
        Asked("stage", _("To step"), groups=every_step, decides=True),
        Asked("lost_reason", _("Why"), depending=lost_reasons),
        Asked("return_reason", _("Reason for return"), depending=return_reasons,
              help=_("Only when the leads go back to their supplier.")),
        Asked("stage_reason", _("Reason for the stage"), depending=closing, required=False,
              help=_("Needed when the lead is closed.")),
    ),
    read=read, icon="arrow-right", order=20,
)  # fmt: skip
