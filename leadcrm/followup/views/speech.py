"""How calls, tasks and appointments are told in the timeline of a lead."""

from datetime import datetime

from flask_babel import gettext as _

from leadcrm.followup.models.terms import AppointmentOutcome, CallOutcome
from leadcrm.followup.views.parts import moment_word
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.views.words import speak_of


def of_call(entry: Entry) -> str:
    said = entry.subject or ""
    known = said in set(CallOutcome)
    return str(_("Called: %(outcome)s", outcome=CallOutcome(said).label)) if known else entry.kind.label


def of_appointment(entry: Entry) -> str:
    if entry.subject not in set(AppointmentOutcome):
        return entry.kind.label
    state, day = AppointmentOutcome(entry.subject or "").label, _day(entry.previous)
    if entry.subject == AppointmentOutcome.MOVED:
        return str(_("Appointment moved to %(day)s", day=day))
    return str(_("Appointment on %(day)s: %(state)s", day=day, state=state.lower()))


def _day(kept: str | None) -> str:
    return moment_word(datetime.fromisoformat(kept)) if kept else ""


def start() -> None:
    speak_of(EntryKind.CALL, of_call)
    speak_of(EntryKind.APPOINTMENT, of_appointment)
