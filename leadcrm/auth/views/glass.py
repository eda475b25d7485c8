"""What holds for every request of an admin who broke the glass: it is written down, and their own account waits."""

from dataclasses import dataclass
from uuid import UUID

from flask import abort, request

from leadcrm.auth.services.viewers import Glass, SignedIn
from leadcrm.core import audit
from leadcrm.core.scope import Viewer

STILL_OPEN = {"auth.sign_out"}  # of what is one's own: leaving ends it as well


@dataclass(frozen=True)
class Seen:
    """What was asked for, as a line of the trail names a row."""

    company_id: UUID
    id: UUID | None


def behind_glass(viewer: Viewer) -> None:
    """A gate (see core/web.py). The line is kept when the page is shown."""
    glass = viewer.glass if isinstance(viewer, SignedIn) else None
    if glass is None:
        return
    if request.blueprint == "auth" and request.endpoint not in STILL_OPEN:
        abort(403)
    write_down(glass)


def write_down(glass: Glass) -> None:
    asked = request.view_args or {}
    ids = [value for value in asked.values() if isinstance(value, UUID)]
    words = {name: str(value) for name, value in asked.items()}
    row = Seen(glass.company_id, ids[0] if ids else None)
    audit.note(
        "seen behind glass", row, subject=request.endpoint or "", glass=str(glass.id), method=request.method,
        asked=words,
    )  # fmt: skip
