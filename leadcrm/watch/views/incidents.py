"""The queue: what belongs together, how long it waits, and who said what of it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.admin.views import filters
from leadcrm.admin.views.companies import company_options
from leadcrm.auth.models.people import User
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core.db import get_or_404, now, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.forms import Form
from leadcrm.core.paging import paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.watch import queries
from leadcrm.watch.models import Incident, Pattern
from leadcrm.watch.permissions import Watch
from leadcrm.watch.queries import LATEST_FIRST, IncidentFilter
from leadcrm.watch.services import incidents
from leadcrm.watch.views.routes import bp

ROWS, MOST_SHOWN = 50, 100
STATES = ("waiting", "all")
FIELDS = ("verdict", "note")


@bp.get("/incidents", permission=Watch.FAILED_LOGINS)
def list_incidents() -> ResponseReturnValue:
    state, companies = filters.one_of("state", STATES, "waiting"), company_options()
    wanted = IncidentFilter(state == "waiting", filters.term("pattern", Pattern), filters.ident("company"))
    listed = paginate(session, queries.incidents_with(wanted), LATEST_FIRST, request.args.get("cursor"), ROWS)
    chips = filters.chips(
        (_("Shown"), _("reviewed ones too") if state == "all" else "", "state"),
        (_("Pattern"), wanted.pattern.label if wanted.pattern else "", "pattern"),
        (_("Company"), dict(companies).get(str(wanted.company_id), ""), "company"),
    )
    return render(
        "watch/incidents.html", "watch/_incidents.html", listed=listed, chips=chips, wanted=wanted, state=state,
        names=names_of([row.Incident for row in listed.rows]), companies=companies, age=age_words(),
        patterns=[(str(each), each.label) for each in Pattern], address=filters.address, moment=Moment().show,
        states=[("waiting", _("waiting for a verdict")), ("all", _("reviewed ones too"))],
    )


def age_words() -> str:
    """How long the oldest has waited; empty when nothing waits."""
    oldest = session.scalar(queries.oldest_waiting())
    if oldest is None:
        return ""
    hours = max(1, int((now() - oldest).total_seconds() // 3600))
    if hours < 48:
        return str(ngettext("%(num)s hour", "%(num)s hours", hours))
    return str(_("%(days)s days", days=hours // 24))


def names_of(shown: list[Incident]) -> dict[str, str]:
    """What each is about: a network as it is, an account by its address."""
    ids = [UUID(each.about) for each in shown if "/" not in each.about and each.about != "unknown"]
    return {str(row.id): row.email for row in session.execute(queries.accounts_named(ids))} if ids else {}


@bp.get("/incidents/<uuid:incident_id>", permission=Watch.FAILED_LOGINS)
def show_incident(incident_id: UUID) -> ResponseReturnValue:
    incident = get_or_404(Incident, incident_id)
    return incident_page(incident, Form(Incident, FIELDS).fill(incident))


def incident_page(incident: Incident, form: Form) -> str:
    reviewer: Any = session.get(User, incident.reviewed_by) if incident.reviewed_by else None
    return render(
        "watch/incident.html", incident=incident, form=form, names=names_of([incident]), moment=Moment().show,
        failures=session.scalars(queries.failures_of(incident).limit(MOST_SHOWN)).all(), most=MOST_SHOWN,
        reviewer=reviewer.name if reviewer else "", may_review=signed_in_viewer().can(Watch.REVIEW),
        device=lambda failure: Visitor(failure.address, failure.user_agent).device,
    )


@bp.post("/incidents/<uuid:incident_id>", permission=Watch.REVIEW)
def review_incident(incident_id: UUID) -> ResponseReturnValue:
    incident, form = get_or_404(Incident, incident_id), Form(Incident, FIELDS)
    if incident.reviewed_at is not None:
        abort(409)
    if not form.read(request.form):
        return incident_page(incident, form), 422
    incidents.review(incident, form.values["verdict"], form.values["note"], signed_in_viewer().user_id)
    flash(_("Your verdict is kept, with your name and the time."), "success")
    return redirect(url_for("watch.list_incidents"), 303)
