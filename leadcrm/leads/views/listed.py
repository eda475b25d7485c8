"""The leads that an address of the list shows, all of them: for what is done with a whole list."""

from typing import Any, cast
from urllib.parse import parse_qsl

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select
from werkzeug.datastructures import MultiDict

from leadcrm.auth.services.preferences import Taste
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.lists import MOST_FOUND, narrowed
from leadcrm.leads.views.list_state import ListState, read_state

LONGEST = 4_000


def state_of(query: str, viewer: Viewer, mine: Taste | None = None) -> ListState:
    """What stands after the question mark, read as the list reads it. What the list leaves out with a word, such as a
    tag that is gone, is refused here: it would be about more leads than anybody meant."""
    args = MultiDict(parse_qsl(query, keep_blank_values=True))
    state = read_state("", args, viewer, mine or Taste())
    if state.refused or state.gone or len(query) > LONGEST:
        raise Invalid(_("Part of the filter was not understood. Mend the list first, then choose again."))
    return state


def leads_of(state: ListState) -> Select[Any]:
    """Id and reference of every lead that this list has."""
    return narrowed(cast(Select[Any], select(Lead.id, Lead.reference).where(Lead.deleted_at.is_(None))), state.filters)


def count_of(state: ListState) -> int:
    """All of them, exactly: what is about to happen to so many must be said beforehand."""
    counting = leads_of(state).with_only_columns(func.count()).order_by(None)
    return session.scalar(counting) or 0


def is_capped(state: ListState, count: int) -> bool:
    """A search finds no more than this; there may be others."""
    return state.filters.q is not None and count >= MOST_FOUND
