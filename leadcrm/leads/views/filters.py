"""The fields that narrow the list of leads, in a menu that is filled when it is opened."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.services import preferences
from leadcrm.core.db import session
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.leads.models.terms import Goal, Stage
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.lists import choices, gathered
from leadcrm.leads.views.list_state import CLOSED, FILTERS, OPEN, read_state
from leadcrm.leads.views.routes import bp


@bp.get("/filters", permission=Leads.VIEW)
def list_filters() -> ResponseReturnValue:
    """As a page of its own for a browser without scripts."""
    state = read_state(url_for("leads.list_leads"), request.args, signed_in_viewer(), preferences.taste())
    return render("leads/filters.html", "leads/_filters.html", state=state, filter_names=FILTERS, **fields_of_menu())


def fields_of_menu() -> dict[str, Any]:
    return {
        "offered": gathered(session.execute(choices())),
        "sees_company": signed_in_viewer().scope == Scope.COMPANY,
        "stages": [(OPEN, _("All open")), (CLOSED, _("All closed")), *((str(stage), stage.label) for stage in Stage)],
        "goals": [(str(goal), goal.label) for goal in Goal],
    }
