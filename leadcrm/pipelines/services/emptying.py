"""Leads of a step that was removed, written to the step where they went."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, and_, or_, select

from leadcrm.core.db import now, session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.events import Asked
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.services.leads import carry_out
from leadcrm.pipelines.models.pipeline import Step
from leadcrm.pipelines.services.layout import forget, layout_of

AT_ONCE = 200


def some_left(step_id: UUID) -> bool:
    """Moves the next leads; False when the step is empty. No rule refuses them: a manager decided where they go."""
    step = session.scalars(select(Step).where(Step.id == step_id)).one()
    layout = layout_of(step.company_id)
    target = layout.stop(step.id)
    if target is None:
        return False
    rows = session.scalars(_left(step, was_standard=step.pipeline_id == layout.standard.id).limit(AT_ONCE)).all()
    name = step.name or step.stage.label
    pipeline_id, written_id = layout.written(target, target.stage)
    for lead in rows:
        reason = str(_("Step “%(name)s” was removed.", name=name))
        asked = Asked(target.stage, signed_in_viewer(), reason, step_id=written_id, pipeline_id=pipeline_id)
        carry_out(lead, asked)
    if not rows:
        step.emptied_at = now()
        forget()
    return bool(rows)


def _left(step: Step, *, was_standard: bool) -> Select[Lead]:
    """Those of the step, and those without a step whose stage it took in when it was removed."""
    here = Lead.step_id == step.id
    if was_standard and step.takes_in:
        untouched = and_(Lead.step_id.is_(None), Lead.stage == step.stage, Lead.stage_since < step.removed_at)
        here = or_(here, untouched)
    return select(Lead).where(Lead.company_id == step.company_id, Lead.deleted_at.is_(None), here)
