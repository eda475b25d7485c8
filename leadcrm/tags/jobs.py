"""What takes longer than a request."""

from uuid import UUID

from leadcrm.core.jobs import defer, job
from leadcrm.tags.services import tags


def _finish(tag_id: str) -> None:
    tags.finish_merging(UUID(tag_id))


@job(orphaned=_finish)
def finish_merging(tag_id: str) -> None:
    """It was decided, whoever can no longer sign in since: half merged, some leads would lack the tag."""
    _finish(tag_id)


def go_on_merging(tag_id: UUID) -> None:
    defer(finish_merging, tag_id, lock=f"tags {tag_id}")
