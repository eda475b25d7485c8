"""The rules of steps. They listen to every move of a lead, so no form, board, job or connection goes around them."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import ngettext

from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.leads.events import Asked, lead_moved, stage_asked
from leadcrm.leads.models.lead import Lead
from leadcrm.pipelines.models.move import Move
from leadcrm.pipelines.services.demands import missing
from leadcrm.pipelines.services.layout import Layout, Stop, layout_of
from leadcrm.pipelines.services.reasons import named, reasons_for


class Refused(Invalid):
    """A rule of a step. `field` is what to fill in to pass it, on the form that moves a lead."""

    def __init__(self, message: Any, field: str = ""):
        super().__init__(message)
        self.field = field


@stage_asked.connect
def decide(lead: Lead, asked: Asked, **_rest: Any) -> None:
    """Says where the lead goes, or why it may not."""
    layout = layout_of(lead.company_id)
    stop = _wanted(layout, lead, asked)
    if stop is not None and stop != layout.of(lead):
        refuse_unready(lead, stop)
    _take_reason(lead, asked)
    asked.pipeline_id, asked.step_id = layout.written(stop, asked.stage)
    asked.step_name = stop.given_name if stop and stop.given_name != asked.stage.label else ""


def _wanted(layout: Layout, lead: Lead, asked: Asked) -> Stop | None:
    """A step that is asked for decides about the stage; else the stage about the step."""
    if asked.step_id is None:
        return layout.target(lead, asked.stage)
    stop = layout.stop(asked.step_id)
    if stop is None:
        raise Refused(_("This step is not there any more. Load the page again."))
    asked.stage = stop.stage
    return stop


def refuse_unready(lead: Lead, stop: Stop) -> None:
    """What the step asks before a lead may come to it."""
    if lacking := missing(lead, stop.required):
        what = ", ".join(lacking)
        raise Refused(_("Before “%(step)s” this must be filled in: %(what)s.", step=stop.name, what=what))
    tried, wanted = lead.contact_attempts or 0, stop.min_attempts or 0
    if tried < wanted:
        raise Refused(
            ngettext(
                "Before “%(step)s” somebody must have tried %(num)s time to make contact; so far %(tried)s.",
                "Before “%(step)s” somebody must have tried %(num)s times to make contact; so far %(tried)s.",
                wanted, step=stop.name, tried=tried,
            )
        )  # fmt: skip


def _take_reason(lead: Lead, asked: Asked) -> None:
    reasons = reasons_for(lead.company_id, asked.stage)
    chosen = named(reasons, asked.lost_reason_id, asked.reason)
    if reasons and chosen is None:
        names = ", ".join(each.name for each in reasons)
        raise Refused(_("Choose why this lead is closed: %(names)s.", names=names), "lost_reason")
    asked.lost_reason_id = chosen.id if chosen else None
    asked.reason = asked.reason or (chosen.name if chosen else None)


@lead_moved.connect
def remember(lead: Lead, asked: Asked, **_rest: Any) -> None:
    """Every move, whoever made it and how."""
    before = asked.before
    stop = layout_of(lead.company_id).of(lead)
    session.add(
        Move(
            company_id=lead.company_id, lead_id=lead.id, by_id=getattr(asked.by, "user_id", None),
            batch_id=asked.batch, undoes_id=asked.undoes,
            from_pipeline_id=before["pipeline_id"], from_step_id=before["step_id"], from_stage=before["stage"],
            from_since=before["stage_since"], from_reason=before["stage_reason"],
            from_return_reason=before["return_reason"], from_lost_reason_id=before["lost_reason_id"],
            from_attempts=before["contact_attempts"] or 0,
            to_pipeline_id=lead.pipeline_id, to_step_id=lead.step_id, to_stage=lead.stage,
            to_name=stop.name if stop else lead.stage.label,
        )
    )  # fmt: skip
