"""Mail at once, the daily mail, and forgetting."""

from datetime import timedelta

from sqlalchemy import delete

from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.jobs import job
from leadcrm.notifications.models import News
from leadcrm.notifications.services import mailing


@job(queue="mail", retries=3, cron="*/5 * * * *", reason="news of every company is mailed from one place")
def mail_waiting() -> None:
    """Deferred by tell(); every five minutes too, for what was told while this was running."""
    mailing.mail_at_once()


@job(queue="mail", retries=3, cron="*/15 * * * *", reason="the daily mail of every company, at everybody's own hour")
def mail_daily() -> None:
    """Every quarter of an hour: not everywhere does the hour begin when it does here."""
    mailing.mail_digests()


@job(queue="maintenance", cron="41 3 * * *", reason="old news of every company is forgotten")
def forget_old() -> None:
    before = now() - timedelta(days=current_config().notice_days)
    session.execute(delete(News).where(News.at < before).execution_options(synchronize_session=False))
