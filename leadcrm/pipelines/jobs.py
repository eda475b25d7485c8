"""What takes longer than a request."""

from uuid import UUID

from leadcrm.core.jobs import checkpoint, job
from leadcrm.pipelines.services import emptying


@job(gives_way=True)
def empty_step(step_id: str) -> None:
    """As the manager who removed it. A worker that is killed goes on where it stopped."""
    while emptying.some_left(UUID(step_id)):
        checkpoint()
