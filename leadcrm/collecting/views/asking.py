"""The adviser's side: the links of a lead, making one, another code, revoking."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.checklists.services.items import Item, wanted
from leadcrm.collecting.models.link import CodeWay, Lasts, Link
from leadcrm.collecting.permissions import Collecting
from leadcrm.collecting.services import links, reminding, secrets
from leadcrm.collecting.services.letters import until
from leadcrm.collecting.services.links import MOST_WRONG, Issued, Recipient
from leadcrm.collecting.views.routes import bp
from leadcrm.core.db import session
from leadcrm.core.forms import Form
from leadcrm.core.web import render
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries import household
from leadcrm.leads.services.names import full_name
from leadcrm.leads.views.cells import shown_day

FIELDS = ("name", "email", "code_way", "language")
NAME_PARTS = ("call_name", "first_names", "initials", "infix", "birth_name", "correspondence_name")


def lead_or_404(lead_id: UUID) -> Lead:
    return household.lead_to_change(lead_id) or abort(404)


def link_or_404(lead: Lead, link_id: UUID) -> Link:
    return links.find(lead.id, link_id) or abort(404)


@bp.get("/collecting/<uuid:lead_id>", permission=Collecting.ASK)
def show_links(lead_id: UUID) -> ResponseReturnValue:
    """A part of the lead's page, and a page by itself."""
    lead = lead_or_404(lead_id)
    made = links.of_lead(lead.id)
    asked: dict[UUID, list[str]] = defaultdict(list)
    for ask in links.asks_of(made):
        asked[ask.link_id].append(ask.name)
    values: dict[str, Any] = {
        "lead": lead, "links": made, "asked": asked, "day": shown_day, "until": until, "most_wrong": MOST_WRONG,
        "base": url_for(".show_links", lead_id=lead.id),
    }
    return render("collecting/links.html", "collecting/_links.html", **values)


@bp.get("/collecting/<uuid:lead_id>/new", permission=Collecting.ASK)
def new_link(lead_id: UUID) -> ResponseReturnValue:
    """For the first applicant unless another is named; what is missing of theirs and of the household is ticked."""
    lead = lead_or_404(lead_id)
    persons, chosen = persons_of(lead), _chosen(request.args.get("person", ""))
    person = links.persons_choice(persons, chosen)
    form = Form(Link, FIELDS, required=("email",))
    form["language"].value, form["code_way"].value = "nl", str(CodeWay.PHONE)
    if person is not None:
        form["name"].value, form["email"].value = name_of(person), person.email or ""
    items = wanted(lead)
    ticked = {item.key for item in items if item.is_missing and (person is None or item.person in (None, person.id))}
    return _page(lead, form, persons, person, items, ticked, str(Lasts.TWO_WEEKS))


def _chosen(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _page(
    lead: Lead, form: Form, persons: Any, person: Any, items: list[Item], ticked: set[str], days: str, status: int = 200
) -> ResponseReturnValue:
    values: dict[str, Any] = {
        "lead": lead, "form": form, "person": person, "persons": [(each.id, name_of(each)) for each in persons],
        "items": [item for item in items if item.is_wanted], "ticked": ticked, "days": days,
        "lasts": [(str(each), each.label) for each in Lasts],
    }
    return render("collecting/new.html", **values), status


def persons_of(lead: Lead) -> Any:
    house = household.household(lead.id)
    return house.persons if house else ()


def name_of(person: Any) -> str:
    words = {name: getattr(person, name) for name in NAME_PARTS}
    return full_name(words) or str(_("Applicant %(number)s", number=person.position))


@bp.post("/collecting/<uuid:lead_id>/new", permission=Collecting.ASK)
def make_link(lead_id: UUID) -> ResponseReturnValue:
    lead, items = lead_or_404(lead_id), request.form.getlist("item")
    persons, days = persons_of(lead), request.form.get("days", "")
    chosen = _chosen(request.form.get("person", ""))
    person = next((each for each in persons if each.id == chosen), None)
    form, known = Form(Link, FIELDS, required=("email",)), wanted(lead)
    ticked = {item.key for item in known} & set(items)
    if days not in set(Lasts) or (chosen and person is None):
        abort(400)
    if form.read(request.form) and not ticked:
        form.errors.append(_("Tick at least one paper."))
    if not form.valid:
        return _page(lead, form, persons, person, known, ticked, days, 422)
    to = Recipient(form.values["name"], form.values["email"], person.id if person else None, form.values["language"])
    return handed_over(lead, links.issue(lead, to, ticked, form.values["code_way"], int(days)))


def handed_over(lead: Lead, issued: Issued) -> ResponseReturnValue:
    """Shown now: what the adviser passes on."""
    session.flush()
    code = secrets.spoken(issued.code)
    return render("collecting/issued.html", lead=lead, link=issued.link, address=issued.address, code=code, until=until)


@bp.post("/collecting/<uuid:lead_id>/links/<uuid:link_id>/code", permission=Collecting.ASK)
def renew_code(lead_id: UUID, link_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    link = link_or_404(lead, link_id)
    return handed_over(lead, links.renew_code(link)) if link.is_live else abort(404)


@bp.post("/collecting/<uuid:lead_id>/links/<uuid:link_id>/show", permission=Collecting.ASK)
def show_secrets(lead_id: UUID, link_id: UUID) -> ResponseReturnValue:
    """Link and code once more; that somebody looked is logged."""
    lead = lead_or_404(lead_id)
    link = link_or_404(lead, link_id)
    return handed_over(lead, links.show(link)) if link.is_live else abort(404)


@bp.post("/collecting/<uuid:lead_id>/links/<uuid:link_id>/remind", permission=Collecting.ASK)
def remind_client(lead_id: UUID, link_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    link = link_or_404(lead, link_id)
    if not link.is_live:
        abort(404)
    if reminding.remind_now(link):
        flash(_("%(name)s gets a reminder by mail.", name=link.name), "success")
    else:
        flash(_("Nothing that this link asks for is missing: no mail was sent."), "info")
    return back(lead)


@bp.post("/collecting/<uuid:lead_id>/links/<uuid:link_id>/revoke", permission=Collecting.ASK)
def revoke_link(lead_id: UUID, link_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    if links.revoke(link_or_404(lead, link_id)):
        flash(_("The link is revoked: nothing can be delivered through it any more."), "success")
    return back(lead)


def back(lead: Lead) -> ResponseReturnValue:
    return redirect(f"{url_for('leads.show_lead', lead_id=lead.id)}#collecting", 303)
