"""What the page of a lead is made of; the whole page and its parts take the same values."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import now, session
from leadcrm.core.scope import Viewer, signed_in_viewer
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.forms import SECTIONS, STAGE, Section
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED, ConsentChannel
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries import household as queries
from leadcrm.leads.queries import timeline
from leadcrm.leads.queries.household import Household
from leadcrm.leads.queries.owners import possible_owners
from leadcrm.leads.services.consents import obstacle, standing
from leadcrm.leads.services.names import full_name
from leadcrm.leads.views.cells import shown_day
from leadcrm.leads.views.hints import hints_of
from leadcrm.leads.views.shown import facts_shown
from leadcrm.leads.views.steps import standing_of
from leadcrm.leads.views.words import hint_cards, part_cells, subjects, told, why_not

PERSON_NAMES = ("call_name", "first_names", "initials", "infix", "birth_name", "correspondence_name")


def lead_or_404(lead_id: UUID) -> Lead:
    """To change it. Missing, removed and somebody else's look the same."""
    return queries.lead_to_change(lead_id) or abort(404)


def house_or_404(lead_id: UUID) -> Household:
    return queries.household(lead_id) or abort(404)


def section_or_404(key: str) -> Section:
    return SECTIONS.get(key) or abort(404)


def row_or_404(lead: Lead, section: Section, row_id: UUID) -> Any:
    """One of several rows of a section; a section that a lead has once has no rows of its own."""
    if section.model is Lead:
        abort(404)
    return queries.row_of(lead.id, section.model, row_id) or abort(404)


def page_values(house: Household, opened: Iterable[UUID] = ()) -> dict[str, Any]:
    """Everything that the templates of a lead use. `opened` are rows whose sensitive values were revealed."""
    viewer, shown = signed_in_viewer(), frozenset(opened)
    owners = owner_values(viewer)
    return {
        "house": house,
        "lead": house.lead,
        "base": url_for("leads.show_lead", lead_id=house.lead.id),
        "may_edit": viewer.can(Leads.EDIT),
        "may_reveal": viewer.can(Leads.REVEAL),
        "sections": SECTIONS,
        "facts_of_row": lambda row, section: facts_shown(row, section.names, shown),
        "opened": shown,
        "name_of": lambda person: person_name(person),
        "shown_day": shown_day,
        "now": now(),
        "consents": standing(house.consents),
        "hints": hints_of(house),
        "hint_cards": hint_cards,
        "part_cells": part_cells,
        **stage_values(house.lead),
        **owners,
        **timeline_values(house.lead.id, dict(owners["agents"])),
        **reach_values(house),
    }


def reach_values(house: Household) -> dict[str, Any]:
    """Whom to call and mail from the head, and what the consent ledger says about it."""
    call = next((person for person in house.persons if person.phone), None)
    mail = next((person for person in house.persons if person.email), None)
    return {
        "why_not": why_not, "call": _way(house, call, ConsentChannel.PHONE),
        "mail": _way(house, mail, ConsentChannel.EMAIL),
    }  # fmt: skip


def _way(house: Household, person: Any, channel: ConsentChannel) -> dict[str, Any] | None:
    if person is None:
        return None
    return {"person": person, "obstacle": obstacle(house.lead, person.id, channel, house.consents)}


def person_name(person: Any) -> str:
    """A person's name; without one their place in the household."""
    words = {name: getattr(person, name) for name in PERSON_NAMES}
    return full_name(words) or str(_("Applicant %(number)s", number=person.position))


def stage_values(lead: Lead) -> dict[str, Any]:
    return {"steps": standing_of(lead), "stage_fields": STAGE, "is_closed": lead.stage in CLOSED}


def owner_values(viewer: Viewer) -> dict[str, Any]:
    """The colleagues that a lead can be handed to; nobody asks for them who may not do that."""
    if not viewer.can(Leads.ASSIGN):
        return {"may_assign": False, "agents": []}
    return {"may_assign": True, "agents": possible_owners()}


def timeline_values(lead_id: UUID, names: dict[str, str], kind: str = "", cursor: str | None = None) -> dict[str, Any]:
    """A stretch of what happened, in words; colleagues whose names are not at hand yet are asked for."""
    stretch = timeline.stretch(lead_id, kind, cursor)
    unknown = {ident for ident in subjects(stretch.lines) if str(ident) not in names}
    if unknown:
        named = session.execute(select(User.id, User.name).where(User.id.in_(unknown)))
        names = names | {str(ident): name for ident, name in named}
    return {
        "lines": told(stretch.lines, names), "older": stretch.older, "kind": kind if kind in timeline.FILTERS else "",
        "filters": [("", _("All")), *((name, each.label) for name, each in timeline.FILTERS.items())],
        "shown_day": shown_day,
    }  # fmt: skip


def saved(lead_id: UUID, section: Section, said: str = "") -> ResponseReturnValue:
    """After a change: the section anew with all that follows from it; without a script back to the page."""
    if not wants_fragment():
        if said:
            flash(said, "success")
        return redirect(f"{url_for('leads.show_lead', lead_id=lead_id)}#{section.key}", 303)
    return render_template("leads/_saved.html", section=section, **page_values(house_or_404(lead_id)))


def form_page(house_values: dict[str, Any], status: int = 200) -> ResponseReturnValue:
    """A form in the place of its section; without a script on a page of its own. 422 keeps what was typed."""
    return render("leads/form.html", "leads/_form.html", **house_values), status
