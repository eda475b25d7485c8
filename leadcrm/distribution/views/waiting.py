"""Leads for which the rules found nobody, and what was decided of late."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, select

from leadcrm.core.db import session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.paging import Sort, paginate
from leadcrm.core.web import render
from leadcrm.distribution.models.claim import Decision, Waiting
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.views import words
from leadcrm.distribution.views.routes import bp
from leadcrm.leads.models.lead import Lead

OLDEST_FIRST = Sort("since", Waiting.since, Waiting.id)
NEWEST_FIRST = Sort("at", Decision.at, Decision.id, descending=True)
ROWS = 25


@bp.get("/waiting", permission=Distribution.MANAGE)
def list_waiting() -> ResponseReturnValue:
    of_lead = and_(Lead.company_id == Waiting.company_id, Lead.id == Waiting.lead_id)
    decided = and_(Decision.company_id == Waiting.company_id, Decision.id == Waiting.decision_id)
    found = select(Waiting, Lead, Decision.steps).join(Lead, of_lead).outerjoin(Decision, decided)
    listed = paginate(session, found, OLDEST_FIRST, request.args.get("cursor"), ROWS)
    return show("distribution/waiting.html", listed)


@bp.get("/decisions", permission=Distribution.MANAGE)
def list_decisions() -> ResponseReturnValue:
    of_lead = and_(Lead.company_id == Decision.company_id, Lead.id == Decision.lead_id)
    found = select(Decision, Lead, Decision.steps).join(Lead, of_lead)
    listed = paginate(session, found, NEWEST_FIRST, request.args.get("cursor"), ROWS)
    return show("distribution/decisions.html", listed)


def show(page: str, listed: Any) -> ResponseReturnValue:
    ids = {who for row in listed.rows for who in words.people_in(row.steps or ())}
    names = words.names_of(ids | {str(row[0].user_id) for row in listed.rows if getattr(row[0], "user_id", None)})
    rows = [
        (row[0], row.Lead, words.told(row.steps or (), getattr(row[0], "user_id", None), names)) for row in listed.rows
    ]
    return render(page, listed=listed, rows=rows, names=names, moment=Moment().show)
