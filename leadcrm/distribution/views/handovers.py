"""Leads on their way from one agent to another: for who is asked, who asked, and their managers."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.paging import Sort, paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.terms import HandoverState
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import handing_over
from leadcrm.distribution.views import words
from leadcrm.distribution.views.routes import bp
from leadcrm.leads.permissions import Leads

NEWEST_FIRST = Sort("asked_at", Handover.asked_at, Handover.id, descending=True)
ROWS = 25


@bp.get("/handovers", permission=Leads.VIEW)
def list_handovers() -> ResponseReturnValue:
    return page()


def page(refused: UUID | None = None, form: Form | None = None, status: int = 200) -> ResponseReturnValue:
    """What waits first shown by itself; then all of them, newest first."""
    waiting = session.scalars(
        select(Handover).where(Handover.state == HandoverState.WAITING).order_by(Handover.asked_at).limit(ROWS)
    ).all()
    listed = paginate(session, select(Handover), NEWEST_FIRST, request.args.get("cursor"), ROWS)
    concerned = [*waiting, *(row.Handover for row in listed.rows)]
    names = words.names_of(who for each in concerned for who in (each.from_id, each.to_id))
    values: dict[str, Any] = {"waiting": waiting, "listed": listed, "names": names, "me": signed_in_viewer().user_id}
    return render(
        "distribution/handovers.html", refused=refused, form=form or answer_form(), moment=Moment().show,
        manages=signed_in_viewer().can(Distribution.MANAGE), **values,
    ), status  # fmt: skip


def answer_form() -> Form:
    return Form(Handover, ("answer",), required=("answer",))


def mine_to_answer(handover_id: UUID) -> Handover:
    handover = get_or_404(Handover, handover_id)
    return handover if handover.to_id == signed_in_viewer().user_id else abort(404)


@bp.post("/handovers/<uuid:handover_id>/accept", permission=Leads.VIEW)
def accept(handover_id: UUID) -> ResponseReturnValue:
    try:
        lead = handing_over.accept(mine_to_answer(handover_id), by=signed_in_viewer())
    except Invalid as problem:
        flash(str(problem), "warning")
        return redirect(url_for(".list_handovers"), 303)
    flash(_("Lead %(reference)s is yours now.", reference=lead.reference), "success")
    return redirect(url_for("leads.show_lead", lead_id=lead.id), 303)


@bp.post("/handovers/<uuid:handover_id>/decline", permission=Leads.VIEW)
def decline(handover_id: UUID) -> ResponseReturnValue:
    handover, form = mine_to_answer(handover_id), answer_form()
    if not form.read(request.form):
        return page(handover.id, form, 422)
    try:
        handing_over.decline(handover, form.values["answer"], by=signed_in_viewer())
        flash(_("The lead stays where it was. Your answer has been passed on."), "success")
    except Invalid as problem:
        flash(str(problem), "warning")
    return redirect(url_for(".list_handovers"), 303)


@bp.post("/handovers/<uuid:handover_id>/withdraw", permission=Distribution.HAND_OVER)
def withdraw(handover_id: UUID) -> ResponseReturnValue:
    """By who asked, or a manager."""
    handover, viewer = get_or_404(Handover, handover_id), signed_in_viewer()
    if handover.from_id != viewer.user_id and not viewer.can(Distribution.MANAGE):
        abort(404)
    try:
        handing_over.withdraw(handover)
        flash(_("The hand-over is withdrawn; the lead stays where it was."), "success")
    except Invalid as problem:
        flash(str(problem), "warning")
    return redirect(url_for("leads.show_lead", lead_id=handover.lead_id), 303)
