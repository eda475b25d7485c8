"""Figures worked out anew, and people reminded."""

from uuid import UUID

from leadcrm.checklists.services import progress, reminding
from leadcrm.core.jobs import checkpoint, defer, job
from leadcrm.core.scope import signed_in_viewer

MOST_A_NIGHT = 40  # chunks of leads that nobody looked after yet, such as imported ones


@job(reason="the figure follows whatever changed the list, a client's delivery too")
def refresh(lead_id: str) -> None:
    progress.keep([UUID(lead_id)])


@job()
def refresh_all() -> None:
    """After the template changed: of the manager's company."""
    after = None
    while ids := progress.counted_leads(after):
        progress.keep(ids)
        after = ids[-1]
        checkpoint()


@job(queue="maintenance", cron="23 2 * * *", reason="documents grow old, and imported leads have no figure")
def refresh_at_night() -> None:
    after = None
    while ids := progress.counted_leads(after):
        progress.keep(ids)
        after = ids[-1]
        checkpoint()
    for _chunk in range(MOST_A_NIGHT):
        progress.keep(progress.counted_leads(None, never=True))
        checkpoint()


@job(queue="mail", cron="15 6 * * *", reason="reminders of every company go out in the morning")
def remind() -> None:
    reminding.remind()


def template_changed() -> None:
    defer(refresh_all, once=f"checklists of {signed_in_viewer().company_id}")
