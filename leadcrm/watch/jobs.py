"""Looking every minute, mailing, reminding, forgetting."""

from datetime import timedelta

from leadcrm.core import audit
from leadcrm.core.config import current_config
from leadcrm.core.db import PLATFORM_ID, now
from leadcrm.core.jobs import Rank, job
from leadcrm.watch.services import incidents, mailing

AT_ONCE = 10_000


@job(
    queue="maintenance",
    cron="* * * * *",
    rank=Rank.CLOCK,
    reason="failed logins of all companies are looked at together",
)
def look() -> None:
    """Looking again finds nothing new: what was missed while no worker ran is found now."""
    incidents.look()


@job(
    queue="mail",
    cron="* * * * *",
    rank=Rank.CLOCK,
    reason="alerts of every company go to their managers and to the admins",
)
def mail_alerts() -> None:
    mailing.mail_alerts()


@job(queue="mail", cron="30 5 * * *", rank=Rank.CLOCK, reason="the digest of every company's failed logins")
def mail_digest() -> None:
    mailing.mail_digest()


@job(
    queue="maintenance", cron="0 7 * * *", rank=Rank.CLOCK, reason="incidents of every company that wait for a verdict"
)
def remind() -> None:
    mailing.remind()


@job(
    queue="maintenance",
    cron="38 3 * * *",
    rank=Rank.UPKEEP,
    reason="failed logins and incidents are kept so long and no longer",
)
def forget_old() -> bool:
    config, moment = current_config(), now()
    kept = (config.failed_login_days, config.incident_days, config.notice_days)
    gone = incidents.forget(AT_ONCE, *(moment - timedelta(days=days) for days in kept))
    failures, found, notices = gone
    if any(gone):
        audit.note(
            "forgotten",
            company_id=PLATFORM_ID,
            subject="auth_failed_login",
            failures=failures,
            incidents=found,
            notices=notices,
        )
    return max(gone) == AT_ONCE
