"""The page of results, the suggestions under the box, and what was looked at last."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from leadcrm.core.web import render
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services.finding import LONGEST_TYPED
from leadcrm.searching.services import asking
from leadcrm.searching.views.routes import bp

SUGGESTED, SHOWN = 8, 50


def _typed() -> str:
    return request.args.get("q", "").replace("\0", "").strip()[:LONGEST_TYPED]


@bp.get("/", permission=Leads.VIEW)
def results() -> ResponseReturnValue:
    """Works by itself; the box above it only saves the way here. Without a question: what was looked at last."""
    typed = _typed()
    found = asking.search(typed, SHOWN) if typed else None
    return render("searching/results.html", typed=typed, found=found, seen=[] if typed else asking.recent())


@bp.get("/suggestions", permission=Leads.VIEW)
def suggestions() -> ResponseReturnValue:
    typed = _typed()
    found = asking.search(typed, SUGGESTED) if typed else None
    return render_template(
        "searching/_suggestions.html", typed=typed, found=found, seen=[] if typed else asking.recent(SUGGESTED)
    )


@bp.get("/recent", permission=Leads.VIEW)
def recent() -> ResponseReturnValue:
    """What the menu of last opened leads shows."""
    return render("searching/recent.html", "searching/_recent.html", seen=asking.recent())
