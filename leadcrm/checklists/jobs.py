"""Figures worked out anew, and people reminded."""

from uuid import UUID

from leadcrm.checklists.services import progress, reminding
from leadcrm.core.jobs import Rank, checkpoint, defer, job
from leadcrm.core.jobs_steps import walked
from leadcrm.core.scope import signed_in_viewer

MOST_A_NIGHT = 20_000  # leads that nobody looked after yet, such as imported ones


@job(reason="the figure follows whatever changed the list, a client's delivery too")
def refresh(lead_id: str) -> None:
    progress.keep([UUID(lead_id)])


@job(rank=Rank.CLOCK, gives_way=True)
def refresh_all(after: str = "") -> None:
    """After the template changed: of the manager's company."""
    reached = UUID(after) if after else None
    while ids := progress.counted_leads(reached):
        progress.keep(ids)
        reached = ids[-1]
        checkpoint(reached)


@job(
    queue="maintenance",
    cron="29 2 * * *",
    rank=Rank.UPKEEP,
    reason="documents grow old, and imported leads have no figure",
)
def refresh_at_night() -> bool:
    return walked("checklists.refresh_at_night", lambda place: progress.keep_next(place, MOST_A_NIGHT))


@job(queue="mail", cron="15 6 * * *", rank=Rank.CLOCK, reason="reminders of every company go out in the morning")
def remind() -> None:
    reminding.remind()


def template_changed() -> None:
    defer(refresh_all, once=f"checklists of {signed_in_viewer().company_id}")
