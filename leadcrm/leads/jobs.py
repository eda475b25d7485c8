"""What leads are found by is brought up to date."""

from functools import partial

from leadcrm.core.jobs import Rank, job
from leadcrm.core.jobs_steps import walked
from leadcrm.leads.services import bringing_back, indexing


@job(queue="maintenance", cron="*/10 * * * *", rank=Rank.UPKEEP, reason="names of every company, to know them mistyped")
def read_new_names() -> bool:
    return walked("leads.read_new_names", partial(indexing.read_next_names, anew=False))


@job(
    queue="maintenance",
    cron="19 2 * * *",
    rank=Rank.UPKEEP,
    reason="names of every company that are gone are forgotten",
)
def read_names_anew() -> bool:
    return walked("leads.read_names_anew", partial(indexing.read_next_names, anew=True))


@job(
    queue="maintenance",
    cron="33 * * * *",
    retries=5,
    rank=Rank.UPKEEP,
    reason="leads of every company that have older words",
)
def index_leads() -> bool:
    """Goes on where it was broken off, by a deadlock with whoever changes many leads too.

    With nothing to do it looks at one row a company.
    """
    return indexing.index_some()


@job(
    queue="maintenance",
    cron="54 3 * * *",
    rank=Rank.UPKEEP,
    reason="what was removed a month ago cannot be undone any more",
)
def forget_removed() -> bool:
    return bringing_back.forget_old() > 0
