"""A summary of a lead: first what should stand in it, then the PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core import audit
from leadcrm.core.db import now
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.language import current_language
from leadcrm.core.paper import NoPdf, as_pdf
from leadcrm.core.reveal import reveal
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.leads.forms import SECTIONS, Section
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.household import Household, household
from leadcrm.leads.services.names import full_name
from leadcrm.leads.views.shown import Fact, facts_shown
from leadcrm.summaries.views.routes import bp

PARTS = ("person", "income", "obligation", "asset", "property", "wish", "existing", "request")
NAMES = ("call_name", "first_names", "initials", "infix", "birth_name", "correspondence_name")


@dataclass(frozen=True)
class Piece:
    """One row in the summary: whose it is, and what is known."""

    whose: str
    facts: list[Fact]


def house_or_404(lead_id: UUID) -> Household:
    return household(lead_id) or abort(404)


@bp.get("/<uuid:lead_id>", permission=Leads.VIEW)
def choose(lead_id: UUID) -> ResponseReturnValue:
    house = house_or_404(lead_id)
    parts = [(key, SECTIONS[key].title, bool(rows_of(house, SECTIONS[key]))) for key in PARTS]
    return render("summaries/choose.html", house=house, parts=parts, may_reveal=signed_in_viewer().can(Leads.REVEAL))


@bp.post("/<uuid:lead_id>", permission=Leads.VIEW)
def draw(lead_id: UUID) -> ResponseReturnValue:
    """The PDF. Hidden values stay hidden unless somebody who may see them asks; each row then has its audit line."""
    house, wanted = house_or_404(lead_id), [key for key in PARTS if key in request.form.getlist("part")]
    opened = "hidden" in request.form and signed_in_viewer().can(Leads.REVEAL)
    shown = [(SECTIONS[key].title, list(_pieces(house, SECTIONS[key], opened))) for key in wanted]
    audit.note("summaries.printed", house.lead, parts=wanted, hidden=opened)
    html = render_template(
        "summaries/document.html", house=house, parts=[part for part in shown if part[1]],
        language=current_language(), made=Moment().show(now()), by=signed_in_viewer().name,
    )  # fmt: skip
    try:
        pdf = as_pdf(html)
    except NoPdf:
        flash(_("This server cannot make a PDF. Print the page instead, or download the data."), "warning")
        return redirect(url_for(".choose", lead_id=lead_id), 303)
    response = Response(pdf, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{house.lead.reference}.pdf")
    return response


def rows_of(house: Household, section: Section) -> Sequence[Any]:
    rows: dict[str, Sequence[Any]] = {
        "request": [house.lead], "person": house.persons, "income": house.incomes, "obligation": house.obligations,
        "asset": house.assets, "existing": house.existing, "property": [house.home] if house.home else [],
        "wish": [house.wish] if house.wish else [],
    }  # fmt: skip
    return rows[section.key]


def _pieces(house: Household, section: Section, opened: bool) -> Iterator[Piece]:
    for row in rows_of(house, section):
        filled = [name for name in section.sensitive if getattr(row, name) is not None]
        seen = frozenset({row.id} if opened and filled and reveal(row, *filled) else ())
        facts = facts_shown(row, section.names, seen)
        if facts:
            yield Piece(_whose(house, section, row), facts)


def _whose(house: Household, section: Section, row: Any) -> str:
    if not section.whose and section.key != "person":
        return ""
    person = row if section.key == "person" else house.person(row.person_id)
    if person is None:
        return str(_("together"))
    name = full_name({each: getattr(person, each) for each in NAMES})
    return name or str(_("Applicant %(number)s", number=person.position))
