"""Merged leads for tests."""

from leadcrm.core.db import session
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.household import household
from leadcrm.merging.models import Merge
from leadcrm.merging.services.comparing import compared, paired
from leadcrm.merging.services.merging import merge


def a_merge(kept: Lead, other: Lead) -> Merge:
    """As proposed: what is known goes before what is not, and else what the kept lead says."""
    session.flush()
    ours, theirs = household(kept.id), household(other.id)
    assert ours and theirs
    pairs = paired(ours, theirs)
    taken = {line.key for part in compared(ours, theirs, pairs) for line in part.lines if line.takes_other}
    made = merge(ours, theirs, pairs, taken)
    session.flush()
    return made
