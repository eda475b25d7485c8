"""Appointments that should have been, and those to which nobody came."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from leadcrm.figures.services.periods import Days
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.leads.models.lead import Lead


def missed(days: Days) -> ColumnElement[bool]:
    """Leads with an appointment in these days to which nobody came."""
    theirs = and_(Appointment.company_id == Lead.company_id, Appointment.lead_id == Lead.id)
    return select(Appointment.id).where(theirs, _on(days), _was(AppointmentOutcome.NO_SHOW)).exists()


def _on(days: Days) -> ColumnElement[bool]:
    return and_(Appointment.starts_at >= days.since, Appointment.starts_at < days.until)


def _was(*outcomes: AppointmentOutcome) -> ColumnElement[bool]:
    return Appointment.outcome.in_(outcomes)


def shows(days: Days, owner: UUID | None) -> Select[Any]:
    """Of each owner of leads: appointments held, missed, and the leads that missed any."""
    its_lead = and_(Lead.company_id == Appointment.company_id, Lead.id == Appointment.lead_id)
    no_show = _was(AppointmentOutcome.NO_SHOW)
    counted = select(
        Lead.owner_id, func.count().filter(_was(AppointmentOutcome.HELD)).label("held"),
        func.count().filter(no_show).label("missed"), func.count(Lead.id.distinct()).filter(no_show).label("leads"),
    ).join(Lead, its_lead)  # fmt: skip
    ended = _was(AppointmentOutcome.HELD, AppointmentOutcome.NO_SHOW)
    narrowed = counted.where(_on(days), ended, Lead.deleted_at.is_(None)).group_by(Lead.owner_id)
    return narrowed if owner is None else narrowed.where(Lead.owner_id == owner)
