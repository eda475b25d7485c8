"""Filling in a lead, one section at a time: its form comes in the place of the section."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.reveal import reveal
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.forms import SECTIONS, Pick, Picks, Section, SectionForm, Together
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.removed import Removed
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.household import row_of
from leadcrm.leads.services import consents, sections
from leadcrm.leads.services.bringing_back import Taken, bring_back
from leadcrm.leads.views.page import form_page, lead_or_404, person_name, row_or_404, saved, section_or_404
from leadcrm.leads.views.routes import bp
from leadcrm.leads.views.sources import source_picks


@bp.route("/<uuid:lead_id>/<section>/edit", methods=["GET", "POST"], permission=Leads.EDIT)
def edit_section(lead_id: UUID, section: str) -> ResponseReturnValue:
    """A section that a lead has once: request, property, source."""
    wanted, lead = section_or_404(section), lead_or_404(lead_id)
    if wanted.add or wanted.key == "wish":
        abort(404)
    row = lead if wanted.model is Lead else _only_row(lead, wanted)
    return _edit(lead, wanted, row)


def _only_row(lead: Lead, section: Section) -> Any:
    model: Any = section.model
    return session.scalars(select(model).where(model.lead_id == lead.id)).one_or_none()


@bp.route("/<uuid:lead_id>/<section>/<uuid:row_id>/edit", methods=["GET", "POST"], permission=Leads.EDIT)
def edit_row(lead_id: UUID, section: str, row_id: UUID) -> ResponseReturnValue:
    """One of several: a person, an income."""
    wanted, lead = section_or_404(section), lead_or_404(lead_id)
    if not wanted.add or wanted.model is Consent:
        abort(404)
    return _edit(lead, wanted, row_or_404(lead, wanted, row_id))


@bp.route("/<uuid:lead_id>/<section>/new", methods=["GET", "POST"], permission=Leads.EDIT)
def add_row(lead_id: UUID, section: str) -> ResponseReturnValue:
    wanted, lead = section_or_404(section), lead_or_404(lead_id)
    if not wanted.add or (wanted.model is Person and sections.next_position(lead) is None):
        abort(404)
    return _edit(lead, wanted, None)


def _edit(lead: Lead, section: Section, row: Any) -> ResponseReturnValue:
    form, picks = SectionForm(section), picks_of(lead, section, row)
    whole = Together([picks, form])
    if request.method == "GET":
        if row is not None:
            _fill(form, row)
        return _form(lead, section, row, whole)
    if not whole.read(request.form):
        return _form(lead, section, row, whole, 422)
    _save(lead, section, row, _kept(form) | picks.values)
    for remark in form.remarks:
        flash(remark, "warning")
    return saved(lead.id, section, _("Saved."))


def _fill(form: SectionForm, row: Any) -> None:
    """Sensitive values come into the form too, which is logged; who may not see them finds those fields empty."""
    filled = [name for name in form.section.sensitive if getattr(row, name) is not None]
    if filled and signed_in_viewer().can(Leads.REVEAL):
        reveal(row, *filled)
    form.fill(row)
    if not signed_in_viewer().can(Leads.REVEAL):
        for name in filled:
            form[name].value = ""


def _kept(form: SectionForm) -> dict[str, Any]:
    """What is saved. A sensitive field that somebody could not see and left empty stays as it was."""
    may_see = signed_in_viewer().can(Leads.REVEAL)
    hidden = () if may_see else form.section.sensitive
    values = {name: value for name, value in form.values.items() if value is not None or name not in hidden}
    if values.get("phone") and form.model is Person:
        values["phone_raw"] = form["phone"].value[:60]
    return values


def _form(lead: Lead, section: Section, row: Any, whole: Together, status: int = 200) -> ResponseReturnValue:
    base = url_for("leads.show_lead", lead_id=lead.id)
    return form_page(
        {
            "lead": lead,
            "section": section,
            "row": row,
            "whole": whole,
            "action": request.path,
            "back": f"{base}/{section.key}",
            "may_see": signed_in_viewer().can(Leads.REVEAL),
        },
        status,
    )


def picks_of(lead: Lead, section: Section, row: Any) -> Picks:
    """Whose it is; or from which source a lead came."""
    if section.key == "source":
        return source_picks(row)
    return Picks([_whose(lead, section, row)]) if section.whose else Picks()


def _whose(lead: Lead, section: Section, row: Any) -> Pick:
    persons = session.scalars(select(Person).where(Person.lead_id == lead.id).order_by(Person.position)).all()
    options = [(str(person.id), person_name(person)) for person in persons]
    pick = Pick("person_id", _("Of"), options, required=section.whose == "one")
    if row is not None:
        pick.value = str(row.person_id or "")
    elif pick.required and len(options) == 1:
        pick.value = options[0][0]
    return pick


def _save(lead: Lead, section: Section, row: Any, values: dict[str, Any]) -> None:
    if section.model is Consent:
        consents.give(lead, values.pop("person_id"), values)
    elif row is not None:
        sections.change(lead, row, section.key, values)
    elif section.model is Person:
        sections.add(lead, Person, section.key, values, position=sections.next_position(lead))
    else:
        sections.add(lead, section.model, section.key, values)


@bp.post("/<uuid:lead_id>/<section>/<uuid:row_id>/remove", permission=Leads.EDIT)
def remove_row(lead_id: UUID, section: str, row_id: UUID) -> ResponseReturnValue:
    """Takes out one of several. The first applicant stays: without one there is no household."""
    wanted, lead = section_or_404(section), lead_or_404(lead_id)
    row = row_or_404(lead, wanted, row_id)
    if not wanted.add or wanted.model is Consent or getattr(row, "position", 2) == 1:
        abort(404)
    kept = sections.remove(lead, row, wanted.key)
    undo = url_for(".restore_row", lead_id=lead_id, removed_id=kept.id)
    flash({"text": _("Removed."), "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]
    return saved(lead.id, wanted)


@bp.post("/<uuid:lead_id>/removed/<uuid:removed_id>/restore", permission=Leads.EDIT)
def restore_row(lead_id: UUID, removed_id: UUID) -> ResponseReturnValue:
    lead, removed = lead_or_404(lead_id), row_of(lead_id, Removed, removed_id)
    if removed is None:
        abort(404)
    section = SECTIONS[removed.section]
    try:
        bring_back(lead, removed)
    except Taken:
        flash(_("There is another co-applicant already. Remove that one first."), "danger")
        return redirect(url_for("leads.show_lead", lead_id=lead_id), 303)
    return saved(lead.id, section, _("It is back."))


@bp.post("/<uuid:lead_id>/consent/<uuid:row_id>/withdraw", permission=Leads.EDIT)
def withdraw_consent(lead_id: UUID, row_id: UUID) -> ResponseReturnValue:
    section, lead = SECTIONS["consent"], lead_or_404(lead_id)
    given: Consent = row_or_404(lead, section, row_id)
    if given.withdrawn_at is not None:
        abort(404)
    consents.withdraw(lead, given)
    return saved(lead.id, section, _("The withdrawal was recorded."))
