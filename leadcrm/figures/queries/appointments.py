"""Appointments that should have been, and those to which nobody came."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from leadcrm.figures.queries.counting import part_of
from leadcrm.figures.services.periods import Days, Period
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


def shows(period: Period, owner: UUID | None) -> Select[Any]:
    """Of each owner of leads: appointments held, missed, and the leads that missed any."""
    by = (part_of(period, Appointment.starts_at), Lead.owner_id)
    its_lead = and_(Lead.company_id == Appointment.company_id, Lead.id == Appointment.lead_id)
    no_show = _was(AppointmentOutcome.NO_SHOW)
    counted = select(
        *by, func.count().filter(_was(AppointmentOutcome.HELD)).label("held"),
        func.count().filter(no_show).label("missed"), func.count(Lead.id.distinct()).filter(no_show).label("leads"),
    ).join(Lead, its_lead)  # fmt: skip
    ended = _was(AppointmentOutcome.HELD, AppointmentOutcome.NO_SHOW)
    both = Days(period.before.first, period.days.last)
    narrowed: Any = counted.where(_on(both), ended, Lead.deleted_at.is_(None)).group_by(*by)
    if owner is not None:
        narrowed = narrowed.where(Lead.owner_id == owner)
    return cast(Select[Any], narrowed)
