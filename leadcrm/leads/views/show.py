"""The page of a lead, its sections, and values that somebody asks to see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.reveal import reveal
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.events import lead_shown
from leadcrm.leads.forms import Section
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.household import Household
from leadcrm.leads.views.page import house_or_404, lead_or_404, page_values, row_or_404, section_or_404
from leadcrm.leads.views.routes import bp


@bp.get("/<uuid:lead_id>", permission=Leads.VIEW)
def show_lead(lead_id: UUID) -> ResponseReturnValue:
    house = house_or_404(lead_id)
    lead_shown.send(house.lead)
    return render("leads/show.html", **page_values(house))


@bp.get("/<uuid:lead_id>/<section>", permission=Leads.VIEW)
def show_section(lead_id: UUID, section: str) -> ResponseReturnValue:
    """One section, swapped back in when its form is left."""
    wanted, house = section_or_404(section), house_or_404(lead_id)
    if not wants_fragment():
        return redirect(f"{url_for('leads.show_lead', lead_id=lead_id)}#{wanted.key}", 303)
    return render_template("leads/_section.html", section=wanted, **page_values(house))


@bp.post("/<uuid:lead_id>/<section>/reveal", permission=Leads.REVEAL, harmless=True)
def reveal_section(lead_id: UUID, section: str) -> ResponseReturnValue:
    """All sensitive values of a section; every row gets its line in the audit log."""
    wanted, house = section_or_404(section), house_or_404(lead_id)
    if not wanted.sensitive:
        abort(404)
    opened = [row.id for row in rows_of(house, wanted) if _revealed(row, wanted)]
    values = page_values(house, opened)
    return render("leads/show.html", "leads/_section.html", section=wanted, **values)


def _revealed(row: Any, section: Section) -> bool:
    filled = [name for name in section.sensitive if getattr(row, name) is not None]
    return bool(filled and reveal(row, *filled))


def rows_of(house: Household, section: Section) -> Sequence[Any]:
    rows: dict[str, Sequence[Any]] = {
        "person": house.persons,
        "income": house.incomes,
        "obligation": house.obligations,
        "asset": house.assets,
    }
    return rows.get(section.key, ())


@bp.post("/<uuid:lead_id>/<section>/<uuid:row_id>/reveal/<name>", permission=Leads.REVEAL, harmless=True)
def reveal_value(lead_id: UUID, section: str, row_id: UUID, name: str) -> ResponseReturnValue:
    """One sensitive value, in the place of its mask."""
    wanted, lead = section_or_404(section), lead_or_404(lead_id)
    if name not in wanted.sensitive:
        abort(404)
    return _value_shown(lead, wanted, row_id, name)


def _value_shown(lead: Lead, section: Section, row_id: UUID, name: str) -> ResponseReturnValue:
    row = row_or_404(lead, section, row_id)
    facts = facts_of(section.model)[name]
    value = facts.kind.show(reveal(row, name)[name]) if facts.kind else ""
    back = f"{url_for('leads.show_lead', lead_id=lead.id)}#{section.key}"
    return render("leads/revealed.html", "leads/_revealed.html", label=facts.label, value=value, lead=lead, back=back)
