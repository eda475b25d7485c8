"""The own fields of one lead: a part of its page, and a page by itself."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render, wants_fragment
from leadcrm.custom_fields.forms import OwnForm
from leadcrm.custom_fields.services import values
from leadcrm.custom_fields.services.definitions import OwnField, field_of, fields
from leadcrm.custom_fields.views.routes import bp
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries import household
from leadcrm.leads.views.shown import Fact


def lead_or_404(lead_id: UUID) -> Lead:
    return household.lead_to_change(lead_id) or abort(404)


@bp.get("/leads/<uuid:lead_id>", permission=Leads.VIEW)
def show_values(lead_id: UUID) -> ResponseReturnValue:
    """On the page of the lead nothing at all, for a company without fields of its own."""
    lead = lead_or_404(lead_id)
    if not fields() and wants_fragment():
        return ""
    return shown(lead)


def shown(lead: Lead, opened: dict[OwnField, Any] | None = None) -> ResponseReturnValue:
    viewer = signed_in_viewer()
    return render(
        "custom_fields/lead.html", "custom_fields/_lead.html", lead=lead, facts=_facts(lead, opened or {}),
        missing=values.missing(lead), has_fields=bool(fields()), base=url_for(".show_values", lead_id=lead.id),
        may_edit=viewer.can(Leads.EDIT) and not viewer.read_only, may_reveal=viewer.can(Leads.REVEAL),
    )  # fmt: skip


def _facts(lead: Lead, opened: dict[OwnField, Any]) -> list[Fact]:
    """What is known, hidden values masked unless they were asked for."""
    texts = values.texts_of(lead)
    found = ((field, values.value_in(texts, field)) for field in fields())
    return [_fact(field, value, field in opened) for field, value in found if value is not None]


def _fact(field: OwnField, value: Any, opened: bool) -> Fact:
    hidden = field.sensitive and not opened
    text = field.kind.mask(value) if hidden else f"{field.kind.show(value)} {field.unit}".strip()
    return Fact(field.key, field.name, text, hidden)


@bp.post("/leads/<uuid:lead_id>/reveal", permission=Leads.REVEAL, harmless=True)
def reveal_value(lead_id: UUID) -> ResponseReturnValue:
    """One hidden value in the place of its mask, which is logged."""
    lead, field = lead_or_404(lead_id), field_of(request.form.get("field", ""))
    if field is None or not field.sensitive:
        abort(404)
    return shown(lead, values.reveal(lead, [field]))


@bp.get("/leads/<uuid:lead_id>/edit", permission=Leads.EDIT)
def edit_values(lead_id: UUID) -> ResponseReturnValue:
    """Hidden values come into the form too, which is logged; who may not see them finds those fields empty."""
    lead = lead_or_404(lead_id)
    form = _form_of(lead)
    if signed_in_viewer().can(Leads.REVEAL):
        form.show(values.reveal(lead, [field for field in fields() if field.sensitive]))
    return _form_page(lead, form)


def _form_of(lead: Lead) -> OwnForm:
    texts = values.texts_of(lead)
    seen = {field: values.value_in(texts, field) for field in fields() if not field.sensitive}
    return OwnForm(fields(), _unseen(lead)).show(seen)


def _unseen(lead: Lead) -> frozenset[str]:
    """Keys of hidden values that are there, for who may not see them."""
    return frozenset() if signed_in_viewer().can(Leads.REVEAL) else frozenset(values.sealed_texts(lead))


@bp.post("/leads/<uuid:lead_id>/edit", permission=Leads.EDIT)
def save_values(lead_id: UUID) -> ResponseReturnValue:
    """What somebody could not see and left empty stays as it was."""
    lead = lead_or_404(lead_id)
    form, unseen = _form_of(lead), _unseen(lead)
    if not form.read(request.form):
        return _form_page(lead, form, 422)
    chosen = form.chosen.items()
    values.save(lead, {field: each for field, each in chosen if each is not None or field.key not in unseen})
    if wants_fragment():
        return shown(lead)
    flash(_("Saved."), "success")
    return redirect(f"{url_for('leads.show_lead', lead_id=lead.id)}#own-fields", 303)


def _form_page(lead: Lead, form: OwnForm, status: int = 200) -> ResponseReturnValue:
    base = url_for(".show_values", lead_id=lead.id)
    return render("custom_fields/form.html", "custom_fields/_form.html", lead=lead, form=form, base=base), status
