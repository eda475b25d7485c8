"""Exports for tests."""

from leadcrm.core.db import now, session
from leadcrm.exports.models import Export, Form, State
from tests.people import Person


def an_export(owner: Person) -> Export:
    """One whose file is gone."""
    export = Export(
        company_id=owner.company_id, user_id=owner.id, form=Form.CSV, listed=f"q=Canary+{owner.name}", columns=["goal"],
        said=1, rows=1, state=State.EXPIRED, began_at=now(), ended_at=now(),
    )  # fmt: skip
    session.add(export)
    session.flush()
    return export
