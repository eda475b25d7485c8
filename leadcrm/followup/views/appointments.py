"""Appointments of a lead: planning with a warning of conflicts, moving, what became of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import now
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.web import render
from leadcrm.followup.forms import AppointmentForm
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.terms import AppointmentOutcome, Place
from leadcrm.followup.permissions import Followup
from leadcrm.followup.queries import work
from leadcrm.followup.services import appointments, people, reaching
from leadcrm.followup.services.reaching import NeedsReason
from leadcrm.followup.views.parts import back_word, done, lead_or_404, moment_word, names_of, way_back
from leadcrm.followup.views.routes import bp
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ConsentChannel

VERBS = {
    "held": appointments.hold, "no-show": appointments.miss, "cancel": appointments.cancel,
    "again": appointments.plan_again,
}  # fmt: skip


def appointment_or_404(lead: Lead, appointment_id: UUID) -> Appointment:
    return work.appointment_of(lead.id, appointment_id) or abort(404)


def form_of(lead: Lead, made: Appointment | None) -> AppointmentForm:
    agent_id, person_id = (made.agent_id, made.person_id) if made else (lead.owner_id, None)
    persons = names_of(reaching.persons_of(lead))
    person_id = person_id or (persons[0][0] if persons and made is None else None)
    return AppointmentForm(people.who_see(lead), agent_id, persons, person_id)


def form_page(
    lead: Lead, form: AppointmentForm, made: Appointment | None, overlaps: Any = (), status: int = 200
) -> ResponseReturnValue:
    values: dict[str, Any] = {
        "lead": lead, "form": form, "made": made, "overlaps": overlaps, "back": back_word(), "now": now(),
        "base": f"/followup/{lead.id}", "way_back": way_back(lead), "moment_word": moment_word,
        "outcomes": AppointmentOutcome, "invite": request.form.get("invite") if request.form else "yes",
    }  # fmt: skip
    return render("followup/appointment.html", "followup/_appointment.html", **values), status


@bp.route("/followup/<uuid:lead_id>/appointments/new", methods=["GET", "POST"], permission=Followup.USE)
def new_appointment(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    form = form_of(lead, None)
    form.plan["place"].value = str(Place.OFFICE)
    if request.method == "GET":
        form.plan["about"].value = _("Getting acquainted")
        form.plan["starts_at"].value = _moment(request.args.get("at", ""), form)
        return form_page(lead, form, None)
    return _saved(lead, form, None)


def _moment(typed: str, form: AppointmentForm) -> str:
    """The hour that was chosen in the calendar, as it is typed."""
    try:
        return form.plan["starts_at"].kind.edit(form.plan["starts_at"].kind.parse(typed))
    except Invalid:
        return ""


@bp.route(
    "/followup/<uuid:lead_id>/appointments/<uuid:appointment_id>", methods=["GET", "POST"], permission=Followup.USE
)
def edit_appointment(lead_id: UUID, appointment_id: UUID) -> ResponseReturnValue:
    """Another time moves it: who was invited hears of it."""
    lead = lead_or_404(lead_id)
    made = appointment_or_404(lead, appointment_id)
    form = form_of(lead, made)
    form.plan.fill(made)
    return form_page(lead, form, made) if request.method == "GET" else _saved(lead, form, made)


def _saved(lead: Lead, form: AppointmentForm, made: Appointment | None) -> ResponseReturnValue:
    if not form.read(request.form):
        return form_page(lead, form, made, status=422)
    values, agent_id = form.plan.values, form.agent.values["agent_id"]
    overlaps = _overlaps(agent_id, values["starts_at"], values["ends_at"], made)
    if overlaps and "anyway" not in request.form:
        return form_page(lead, form, made, overlaps, 422)
    try:
        if made is None:
            return _planned(lead, form, agent_id)
        was = made.starts_at
        kept = appointments.change(made, lead, values, agent_id)
    except Invalid as problem:
        form.plan.errors.append(str(problem))
        return form_page(lead, form, made, status=422)
    except NeedsReason:
        form.client.picks[0].errors.append(_("There is no consent to mail this client. Plan it without an invitation."))
        return form_page(lead, form, made, status=422)
    moved = kept is not made
    undo = url_for(".move_back", lead_id=lead.id, appointment_id=kept.id, back=back_word() or None) if moved else ""
    said = _("Moved from %(day)s to %(other)s.", day=moment_word(was), other=moment_word(kept.starts_at))
    return done(lead, said if moved else _("The appointment was saved."), undo)


def _overlaps(agent_id: UUID | None, starts_at: datetime, ends_at: datetime, made: Appointment | None) -> Any:
    if agent_id is None:
        return ()
    return appointments.conflicts(agent_id, starts_at, ends_at, made.id if made is not None else None)


def _planned(lead: Lead, form: AppointmentForm, agent_id: UUID | None) -> ResponseReturnValue:
    person_id, invite = form.client.values["person_id"], "invite" in request.form
    person = next((each for each in reaching.persons_of(lead) if each.id == person_id), None)
    if invite and person is not None:
        reaching.refuse_unreasoned(lead, person.id, ConsentChannel.EMAIL, None)
    made = appointments.plan(lead, form.plan.values, agent_id, person, invite)
    day = moment_word(made.starts_at)
    if made.invited_email:
        return done(lead, _("Planned on %(day)s; the invitation is on its way.", day=day))
    return done(lead, _("Planned on %(day)s.", day=day))


@bp.post("/followup/<uuid:lead_id>/appointments/<uuid:appointment_id>/<became>", permission=Followup.USE)
def settle_appointment(lead_id: UUID, appointment_id: UUID, became: str) -> ResponseReturnValue:
    """What became of it; each can be taken back."""
    lead = lead_or_404(lead_id)
    made = appointment_or_404(lead, appointment_id)
    if became not in VERBS:
        abort(404)
    try:
        VERBS[became](made, lead)
    except Invalid:
        abort(404)
    said = _("The appointment is now: %(state)s.", state=made.outcome.label.lower())
    again = url_for(
        ".settle_appointment", lead_id=lead_id, appointment_id=appointment_id, became="again", back=back_word() or None
    )
    return done(lead, said, "" if became == "again" else again)


@bp.post("/followup/<uuid:lead_id>/appointments/<uuid:appointment_id>/move-back", permission=Followup.USE)
def move_back(lead_id: UUID, appointment_id: UUID) -> ResponseReturnValue:
    """To when it was before it was moved."""
    lead = lead_or_404(lead_id)
    made = appointment_or_404(lead, appointment_id)
    before = work.appointment_of(lead.id, made.moved_from_id) if made.moved_from_id else None
    if before is None or made.outcome != AppointmentOutcome.PLANNED:
        abort(404)
    kept = appointments.move(made, lead, {"starts_at": before.starts_at, "ends_at": before.ends_at}, before.agent_id)
    return done(lead, _("Back to %(day)s.", day=moment_word(kept.starts_at)))
