"""On the page of a lead: taking it up, giving it back, handing it over, and for managers why it went to whom."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.jobs import defer
from leadcrm.core.scope import Viewer, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.distribution import jobs
from leadcrm.distribution.models.claim import Claim, Decision
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import claiming, eligible, handing_over
from leadcrm.distribution.views import words
from leadcrm.distribution.views.routes import bp
from leadcrm.leads.forms import Pick, Picks, Together
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.household import lead_to_change

MOST = 10


def lead_or_404(lead_id: UUID) -> Lead:
    return lead_to_change(lead_id) or abort(404)


def back_to(lead_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("leads.show_lead", lead_id=lead_id), 303)


@bp.get("/lead/<uuid:lead_id>", permission=Leads.VIEW)
def show_lead(lead_id: UUID) -> ResponseReturnValue:
    lead, viewer = lead_or_404(lead_id), signed_in_viewer()
    claims = session.scalars(
        select(Claim).where(Claim.lead_id == lead.id).order_by(Claim.assigned_at.desc()).limit(MOST)
    ).all()
    handover = handing_over.open_one(lead.id)
    decisions = decisions_of(lead) if viewer.can(Distribution.MANAGE) else []
    named = {who for each in decisions for who in words.people_in(each.steps)}
    names = words.names_of([
        *named, *(each.user_id for each in claims), *(each.user_id for each in decisions),
        *((handover.from_id, handover.to_id) if handover else ()),
    ])  # fmt: skip
    return render(
        "distribution/lead.html", "distribution/_lead.html", lead=lead, claim=_mine(claims, lead, viewer),
        claims=claims, handover=handover, names=names, moment=Moment().show, is_late=_is_late, me=viewer.user_id,
        decisions=[(each, words.told(each.steps, each.user_id, names)) for each in decisions],
        may_hand_over=viewer.can(Distribution.HAND_OVER), manages=viewer.can(Distribution.MANAGE),
    )  # fmt: skip


def decisions_of(lead: Lead) -> Any:
    latest = select(Decision).where(Decision.lead_id == lead.id).order_by(Decision.at.desc(), Decision.id)
    return session.scalars(latest.limit(MOST)).all()


def _mine(claims: Any, lead: Lead, viewer: Viewer) -> Claim | None:
    """What this viewer can still take up."""
    return next((each for each in claims if each.user_id == viewer.user_id == lead.owner_id and _is_open(each)), None)


def _is_open(claim: Claim) -> bool:
    return not (claim.claimed_at or claim.handed_back_at or claim.declined_at or claim.withdrawn_at)


def _is_late(claim: Claim) -> bool:
    return claim.due_at is not None and claim.due_at < now()


@bp.post("/lead/<uuid:lead_id>/take-up", permission=Leads.VIEW)
def take_up(lead_id: UUID) -> ResponseReturnValue:
    lead_or_404(lead_id)
    if claiming.take_up_if_theirs(lead_id, signed_in_viewer().user_id):
        flash(_("You have taken this lead up."), "success")
    else:
        flash(_("There was nothing to take up any more."), "info")
    return back_to(lead_id)


def reason_form(model: type, name: str) -> Form:
    return Form(model, (name,), required=(name,))


@bp.get("/lead/<uuid:lead_id>/give-back", permission=Leads.VIEW)
def ask_give_back(lead_id: UUID) -> ResponseReturnValue:
    return give_back_page(lead_or_404(lead_id), reason_form(Claim, "decline_reason"))


def give_back_page(lead: Lead, form: Form, status: int = 200) -> ResponseReturnValue:
    return render("distribution/give_back.html", lead=lead, form=form), status


@bp.post("/lead/<uuid:lead_id>/give-back", permission=Leads.VIEW)
def give_back(lead_id: UUID) -> ResponseReturnValue:
    lead, form, viewer = lead_or_404(lead_id), reason_form(Claim, "decline_reason"), signed_in_viewer()
    if not form.read(request.form):
        return give_back_page(lead, form, 422)
    try:
        claim = claiming.decline(lead.id, viewer.user_id, form.values["decline_reason"])
    except Invalid as problem:
        form.errors.append(str(problem))
        return give_back_page(lead, form, 422)
    defer(jobs.take_back, viewer.company_id, claim.id)
    flash(_("Given back. The rules look for a colleague; the lead leaves your list in a moment."), "success")
    return redirect(url_for("leads.list_leads"), 303)


class HandOverForm(Together):
    """To whom, and why."""

    def __init__(self, lead: Lead):
        others = eligible.colleagues(lead.company_id, but=[lead.owner_id])
        self.reason = reason_form(Handover, "reason")
        self.to = Pick("to_id", _("To"), others, required=True)
        super().__init__([Picks([self.to]), self.reason])


@bp.get("/lead/<uuid:lead_id>/hand-over", permission=Distribution.HAND_OVER)
def ask_hand_over(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    return hand_over_page(lead, HandOverForm(lead))


def hand_over_page(lead: Lead, form: HandOverForm, status: int = 200) -> ResponseReturnValue:
    return render("distribution/hand_over.html", lead=lead, form=form), status


@bp.post("/lead/<uuid:lead_id>/hand-over", permission=Distribution.HAND_OVER)
def hand_over(lead_id: UUID) -> ResponseReturnValue:
    lead = lead_or_404(lead_id)
    form = HandOverForm(lead)
    if not form.read(request.form):
        return hand_over_page(lead, form, 422)
    to = eligible.colleague(lead.company_id, form.to.chosen) if form.to.chosen else None
    try:
        handing_over.ask(lead, to or abort(404), form.reason.values["reason"], by=signed_in_viewer())
    except Invalid as problem:
        form.reason.errors.append(str(problem))
        return hand_over_page(lead, form, 422)
    flash(_("Asked. The lead stays here until your colleague accepts it."), "success")
    return back_to(lead_id)
