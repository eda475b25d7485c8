"""Appointments: planned, moved, held, missed, cancelled; who is invited hears of each change."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.followup import events
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.terms import AppointmentOutcome, Place
from leadcrm.followup.services import invitations, people
from leadcrm.followup.services.following import move_along
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services.timeline import tell

LONGEST = timedelta(hours=24)
PLANNED = AppointmentOutcome.PLANNED


def plan(
    lead: Lead, values: Mapping[str, Any], agent_id: UUID | None = None, person: Any = None, invite: bool = False
) -> Appointment:
    """For the owner of the lead unless somebody else who sees it is named. `person` is invited when asked for."""
    viewer = signed_in_viewer()
    made = Appointment(
        company_id=lead.company_id, lead_id=lead.id, by_id=viewer.user_id, outcome=PLANNED, sequence=0,
        uid=str(uuid4()), person_id=person.id if person is not None else None, **values,
    )  # fmt: skip
    made.agent_id = agent_id or lead.owner_id or viewer.user_id
    refuse_impossible(made, lead)
    if invite and person is not None:
        made.invited_email = person.email
    session.add(made)
    _written_down(lead, made)
    invitations.send(lead, made)
    move_along(lead, Stage.APPOINTMENT_PLANNED, viewer)
    events.appointment_planned.send(made, lead=lead, by=viewer)
    return made


def refuse_impossible(made: Appointment, lead: Lead) -> None:
    made.place = Place(made.place)  # also when it comes as text
    if made.ends_at <= made.starts_at:
        raise Invalid(_("It ends before it begins. Check both times."))
    if made.ends_at - made.starts_at > LONGEST:
        raise Invalid(_("An appointment lasts a day at most. Check both times."))
    if made.agent_id is None or not people.sees(made.agent_id, lead):
        raise Invalid(_("This colleague does not see the lead. Choose somebody who does."))


def _written_down(lead: Lead, made: Appointment) -> None:
    tell(lead, EntryKind.APPOINTMENT, made.outcome, made.about, previous=made.starts_at.isoformat())


def conflicts(agent_id: UUID, starts_at: datetime, ends_at: datetime, but: UUID | None = None) -> Sequence[Appointment]:
    """What this colleague has planned at that time, as far as the viewer sees it."""
    overlapping = select(Appointment).where(
        Appointment.agent_id == agent_id, Appointment.outcome == PLANNED,
        Appointment.starts_at > starts_at - LONGEST, Appointment.starts_at < ends_at, Appointment.ends_at > starts_at,
    )  # fmt: skip
    return [each for each in session.scalars(overlapping.order_by(Appointment.starts_at).limit(5)) if each.id != but]


def change(made: Appointment, lead: Lead, values: Mapping[str, Any], agent_id: UUID | None = None) -> Appointment:
    """Another place, subject or adviser is written on it; another time makes a successor under the same UID."""
    _refuse_past_it(made)
    if (values["starts_at"], values["ends_at"]) != (made.starts_at, made.ends_at):
        return move(made, lead, values, agent_id)
    told = [made.place, made.location, made.agent_id]
    for name, value in values.items():
        setattr(made, name, value)
    made.agent_id = agent_id or made.agent_id
    refuse_impossible(made, lead)
    if told != [made.place, made.location, made.agent_id]:
        made.sequence += 1
        invitations.send(lead, made)
    return made


def move(made: Appointment, lead: Lead, values: Mapping[str, Any], agent_id: UUID | None = None) -> Appointment:
    """The row stays as MOVED. Moving back is moving again: calendars only listen to a higher sequence."""
    _refuse_past_it(made)
    kept = {name: getattr(made, name) for name in ("about", "place", "location", "note")}
    successor = Appointment(
        company_id=made.company_id, lead_id=made.lead_id, by_id=signed_in_viewer().user_id, uid=made.uid,
        sequence=made.sequence + 1, moved_from_id=made.id, person_id=made.person_id, outcome=PLANNED,
        invited_email=made.invited_email, agent_id=agent_id or made.agent_id, **(kept | dict(values)),
    )  # fmt: skip
    refuse_impossible(successor, lead)
    session.add(successor)
    made.outcome, made.outcome_at = AppointmentOutcome.MOVED, now()
    tell(lead, EntryKind.APPOINTMENT, made.outcome, successor.about, previous=successor.starts_at.isoformat())
    invitations.send(lead, successor)
    return successor


def _refuse_past_it(made: Appointment) -> None:
    if made.outcome != PLANNED:
        raise Invalid(_("This appointment is not planned any more."))


def hold(made: Appointment, lead: Lead) -> None:
    """It took place: that is contact."""
    _become(made, lead, AppointmentOutcome.HELD)
    lead.last_contact_at = now()
    lead.first_contact_at = lead.first_contact_at or lead.last_contact_at
    move_along(lead, Stage.APPOINTMENT_HELD, signed_in_viewer())
    events.appointment_held.send(made, lead=lead, by=signed_in_viewer())


def miss(made: Appointment, lead: Lead) -> None:
    """The client did not turn up."""
    _become(made, lead, AppointmentOutcome.NO_SHOW)
    move_along(lead, Stage.NO_SHOW, signed_in_viewer())
    events.appointment_missed.send(made, lead=lead, by=signed_in_viewer())


def cancel(made: Appointment, lead: Lead) -> None:
    _become(made, lead, AppointmentOutcome.CANCELLED)
    made.sequence += 1
    invitations.send(lead, made)
    events.appointment_cancelled.send(made, lead=lead, by=signed_in_viewer())


def _become(made: Appointment, lead: Lead, outcome: AppointmentOutcome) -> None:
    _refuse_past_it(made)
    made.outcome, made.outcome_at = outcome, now()
    _written_down(lead, made)


def plan_again(made: Appointment, lead: Lead) -> None:
    """Undo of what became of it; who was told that it is off is invited once more."""
    if made.outcome in (PLANNED, AppointmentOutcome.MOVED):
        raise Invalid(_("There is nothing to undo."))
    was_off = made.outcome == AppointmentOutcome.CANCELLED
    made.outcome, made.outcome_at = PLANNED, None
    _written_down(lead, made)
    if was_off:
        made.sequence += 1
        invitations.send(lead, made)
