"""Leads handed out as they come in, taken back when time is up, and tried again when somebody's hours begin.

As maintenance these jobs read nothing but which companies have rules; everything else they do as confined_to() one.
"""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.jobs import Rank, checkpoint, job
from leadcrm.core.scope import Viewer
from leadcrm.distribution.models.rule import Setting
from leadcrm.distribution.services import claiming, handing_out, without_owner
from leadcrm.distribution.services.confined import confined_to

MOST_ROUNDS = 400  # of one job; the rest follows within a minute


@job(retries=3, reason="a new lead goes to an agent by its company's rules, whoever brought it in")
def hand_out(company_id: str) -> None:
    in_rounds(UUID(company_id), handing_out.hand_out)


@job(retries=3, reason="a lead that its agent gave back goes to the next by its company's rules")
def take_back(company_id: str, claim_id: str) -> None:
    with confined_to(UUID(company_id)) as viewer:
        claiming.take_back_declined(viewer, UUID(claim_id))
    checkpoint()
    in_rounds(UUID(company_id), handing_out.hand_out)


@job(queue="maintenance", cron="* * * * *", rank=Rank.CLOCK, reason="leads that wait in every company that has rules")
def every_minute() -> None:
    """Time that is up, hours that began, leads that nobody told of."""
    with_rules = select(Setting.company_id).where(Setting.active).order_by(Setting.company_id)
    for company_id in session.scalars(with_rules).all():
        checkpoint()
        in_rounds(company_id, claiming.take_back_late)
        with confined_to(company_id) as viewer:
            claiming.catch_up(viewer)
        checkpoint()
        in_rounds(company_id, handing_out.hand_out)
        with confined_to(company_id) as viewer:
            without_owner.tell_once_a_day(viewer)


def in_rounds(company_id: UUID, work: Callable[[Viewer], bool]) -> None:
    """Each round is a transaction, whose end lets others have their turn."""
    for _round in range(MOST_ROUNDS):
        with confined_to(company_id) as viewer:
            more = work(viewer)
        checkpoint()
        if not more:
            return
