"""Whether somebody may export: by their rights, and for agents by the rule of their company. Closed by default."""

from typing import Any

from sqlalchemy import ColumnElement, func

from leadcrm.core.db import session
from leadcrm.core.scope import Scope, Viewer, signed_in_viewer
from leadcrm.exports.models import Rule
from leadcrm.exports.permissions import Exports

AT_OPENING = "agents may export"


def asked_at_opening(opened: Any) -> ColumnElement[Any]:
    """See doors.also_ask()."""
    allowed: ColumnElement[Any] = func.exports_agents_may(opened.company_id)
    return allowed


def rule() -> Rule:
    """The company's; what holds without one when nobody decided yet."""
    company_id = signed_in_viewer().company_id
    kept: Rule | None = session.get(Rule, company_id)
    return kept or Rule(company_id=company_id, id=company_id, agents_may=False)


def decide(agents_may: bool) -> None:
    kept = rule()
    kept.agents_may = agents_may
    session.add(kept)


def may_export(viewer: Viewer) -> bool:
    """As it is now; asked again when the file is made, and when it is taken away."""
    return viewer.can(Exports.MAKE) and (viewer.scope == Scope.COMPANY or bool(rule().agents_may))


def may_be_offered(viewer: Viewer) -> bool:
    """Without asking the database again: for a button."""
    agents_may = getattr(viewer, "asked", {}).get(AT_OPENING)
    return viewer.can(Exports.MAKE) and (viewer.scope == Scope.COMPANY or bool(agents_may))
