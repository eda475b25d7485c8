"""Reminders."""

from leadcrm.core.jobs import Rank, job
from leadcrm.followup.services import tasks


@job(queue="mail", cron="*/5 * * * *", rank=Rank.CLOCK, reason="tasks of every company come due")
def remind() -> None:
    tasks.remind()
