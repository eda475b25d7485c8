"""A transaction beside the request's: for an alarm, which must survive that the request is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from leadcrm.core.db import session
from leadcrm.core.scope import Viewer, viewing_as


@contextmanager
def aside(viewer: Viewer) -> Iterator[None]:
    """Services work here as they always do (audit, mail, notices), in a session of its own that is kept at the end.

    The journal of core/db.py is for a single row; this is for what several services write together.
    """
    with current_app.app_context(), viewing_as(viewer):
        yield
        session.commit()
