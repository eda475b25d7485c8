"""What somebody looked at last."""

from sqlalchemy import func, select

from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead

MOST_SEEN = 20


def note_shown(lead: Lead) -> None:
    """Of whoever has an account here; behind broken glass there is a log instead."""
    if getattr(signed_in_viewer(), "glass", None) is None:
        session.execute(select(func.searching_saw(lead.id, MOST_SEEN)))
