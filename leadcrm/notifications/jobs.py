"""Mail at once, the daily mail, and forgetting."""

from datetime import timedelta

from leadcrm.core.config import current_config
from leadcrm.core.db import now
from leadcrm.core.jobs import Rank, job
from leadcrm.core.jobs_steps import removed_some
from leadcrm.notifications.models import News
from leadcrm.notifications.services import mailing

AT_ONCE = 5_000


@job(
    queue="mail",
    retries=3,
    cron="*/5 * * * *",
    rank=Rank.PERSON,
    reason="news of every company is mailed from one place",
)
def mail_waiting() -> None:
    """Deferred by tell(); every five minutes too, for what was told while this was running."""
    mailing.mail_at_once()


@job(
    queue="mail",
    retries=3,
    cron="*/15 * * * *",
    rank=Rank.CLOCK,
    reason="the daily mail of every company, at everybody's own hour",
)
def mail_daily() -> None:
    """Every quarter of an hour: not everywhere does the hour begin when it does here."""
    mailing.mail_digests()


@job(queue="maintenance", cron="48 3 * * *", rank=Rank.UPKEEP, reason="old news of every company is forgotten")
def forget_old() -> bool:
    return removed_some(News, News.at < now() - timedelta(days=current_config().notice_days), AT_ONCE)
