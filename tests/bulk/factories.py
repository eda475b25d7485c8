"""Batches for tests."""

from leadcrm.bulk.models import Batch, State
from leadcrm.core.db import now, session
from tests.people import Person


def a_batch(owner: Person) -> Batch:
    """One that has ended; it was about no lead."""
    batch = Batch(
        company_id=owner.company_id, user_id=owner.id, action="stage", said=1, state=State.DONE, gathered=True,
        arguments={"stage": "contact_sought", "stage_reason": f"Canary {owner.name}", "return_reason": None},
        began_at=now(), ended_at=now(),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch
