"""The powers of a job that hands out leads: one company's rows, and no right of anybody.

The job itself is maintenance, since a lead may come in while nobody looks. Before it reads anything it becomes this, so
that both walls hold it inside the company: a mistake in a rule cannot reach the leads or people of another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from leadcrm.core.db import session
from leadcrm.core.scope import Scope, Viewer, viewing_as


@contextmanager
def confined_to(company_id: UUID) -> Iterator[Viewer]:
    viewer = Viewer(Scope.COMPANY, company_id, cast(UUID, None), role="distribution")
    with viewing_as(viewer):
        yield viewer
        session.flush()  # what was changed is written, and held against the walls, as this viewer
