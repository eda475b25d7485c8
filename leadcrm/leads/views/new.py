"""A new lead: the few things that are known when the telephone rings."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.forms import Form
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.leads.forms import NEW_LEAD, NEW_PERSON, Pick, Picks, Together, refuse_all
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.owners import possible_owners
from leadcrm.leads.services import rules
from leadcrm.leads.services.leads import create_lead
from leadcrm.leads.services.matching import duplicates
from leadcrm.leads.views import new_parts
from leadcrm.leads.views.routes import bp
from leadcrm.leads.views.sources import source_picks


class NewLead(Together):
    """Applicant, goal and source in one form."""

    def __init__(self) -> None:
        self.person = Form(Person, NEW_PERSON)
        self.lead = Form(Lead, NEW_LEAD)
        self.wish = Form(Wish, ("mortgage_amount",))
        self.picks = Picks([*source_picks(None, "source_id", "label_id"), *_owner_pick()])
        self.parts: list[Any] = list(new_parts.made())
        super().__init__([self.person, self.lead, self.wish, self.picks, *self.parts])

    def read(self, typed: Any) -> bool:
        if super().read(typed):
            refuse_all(self.person, rules.problems(Person, self.person.values))
        return self.valid


def _owner_pick() -> list[Pick]:
    """A manager may hand it out at once; an agent's lead is her own."""
    if signed_in_viewer().scope != Scope.COMPANY:
        return []
    return [Pick("owner_id", facts_of(Lead)["owner_id"].label, possible_owners())]


@bp.get("/new", permission=Leads.CREATE)
def new_lead() -> ResponseReturnValue:
    return render("leads/new.html", form=NewLead(), matches=[])


@bp.post("/new", permission=Leads.CREATE)
def save_new_lead() -> ResponseReturnValue:
    """Saved at once, unless it looks like somebody we know: then only when it is sent a second time."""
    form = NewLead()
    if not form.read(request.form):
        return render("leads/new.html", form=form, matches=[]), 422
    matches = duplicates(signed_in_viewer().company_id, [form.person.values])
    if not {str(match.lead_id) for match in matches} <= set(request.form.getlist("seen")):
        return render("leads/new.html", form=form, matches=matches), 422
    return _created(form)


def _created(form: NewLead) -> ResponseReturnValue:
    person = {name: value for name, value in form.person.values.items() if value is not None}
    if "phone" in person:
        person["phone_raw"] = form.person["phone"].value[:60]
    wish = {"mortgage_amount": form.wish.values["mortgage_amount"]}
    lead = create_lead(form.lead.values | form.picks.values, [person], wish if wish["mortgage_amount"] else None)
    for part in form.parts:
        part.save(lead)
    flash(_("Lead %(reference)s was added.", reference=lead.reference), "success")
    for remark in form.person.remarks:
        flash(remark, "warning")
    return redirect(url_for("leads.show_lead", lead_id=lead.id), 303)
