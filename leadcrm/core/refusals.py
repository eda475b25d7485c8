"""Refused access of signed-in people, in the audit trail: what they may not do, and rows that do not exist for them.

Bounded, so that a scanner cannot fill the disk: so many lines a person an hour, then one that says there were more.
"""

from flask import Flask, Response, g, request

from leadcrm.core import audit, limits
from leadcrm.core.aside import aside
from leadcrm.core.limits import Allowed
from leadcrm.core.scope import Viewer

REFUSED = (403, 404)
KEPT_AN_HOUR = 30
HOUR = 3600


def note_refused(response: Response) -> Response:
    """An address that is no route at all is nobody's row, and not noted."""
    viewer: Viewer | None = g.get("viewer")
    if response.status_code in REFUSED and viewer is not None and request.endpoint:
        each = Allowed(f"refused {viewer.user_id}", KEPT_AN_HOUR, HOUR)
        more = Allowed(f"more refused {viewer.user_id}", 1, HOUR)
        room = limits.first_with_room([each, more])
        if room is not None:
            with aside(viewer):
                _note(viewer, response.status_code, last=room is more)
    return response


def _note(viewer: Viewer, status: int, last: bool) -> None:
    if last:
        audit.note("refused many times", company_id=viewer.company_id, subject="core_limit", kept=KEPT_AN_HOUR)
        return
    asked = {name: str(value)[:60] for name, value in (request.view_args or {}).items() if name.endswith("_id")}
    audit.note("refused", company_id=viewer.company_id, subject=request.endpoint or "", status=status,
               method=request.method, asked=asked)


def start(app: Flask) -> None:
    app.after_request(note_refused)
