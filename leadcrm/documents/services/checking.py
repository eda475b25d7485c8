"""From quarantine to available or refused, in the background."""

from uuid import UUID

from leadcrm.core.db import session
from leadcrm.core.jobs import job
from leadcrm.documents.models.document import Version
from leadcrm.documents.models.terms import State


@job(queue="documents", retries=3, reason="files are checked, whoever brought them")
def check(version_id: str) -> None:
    """A version that was already judged, or removed since, is left alone."""
    version = session.get(Version, UUID(version_id))
    if version is not None and version.state == State.QUARANTINED:
        judge(version)


def judge(version: Version) -> None:
    """Stays in quarantine until inspection has seen it."""
