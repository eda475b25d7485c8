"""A warning while a new lead is typed: whoever may be known already, with the reason."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.forms import NEW_PERSON
from leadcrm.leads.models.person import Person
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services.matching import duplicates
from leadcrm.merging.views.routes import bp


@bp.post("/known", permission=Leads.CREATE)
def look_for_known() -> ResponseReturnValue:
    """Nothing is kept, and what was typed stands in no address."""
    matches = duplicates(signed_in_viewer().company_id, [_so_far(request.form)])
    return render_template("merging/_known.html", matches=matches)


def _so_far(typed: Mapping[str, str]) -> dict[str, Any]:
    """What can be read already; half-typed values are left out."""
    return {name: _read(name, typed[name]) for name in NEW_PERSON if typed.get(name)}


def _read(name: str, typed: str) -> Any:
    try:
        return facts_of(Person)[name].fillable.parse(typed)
    except Invalid:
        return None
