"""The mortgage wish with its loan parts, in one form."""

from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.leads.forms import SECTIONS, WishForm
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart, Wish
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import sections
from leadcrm.leads.views.page import form_page, lead_or_404, saved
from leadcrm.leads.views.routes import bp

MOST_PARTS = 20


@bp.get("/<uuid:lead_id>/wish/edit", permission=Leads.EDIT)
def edit_wish(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    wish = session.scalars(select(Wish).where(Wish.lead_id == lead.id)).one_or_none()
    parts = session.scalars(select(LoanPart).where(LoanPart.lead_id == lead.id).order_by(LoanPart.number)).all()
    form = WishForm(len(parts) + 1)
    if wish is not None:
        form.wish.fill(wish)
    for shown, part in zip(form.parts, parts, strict=False):
        shown.fill(part)
    return _form(lead, form)


@bp.post("/<uuid:lead_id>/wish/edit", permission=Leads.EDIT)
def save_wish(lead_id: UUID) -> ResponseReturnValue:
    """Kept when the parts make up the amount. Asking for another part keeps everything that was typed."""
    lead = lead_or_404(lead_id)
    many = min(max(request.form.get("parts", 1, type=int), 1), MOST_PARTS)
    more = "more" in request.form
    form = WishForm(min(many + more, MOST_PARTS))
    valid = form.read(request.form)
    if more:
        return _form(lead, _without_errors(form))
    if not valid:
        return _form(lead, form, 422)
    sections.save_wish(lead, form.wish.values, form.part_values)
    return saved(lead.id, SECTIONS["wish"], _("Saved."))


def _without_errors(form: WishForm) -> WishForm:
    """Nothing was sent in yet, so nothing is wrong yet."""
    for shown in form:
        shown.errors.clear()
    return form


def _form(lead: Lead, form: WishForm, status: int = 200) -> ResponseReturnValue:
    base = url_for("leads.show_lead", lead_id=lead.id)
    values = {"lead": lead, "section": SECTIONS["wish"], "whole": form, "action": request.path, "back": f"{base}/wish"}
    return form_page(values | {"most_parts": MOST_PARTS}, status)
