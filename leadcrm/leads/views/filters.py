"""The fields that narrow the list of leads, and its columns, in menus that are filled when they are opened."""

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
from leadcrm.leads.queries.extras import all_columns, all_fields
from leadcrm.leads.queries.lists import choices, gathered
from leadcrm.leads.views.cells import heading
from leadcrm.leads.views.list_state import CLOSED, OPEN, ListState, read_state
from leadcrm.leads.views.routes import bp


@bp.get("/filters", permission=Leads.VIEW)
def list_filters() -> ResponseReturnValue:
    """As a page of its own for a browser without scripts."""
    return render("leads/filters.html", "leads/_filters.html", state=_state(), **fields_of_menu())


@bp.get("/columns", permission=Leads.VIEW)
def list_columns() -> ResponseReturnValue:
    """Which columns there are, those of plugins too, and which of them this list shows."""
    state = _state()
    shown = {column.name for column in state.columns}
    offered = [(column.name, heading(column), column.name in shown) for column in all_columns()]
    return render("leads/columns.html", "leads/_columns.html", state=state, columns=offered)


def _state() -> ListState:
    return read_state(url_for("leads.list_leads"), request.args, signed_in_viewer(), preferences.taste())


def fields_of_menu() -> dict[str, Any]:
    return {
        "offered": gathered(session.execute(choices())),
        "sees_company": signed_in_viewer().scope == Scope.COMPANY,
        "stages": [(OPEN, _("All open")), (CLOSED, _("All closed")), *((str(stage), stage.label) for stage in Stage)],
        "extras": all_fields(),
        "goals": [(str(goal), goal.label) for goal in Goal],
    }
