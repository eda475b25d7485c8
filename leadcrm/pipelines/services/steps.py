"""Leads in their steps: where one stands, moving it, and taking a move back."""

from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import Viewer
from leadcrm.leads.events import Asked
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ReturnReason
from leadcrm.leads.services import leads
from leadcrm.pipelines.models.move import Move
from leadcrm.pipelines.services.layout import Stop, layout_of
from leadcrm.pipelines.services.rules import Refused


def of(lead: Lead) -> Stop | None:
    """Where a lead stands; None for a closed one of a stage that has no step."""
    return layout_of(lead.company_id).of(lead)


def move(
    lead: Lead,
    step: Stop,
    by: Viewer,
    reason: str | None = None,
    return_reason: ReturnReason | None = None,
    lost_reason_id: UUID | None = None,
    batch: UUID | None = None,
) -> None:
    """To a step of any pipeline of the company. Raises Invalid when a rule refuses it."""
    leads.move(
        lead, step.stage, by, reason, return_reason, batch, step_id=step.id, lost_reason_id=lost_reason_id
    )


def move_made(lead: Lead) -> Move | None:
    """The one that this transaction wrote just now, without asking for it again; else the last one there is."""
    kept = (row for row in session.identity_map.values() if isinstance(row, Move) and row.lead_id == lead.id)
    return max(kept, key=lambda row: row.at, default=None) or last_move(lead)


def last_move(lead: Lead) -> Move | None:
    asked = select(Move).where(Move.company_id == lead.company_id, Move.lead_id == lead.id)
    found: Move | None = session.scalars(asked.order_by(Move.at.desc(), Move.id).limit(1)).first()
    return found


def move_of(lead: Lead, ident: UUID) -> Move | None:
    found: Move | None = session.scalars(select(Move).where(Move.id == ident, Move.lead_id == lead.id)).one_or_none()
    return found


def undo(lead: Lead, done: Move, by: Viewer) -> None:
    """Back to where it was, as long as it was this person's and nothing moved the lead since."""
    last = last_move(lead)
    if last is None or last.id != done.id or done.by_id != by.user_id or done.undoes_id is not None:
        raise Refused(_("This cannot be undone any more: the lead was moved on since."))
    carry_back(lead, done, by)


def carry_back(lead: Lead, done: Move, by: Viewer) -> None:
    """To where it stood before this move; when that step is gone, to where its leads went."""
    layout = layout_of(lead.company_id)
    pipeline_id, step_id = layout.written(layout.stop(done.from_step_id), done.from_stage)
    asked = Asked(
        done.from_stage, by, done.from_reason, _return_reason(done), step_id=step_id, pipeline_id=pipeline_id,
        lost_reason_id=done.from_lost_reason_id, undoes=done.id,
    )  # fmt: skip
    leads.carry_out(lead, asked)
    lead.stage_since, lead.contact_attempts = done.from_since, done.from_attempts


def _return_reason(done: Move) -> ReturnReason | None:
    return ReturnReason(done.from_return_reason) if done.from_return_reason else None
