"""Figures that nobody asks for any more are forgotten at night."""

from leadcrm.core.jobs import job
from leadcrm.figures.services import keeping


@job(cron="41 3 * * *", reason="forget figures of days gone by, which nobody will ask for again")
def forget_old() -> None:
    keeping.forget_old()
