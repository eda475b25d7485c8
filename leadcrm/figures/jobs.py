"""Figures that nobody asks for any more are forgotten at night."""

from leadcrm.core.jobs import Rank, job
from leadcrm.figures.services import keeping


@job(cron="46 3 * * *", rank=Rank.UPKEEP, reason="forget figures of days gone by, which nobody will ask for again")
def forget_old() -> bool:
    return keeping.forget_old()
