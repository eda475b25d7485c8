"""Invitations that calendars understand (RFC 5545, 5546), by mail to the client."""

from datetime import UTC
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from leadcrm.auth.models.people import Company, User
from leadcrm.core import outbox
from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE, shown_date
from leadcrm.core.fields.language import speaking
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.terms import AppointmentOutcome

PRODUCT = "-//leadcrm//leadcrm//NL"
CLIENTS_SPEAK = "nl"


def send(lead: Any, made: Appointment) -> None:
    """Tells who is invited how it stands; nobody when nobody is."""
    if not made.invited_email:
        return
    agent, company = session.get(User, made.agent_id), session.get(Company, made.company_id)
    with force_locale(CLIENTS_SPEAK), speaking(CLIENTS_SPEAK):
        is_off = made.outcome == AppointmentOutcome.CANCELLED
        when = spoken(made)
        subject = _("Appointment on %(when)s", when=when)
        if is_off:
            subject = _("Cancelled: appointment on %(when)s", when=when)
        calendar = invitation(made, agent, company.name).to_ical().decode()
        outbox.send(made.invited_email, subject, letter(made, agent, company.name, is_off), lead.company_id, calendar)


def spoken(made: Appointment) -> str:
    local, end = made.starts_at.astimezone(OFFICE), made.ends_at.astimezone(OFFICE)
    return f"{shown_date(local)} {local:%H:%M}-{end:%H:%M}"


def letter(made: Appointment, agent: User, company: str, is_off: bool) -> str:
    first = (
        _("Your appointment with %(adviser)s of %(company)s does not take place.", adviser=agent.name, company=company)
        if is_off
        else _("You have an appointment with %(adviser)s of %(company)s.", adviser=agent.name, company=company)
    )
    lines = [_("Good day,"), "", first, "", _("When: %(when)s", when=spoken(made))]
    lines += [_("Where: %(where)s", where=where(made)), ""]
    if not is_off:
        lines += [_("Open the attachment to put it in your calendar."), ""]
    return "\n".join([*lines, _("Kind regards,"), agent.name, company])


def where(made: Appointment) -> str:
    return ", ".join(filter(None, (made.place.label, made.location)))


def invitation(made: Appointment, agent: User, company: str) -> Calendar:
    """REQUEST, or CANCEL once it is off; UID stays, SEQUENCE rises with each change."""
    is_off = made.outcome == AppointmentOutcome.CANCELLED
    calendar = new_calendar()
    calendar.add("method", "CANCEL" if is_off else "REQUEST")
    event = event_of(made, _("Appointment with %(company)s", company=company), where(made))
    organizer = vCalAddress(f"mailto:{agent.email}")
    organizer.params["CN"] = vText(agent.name)
    event["ORGANIZER"] = organizer
    guest = vCalAddress(f"mailto:{made.invited_email}")
    guest.params["ROLE"], guest.params["RSVP"] = vText("REQ-PARTICIPANT"), vText("FALSE" if is_off else "TRUE")
    event.add("attendee", guest, encode=False)
    calendar.add_component(event)
    return calendar


def new_calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    return calendar


def event_of(made: Any, summary: str, location: str) -> Event:
    """Times in UTC: no calendar needs to know our zone."""
    event = Event()
    event.add("uid", made.uid)
    event.add("sequence", made.sequence)
    event.add("dtstamp", now())
    event.add("dtstart", made.starts_at.astimezone(UTC))
    event.add("dtend", made.ends_at.astimezone(UTC))
    event.add("summary", summary)
    event.add("location", location)
    event.add("status", "CANCELLED" if made.outcome == AppointmentOutcome.CANCELLED else "CONFIRMED")
    return event
