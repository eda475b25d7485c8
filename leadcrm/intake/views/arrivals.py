"""What arrived, in which state, a chart of the last days; and the quarantine, where people mend."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE, Moment, shown_date
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.paging import MOST_COUNTED, capped_count, paginate
from leadcrm.core.web import render
from leadcrm.imports.services.duplicates import SAME
from leadcrm.intake import queries
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.terms import State
from leadcrm.intake.permissions import Intake
from leadcrm.intake.queries import NEWEST_FIRST, Wanted
from leadcrm.intake.services import charts, quarantine
from leadcrm.intake.services.quarantine import Sight
from leadcrm.intake.views.routes import bp

ROWS = 50


def asked_for() -> Wanted:
    state = request.args.get("state", "")
    return Wanted(State(state) if state in set(State) else None, request.args.get("source", type=UUID), _day())


def _day() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None


def address(**changes: Any) -> str:
    """This list with some values changed; a changed filter begins at the first page."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"} | changes
    kept = {name: str(value) for name, value in kept.items() if value}
    return url_for(request.endpoint or "", **(request.view_args or {})) + (f"?{urlencode(kept)}" if kept else "")


def alike_words(arrival: Arrival) -> str:
    return str(SAME[arrival.like_why]) if arrival.like_why in SAME else ""


@bp.get("/intake/arrivals", permission=Intake.MEND)
def list_arrivals() -> ResponseReturnValue:
    wanted, sources = asked_for(), queries.sources()
    found = queries.arrivals(wanted)
    names = dict(sources)
    chips = [
        (label, value, address(**{name: None}))
        for label, value, name in (
            (_("State"), wanted.state.label if wanted.state else "", "state"),
            (_("Lead source"), names.get(str(wanted.inlet_id), ""), "source"),
            (_("Day"), shown_date(wanted.day) if wanted.day else "", "day"),
        )
        if value
    ]
    return render(
        "intake/arrivals.html", "intake/_arrivals.html", wanted=wanted, sources=sources, chips=chips, address=address,
        listed=paginate(session, found, NEWEST_FIRST, request.args.get("cursor"), ROWS),
        states=[(str(each), each.label) for each in State], moment=Moment().show, alike=alike_words,
        chart=charts.drawn(queries.per_day(), now().astimezone(OFFICE).date(), queries.CHART_DAYS), day=shown_date,
    )


@bp.get("/intake/quarantine", permission=Intake.MEND)
def list_quarantine() -> ResponseReturnValue:
    """The oldest waits longest, so the newest does not hide it: the count is on top."""
    wanted = Wanted(State.QUARANTINED, request.args.get("source", type=UUID))
    found = queries.arrivals(wanted)
    return render(
        "intake/quarantine.html", "intake/_quarantine.html", wanted=wanted, sources=queries.sources(), address=address,
        listed=paginate(session, found, NEWEST_FIRST, request.args.get("cursor"), ROWS), moment=Moment().show,
        count=min(capped_count(session, found), MOST_COUNTED), alike=alike_words,
    )


@bp.post("/intake/quarantine/again", permission=Intake.MEND)
def try_again() -> ResponseReturnValue:
    count = quarantine.try_again(request.form.get("source", type=UUID))
    flash(ngettext("%(num)s arrival is judged anew.", "%(num)s arrivals are judged anew.", count), "success")
    return redirect(url_for("intake.list_quarantine"), 303)


def arrival_or_404(arrival_id: UUID) -> Arrival:
    return quarantine.find(arrival_id) or abort(404)


@bp.get("/intake/arrivals/<uuid:arrival_id>", permission=Intake.MEND)
def show_arrival(arrival_id: UUID) -> ResponseReturnValue:
    return page(quarantine.look(arrival_or_404(arrival_id)))


def page(sight: Sight, aside: Form | None = None, status: int = 200) -> ResponseReturnValue:
    aside = aside or Form(Arrival, ("set_aside", "remark"))
    values: dict[str, Any] = {"sight": sight, "arrival": sight.arrival, "aside": aside, "moment": Moment().show}
    return render("intake/arrival.html", **values), status


@bp.post("/intake/arrivals/<uuid:arrival_id>", permission=Intake.MEND)
def mend_arrival(arrival_id: UUID) -> ResponseReturnValue:
    """Kept and judged again; with `then=release` it becomes a lead as soon as nothing is wrong."""
    arrival = waiting_or_404(arrival_id)
    content = quarantine.look(arrival).content
    try:
        sight = quarantine.sight_of(arrival, quarantine.mended(content, request.form))
    except Invalid as problem:
        sight = quarantine.sight_of(arrival, content)
        sight.errors = (str(problem.message),)
        return page(sight, status=422)
    if request.form.get("then") != "release":
        quarantine.keep(sight)
        flash(_("Kept. It stays in quarantine until you release it."), "success")
        return redirect(url_for(".show_arrival", arrival_id=arrival_id), 303)
    lead_id = quarantine.release(sight)
    if lead_id is None:
        return page(sight, status=422)
    flash(_("Released: this is the lead that it became."), "success")
    return redirect(url_for("leads.show_lead", lead_id=lead_id), 303)


def waiting_or_404(arrival_id: UUID) -> Arrival:
    arrival = arrival_or_404(arrival_id)
    return arrival if arrival.state == State.QUARANTINED else abort(404)


@bp.post("/intake/arrivals/<uuid:arrival_id>/aside", permission=Intake.MEND)
def set_aside(arrival_id: UUID) -> ResponseReturnValue:
    arrival = waiting_or_404(arrival_id)
    form = Form(Arrival, ("set_aside", "remark"))
    if not form.read(request.form):
        return page(quarantine.look(arrival), form, 422)
    quarantine.set_aside(arrival, form.values["set_aside"], form.values["remark"])
    flash(_("Set aside. You find it among the arrivals, and can take that back there."), "success")
    return redirect(url_for(".list_quarantine"), 303)


@bp.post("/intake/arrivals/<uuid:arrival_id>/back", permission=Intake.MEND)
def take_back(arrival_id: UUID) -> ResponseReturnValue:
    if quarantine.take_back(arrival_or_404(arrival_id)):
        flash(_("It is back in quarantine."), "success")
    else:
        flash(_("This cannot be taken back: what arrived is kept no longer, or it waits already."), "info")
    return redirect(url_for(".show_arrival", arrival_id=arrival_id), 303)
