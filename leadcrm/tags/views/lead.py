"""The tags of one lead: a part of its page, and a page by itself."""

from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from leadcrm.core.db import session
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries import household
from leadcrm.tags.models import Tag
from leadcrm.tags.permissions import Tags
from leadcrm.tags.services import putting
from leadcrm.tags.services.tags import all_tags, tag_of
from leadcrm.tags.views.routes import bp


def lead_or_404(lead_id: UUID) -> Lead:
    return household.lead_to_change(lead_id) or abort(404)


@bp.get("/leads/<uuid:lead_id>", permission=Tags.PUT)
def show_tags(lead_id: UUID) -> ResponseReturnValue:
    return shown(lead_or_404(lead_id))


def shown(lead: Lead) -> ResponseReturnValue:
    on = putting.tags_on(lead)
    others = [tag for tag in all_tags() if tag not in on]
    base = url_for(".show_tags", lead_id=lead.id)
    return render("tags/lead.html", "tags/_lead.html", lead=lead, on=on, others=others, base=base)


def back(lead: Lead) -> ResponseReturnValue:
    session.flush()
    return shown(lead) if wants_fragment() else redirect(url_for(".show_tags", lead_id=lead.id), 303)


@bp.post("/leads/<uuid:lead_id>", permission=Tags.PUT)
def put_tag(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    if request.form.get("tag", ""):
        putting.put(lead, [_tag_or_404(request.form["tag"])])
    return back(lead)


@bp.post("/leads/<uuid:lead_id>/take", permission=Tags.PUT)
def take_tag(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    putting.take(lead, _tag_or_404(request.form.get("tag", "")))
    return back(lead)


def _tag_or_404(typed: str) -> Tag:
    try:
        return tag_of(UUID(typed)) or abort(404)
    except ValueError:
        abort(404)
