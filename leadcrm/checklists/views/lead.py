"""The list of one lead: a part of its page, and a page by itself."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.checklists.models.of_lead import Extra
from leadcrm.checklists.models.terms import ItemState, Mark, RemindAfter
from leadcrm.checklists.permissions import Checklists
from leadcrm.checklists.services import deciding, reminding
from leadcrm.checklists.services.items import Item, counted, wanted
from leadcrm.checklists.views.routes import bp
from leadcrm.core.db import session
from leadcrm.core.fields.dates import Date
from leadcrm.core.forms import Form
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries import household
from leadcrm.leads.services.names import full_name

MARKS = {"checked": Mark.CHECKED, "not_needed": Mark.NOT_NEEDED, "open": None}
EXTRA = ("name", "kind", "ask")
TONES = {
    ItemState.MISSING: "", ItemState.EXPIRED: "warning", ItemState.ARRIVED: "accent", ItemState.CHECKED: "success",
    ItemState.NOT_NEEDED: "",
}
ICONS = {
    ItemState.MISSING: "circle-dashed", ItemState.EXPIRED: "clock", ItemState.ARRIVED: "circle-check",
    ItemState.CHECKED: "circle-check", ItemState.NOT_NEEDED: "minus",
}


def lead_or_404(lead_id: UUID) -> Lead:
    return household.lead_to_change(lead_id) or abort(404)


@bp.get("/leads/<uuid:lead_id>", permission=Checklists.USE)
def show_checklist(lead_id: UUID) -> ResponseReturnValue:
    return shown(lead_or_404(lead_id))


def shown(lead: Lead, extra: Form | None = None, status: int = 200) -> ResponseReturnValue:
    items = wanted(lead)
    have, need = counted(items)
    values: dict[str, Any] = {
        "lead": lead, "items": items, "have": have, "need": need, "base": url_for(".show_checklist", lead_id=lead.id),
        "tones": TONES, "icons": ICONS, "reminder": reminding.of_lead(lead), "day": Date().show,
        "remind_after": [(str(each), each.label) for each in RemindAfter], "people": people_of(lead),
        "extra": extra or Form(Extra, EXTRA),
    }
    return render("checklists/lead.html", "checklists/_lead.html", **values), status


def people_of(lead: Lead) -> list[tuple[str, str]]:
    house = household.household(lead.id)
    persons = house.persons if house else ()
    return [(str(person.id), name_of(person)) for person in persons]


def name_of(person: Any) -> str:
    words = {name: getattr(person, name) for name in
             ("call_name", "first_names", "initials", "infix", "birth_name", "correspondence_name")}
    return full_name(words) or str(_("Applicant %(number)s", number=person.position))


def back(lead: Lead) -> ResponseReturnValue:
    """The list anew, in its place on the page of the lead or by itself."""
    session.flush()
    if wants_fragment():
        return shown(lead)
    return redirect(url_for(".show_checklist", lead_id=lead.id), 303)


def item_or_404(lead: Lead, key: str) -> Item:
    return next((item for item in wanted(lead) if item.key == key), None) or abort(404)


@bp.post("/leads/<uuid:lead_id>/items", permission=Checklists.USE)
def mark_item(lead_id: UUID) -> ResponseReturnValue:
    """Checked, not needed, or neither."""
    lead, said = lead_or_404(lead_id), request.form.get("mark", "")
    item = item_or_404(lead, request.form.get("item", ""))
    if said not in MARKS:
        abort(400)
    deciding.say(lead, item, MARKS[said])
    return back(lead)


@bp.post("/leads/<uuid:lead_id>/extra", permission=Checklists.USE)
def add_extra(lead_id: UUID) -> ResponseReturnValue:
    lead, form = lead_or_404(lead_id), Form(Extra, EXTRA)
    person = request.form.get("person", "")
    if person and person not in dict(people_of(lead)):
        abort(404)
    if not form.read(request.form):
        return shown(lead, form, 422)
    deciding.ask_extra(lead, form.values, UUID(person) if person else None)
    return back(lead)


@bp.post("/leads/<uuid:lead_id>/extra/<uuid:extra_id>/remove", permission=Checklists.USE)
def remove_extra(lead_id: UUID, extra_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    if not deciding.drop_extra(lead, extra_id):
        abort(404)
    return back(lead)


@bp.post("/leads/<uuid:lead_id>/reminder", permission=Checklists.USE)
def set_reminder(lead_id: UUID) -> ResponseReturnValue:
    lead, after = lead_or_404(lead_id), request.form.get("after", "")
    if after not in set(RemindAfter):
        abort(400)
    reminder = reminding.set_for(lead, int(after))
    if not wants_fragment():
        flash(_("You will be reminded on %(day)s.", day=Date().show(reminder.due_on)), "success")
    return back(lead)


@bp.post("/leads/<uuid:lead_id>/reminder/cancel", permission=Checklists.USE)
def cancel_reminder(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    reminding.cancel(lead)
    return back(lead)
