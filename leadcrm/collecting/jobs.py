"""Taking in what clients delivered, telling advisers, reminding clients, forgetting visits."""

from uuid import UUID

from leadcrm.collecting.services import arriving, doors, reminding
from leadcrm.core.db import now, session
from leadcrm.core.jobs import Rank, defer, job

AT_ONCE = 5_000

@job(queue="documents", retries=5, reason="a client's delivery becomes a document of a lead that the client never sees")
def take_in(arrival_id: str) -> None:
    arrival = arriving.take_in(UUID(arrival_id))
    if arrival is not None:
        defer(tell_adviser, arrival.link_id, once=f"tell of {arrival.link_id}", at=now() + arriving.PAUSE)


@job(queue="mail", retries=3, reason="whoever works on the lead hears of what a client delivered")
def tell_adviser(link_id: str) -> None:
    arriving.tell_adviser(UUID(link_id))


@job(queue="mail", retries=3, reason="whoever works on the lead hears that a link was guessed at")
def tell_locked(link_id: str) -> None:
    arriving.tell_locked(UUID(link_id))


@job(queue="mail", cron="45 7 * * *", rank=Rank.CLOCK, reason="clients of every company are reminded in the morning")
def remind() -> None:
    reminding.remind()


@job(queue="maintenance", cron="41 * * * *", rank=Rank.UPKEEP, reason="visits of clients end by themselves")
def forget() -> bool:
    return doors.forget(session, AT_ONCE) == AT_ONCE
