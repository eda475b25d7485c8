"""Selects that name a source, label or supplier of the company."""

from typing import Any

from leadcrm.core.db import session
from leadcrm.core.fields.facts import facts_of
from leadcrm.leads.forms import Pick, Picks
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.lists import choices, gathered

NAMED = {"source_id": "source", "label_id": "label", "supplier_id": "supplier"}


def source_picks(lead: Any = None, *names: str) -> Picks:
    """All three, or those named; the one that the lead has stays on offer after it went out of use."""
    offered = gathered(session.execute(choices()))
    return Picks([_pick(name, getattr(offered, NAMED[name]), lead) for name in names or NAMED])


def _pick(name: str, options: list[tuple[str, str]], lead: Any) -> Pick:
    pick = Pick(name, facts_of(Lead)[name].label, options)
    chosen = getattr(lead, name, None)
    if chosen is not None:
        pick.value = str(chosen)
        if pick.value not in dict(options):
            pick.options = [*options, (pick.value, "…")]
    return pick
