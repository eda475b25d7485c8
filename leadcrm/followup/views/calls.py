"""Calling and mailing from a lead: whether it is allowed, how it went, and what comes next."""

from typing import Any
from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.web import render
from leadcrm.followup.forms import CallForm
from leadcrm.followup.models.terms import CallOutcome
from leadcrm.followup.permissions import Followup
from leadcrm.followup.services import calls, reaching
from leadcrm.followup.services.reaching import NeedsReason
from leadcrm.followup.views.parts import back_word, chosen, done, lead_or_404, names_of, way_back
from leadcrm.followup.views.routes import bp
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ConsentChannel
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.views.next_action import FIELDS, in_days
from leadcrm.leads.views.words import why_not

WAYS = {"call": (ConsentChannel.PHONE, "phone"), "mail": (ConsentChannel.EMAIL, "email")}


@bp.get("/followup/<uuid:lead_id>/call", permission=Followup.USE)
def new_call(lead_id: UUID) -> ResponseReturnValue:
    return reach(lead_or_404(lead_id), "call")


@bp.get("/followup/<uuid:lead_id>/mail", permission=Followup.USE)
def new_mail(lead_id: UUID) -> ResponseReturnValue:
    return reach(lead_or_404(lead_id), "mail")


def reach(lead: Lead, way: str, form: Any = None, status: int = 200) -> ResponseReturnValue:
    """Why not, with a place for the reason; else the number or address, and for a call the form of how it went."""
    channel, column = WAYS[way]
    persons = reaching.persons_of(lead)
    wanted = chosen(request.values.get("person_id"))
    able = [person for person in persons if getattr(person, column)] or list(persons)
    person = next((each for each in persons if each.id == wanted), able[0] if able else None)
    found = reaching.standing_obstacle(lead, person.id, channel) if person is not None else None
    values: dict[str, Any] = {
        "lead": lead, "way": way, "person": person, "value": getattr(person, column, None), "obstacle": found,
        "why": why_not(found) if found else "", "base": f"/followup/{lead.id}", "back": back_word(),
        "form": form or CallForm(names_of(persons), person.id if person else None), "names": names_of(persons),
        "reason": Form(Entry, ("text",), required=("text",), prefix="reason-"), "way_back": way_back(lead),
        "outcomes": list(CallOutcome),
    }  # fmt: skip
    if isinstance(form, Form):
        values |= {"reason": form, "form": CallForm(names_of(persons), person.id if person else None)}
    return render("followup/reach.html", "followup/_reach.html", **values), status


@bp.post("/followup/<uuid:lead_id>/<channel>/reason", permission=Followup.USE)
def give_reason(lead_id: UUID, channel: str) -> ResponseReturnValue:
    """Somebody is approached all the same; why is written down, and then the number is shown."""
    lead = lead_or_404(lead_id)
    person = next((each for each in reaching.persons_of(lead) if str(each.id) == request.form.get("person_id")), None)
    if channel not in WAYS or person is None:
        abort(404)
    form = Form(Entry, ("text",), required=("text",), prefix="reason-")
    if not form.read(request.form):
        return reach(lead, channel, form, 422)
    reaching.excuse(lead, person.id, WAYS[channel][0], form.values["text"])
    session.flush()
    return reach(lead, channel)


@bp.post("/followup/<uuid:lead_id>/call", permission=Followup.USE)
def log_call(lead_id: UUID) -> ResponseReturnValue:
    """Counted, told in the timeline, and the next action is asked for at once."""
    lead = lead_or_404(lead_id)
    form = CallForm(names_of(reaching.persons_of(lead)))
    if not form.read(request.form):
        return reach(lead, "call", form, 422)
    outcome = CallOutcome(form.call.values["outcome"])  # a form gives its text
    try:
        calls.log(
            lead, outcome, person_id=form.person_id, note=form.note.values["text"], reason=form.reason,
            call_back_at=form.call.values["call_back_at"],
        )  # fmt: skip
    except NeedsReason:
        form.why.refuse("text", _("Say why: there is no consent for this."))
        return reach(lead, "call", form, 422)
    except Invalid as problem:
        form.call.refuse("call_back_at", str(problem))
        return reach(lead, "call", form, 422)
    count = lead.contact_attempts
    said = _("Call noted: %(outcome)s. Contact attempts: %(count)s.", outcome=outcome.label, count=count)
    return done(lead, said, next_form=None if outcome == CallOutcome.CALL_BACK else asked(lead, outcome))


def asked(lead: Lead, outcome: CallOutcome) -> Form:
    """The form for the next action, with what this outcome suggests, or else with what stands there already."""
    form, proposed = Form(type(lead), FIELDS), calls.proposal(outcome)
    form.fill(lead)
    if proposed.text:
        form["next_action"].value, form["next_action_at"].value = proposed.text, in_days(proposed.days)
    return form


@bp.get("/followup/<uuid:lead_id>/leave", permission=Followup.USE)
def leave_form(lead_id: UUID) -> ResponseReturnValue:
    """A form is closed without saving."""
    lead = lead_or_404(lead_id)
    return render("followup/nothing.html", "followup/_nothing.html") if request.headers.get("HX-Request") else redirect(
        url_for("leads.show_lead", lead_id=lead.id), 303
    )
