"""What leads are found by is brought up to date."""

from leadcrm.core.jobs import checkpoint, job
from leadcrm.leads.services import bringing_back, indexing


@job(queue="maintenance", cron="*/10 * * * *", reason="names of every company, to know them mistyped")
def read_new_names() -> None:
    indexing.read_names(anew=False)


@job(queue="maintenance", cron="17 2 * * *", reason="names of every company that are gone are forgotten")
def read_names_anew() -> None:
    indexing.read_names(anew=True)


@job(queue="maintenance", cron="7 * * * *", retries=5, reason="leads of every company that have older words")
def index_leads() -> None:
    """Goes on where it was broken off, by a deadlock with whoever changes many leads too.

    With nothing to do it looks at one row a company.
    """
    indexing.index_all()


@job(queue="maintenance", cron="41 3 * * *", reason="what was removed a month ago cannot be undone any more")
def forget_removed() -> None:
    while bringing_back.forget_old():
        checkpoint()
