"""The third step: what was found in the file, before any of it is imported."""

from typing import TypeVar
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.terms import Choice
from leadcrm.core.web import render, wants_fragment
from leadcrm.imports import jobs
from leadcrm.imports.models import Import, OnDuplicate, OnProblem, State
from leadcrm.imports.permissions import Imports
from leadcrm.imports.queries.findings import first_findings
from leadcrm.imports.queries.progress import pace, progress_of
from leadcrm.imports.services import steering
from leadcrm.imports.views import wizard
from leadcrm.imports.views.routes import bp

Chosen = TypeVar("Chosen", OnProblem, OnDuplicate)


@bp.get("/<uuid:import_id>/check", permission=Imports.RUN)
def show_check(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.the_import(import_id)
    if taken.state == State.CHECKING:
        return _under_way(taken)
    if taken.state != State.CHECKED or wants_fragment():  # the poll that finds it ready
        return wizard.go_to(wizard.page_of(taken))
    found = progress_of(taken)
    return render(
        "imports/check.html", taken=taken, found=found, steps=wizard.steps(taken), number=wizard.number,
        findings=first_findings(taken), lead_url=wizard.lead_url, moment=Moment().show, earlier=_the_same_file(taken),
        on_problem=Choice(OnProblem).options, on_duplicate=Choice(OnDuplicate).options,
        most=found.would_import(OnProblem.LEAVE_OUT, OnDuplicate.IMPORT),
    )  # fmt: skip


@bp.post("/<uuid:import_id>/run", permission=Imports.RUN)
def run(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.my_import(import_id)
    try:
        steering.begin(taken, _term(OnProblem, "on_problem"), _term(OnDuplicate, "on_duplicate"))
    except Invalid as problem:
        flash(str(problem), "warning")
        return redirect(wizard.page_of(taken), 303)
    jobs.defer_slices(taken.id)
    return redirect(url_for("imports.show_import", import_id=import_id), 303)


@bp.post("/<uuid:import_id>/throw-away", permission=Imports.RUN)
def throw_away(import_id: UUID) -> ResponseReturnValue:
    taken = wizard.the_import(import_id)
    try:
        steering.throw_away(taken)
    except Invalid as problem:
        flash(str(problem), "warning")
        return redirect(wizard.page_of(taken), 303)
    flash(_("The file is thrown away; no lead was made of it."), "success")
    return redirect(url_for("imports.start"), 303)


def _term(terms: type[Chosen], name: str) -> Chosen:
    """What was chosen; what stands first when that is nonsense."""
    typed = request.form.get(name, "")
    return next((member for member in terms if member == typed), next(iter(terms)))


def _under_way(taken: Import) -> ResponseReturnValue:
    found = progress_of(taken)
    rate, left = pace(found.checked_lines, found.lines, taken.began_at)
    job = {"id": "check", "title": _("Checking %(file)s", file=taken.filename), "state": "running"}
    job |= wizard.progress_texts(found.checked_lines, found.lines, rate, left)
    return render(
        "imports/under_way.html", "imports/_under_way.html", taken=taken, job=job, steps=wizard.steps(taken),
        step=wizard.CHECK, poll_url=url_for("imports.show_check", import_id=taken.id),
        cancel_url=url_for("imports.stop", import_id=taken.id),
    )  # fmt: skip


def _the_same_file(taken: Import) -> str:
    """A warning when this file was imported before."""
    same = select(Import).where(
        Import.company_id == taken.company_id, Import.fingerprint == taken.fingerprint, Import.id != taken.id,
        Import.state.in_([State.DONE, State.IMPORTING, State.CANCELLED]),
    )  # fmt: skip
    before = session.scalars(same.order_by(Import.created_at.desc())).all()
    if not before:
        return ""
    said = ngettext(
        "This very file was imported before, %(when)s.",
        "This very file was imported %(num)s times before, last %(when)s.",
        len(before),
        when=Moment().show(before[0].created_at),
    )
    return str(said)


