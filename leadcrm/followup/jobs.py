"""Reminders."""

from leadcrm.core.jobs import job
from leadcrm.followup.services import tasks


@job(queue="mail", cron="*/5 * * * *", reason="tasks of every company come due")
def remind() -> None:
    tasks.remind()
