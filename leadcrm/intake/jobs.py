"""Making leads of what arrived, recording confirmations, reading mailboxes, forgetting."""

import time

from leadcrm.core.db import session
from leadcrm.core.jobs import Rank, checkpoint, defer, job
from leadcrm.intake.services import doors, polling, recording, taking

KEPT_DAYS = 90
GATHERING = 0.2  # seconds, in which no transaction is open


@job(
    queue="intake",
    retries=5,
    cron="* * * * *",
    rank=Rank.PERSON,
    gives_way=True,
    reason="what arrived for any company becomes its leads",
)
def take_in() -> None:
    """Until nothing waits; what a killed worker left is found by the next."""
    while taken := taking.take_batch():
        checkpoint()
        if taken < taking.BATCH:
            time.sleep(GATHERING)  # who sends hundreds is not done: a few more are hardly more work than one


@job(
    queue="intake",
    retries=5,
    cron="*/5 * * * *",
    rank=Rank.CLOCK,
    reason="confirmations of newsletters enter the ledgers",
)
def record_opt_ins() -> None:
    while recording.record_opt_ins():
        checkpoint()


@job(queue="mail", cron="*/3 * * * *", rank=Rank.CLOCK, reason="mailboxes of every company are read from one place")
def poll_mailboxes() -> None:
    if polling.poll_all():
        defer(take_in, lock="intake", once="intake")


@job(queue="maintenance", cron="26 3 * * *", rank=Rank.UPKEEP, reason="contents that became a lead are not kept twice")
def forget() -> bool:
    if taking.forget(KEPT_DAYS):
        return True
    doors.forget_windows(session)
    return False
