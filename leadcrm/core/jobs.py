"""Heavy work: jobs in a PostgreSQL queue (procrastinate), deferred in the transaction that asks for them.

A job's arguments are ids only. It runs as the viewer who deferred it, loaded anew; a maintenance job runs as
Everything with its reason. Long jobs call checkpoint() after each chunk, so a killed worker repeats nothing.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import procrastinate
from flask import Flask
from procrastinate.retry import RetryStrategy
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from leadcrm.core.db import CrmSession, session
from leadcrm.core.fields.language import speaking
from leadcrm.core.postgres.urls import conninfo
from leadcrm.core.scope import Everything, Viewer, current_viewer, viewing_as

SCHEMA = "procrastinate"
HEARTBEAT_SECONDS = 5
STALLED_AFTER_SECONDS = 30
Work = Callable[..., None]


class NoLongerThere(RuntimeError):
    """Who deferred the job has been disabled or removed since; their work is not done."""


@dataclass(frozen=True)
class Job:
    name: str
    function: Work
    queue: str
    retries: int
    cron: str | None
    reason: str  # why it may see everything; empty: it runs as who deferred it


_jobs: dict[str, Job] = {}


def job(
    *, queue: str = "default", retries: int = 0, cron: str | None = None, reason: str = ""
) -> Callable[[Work], Work]:
    """Declare a function as a job. A periodic one (cron) has no viewer of its own and must give its reason."""

    def declare(function: Work) -> Work:
        if cron and not reason:
            raise TypeError(f"{function.__name__}: a periodic job sees everything; say why in reason=")
        name = f"{function.__module__.removeprefix('leadcrm.')}.{function.__name__}"
        _jobs[name] = Job(name, function, queue, retries, cron, reason)
        function.job_name = name  # type: ignore[attr-defined]  # read by defer()
        return function

    return declare


def declared() -> list[Job]:
    return sorted(_jobs.values(), key=lambda each: each.name)


def defer(
    function: Work,
    *ids: UUID | int | str,
    lock: str | None = None,
    once: str | None = None,
    at: datetime | None = None,
    on: CrmSession | None = None,
) -> int:
    """Queue a job in this transaction (or in that of `on`, a journal); it does not exist before the commit.

    `lock`: jobs of one lock run one after another. `once`: at most one waiting job of this name.
    """
    viewer = current_viewer()
    arguments = {
        "company": str(viewer.company_id) if viewer.company_id else None,
        "user": str(viewer.user_id) if viewer.user_id else None,
        "ids": [str(each) for each in ids],
    }
    each = _jobs[function.job_name]  # type: ignore[attr-defined]  # only declared jobs can be deferred
    queued = func.core_defer_job(each.name, each.queue, literal(arguments, JSONB()), lock, once, at)
    return int((on or session).execute(select(queued)).scalar_one())


def checkpoint() -> None:
    """Keep what is done so far; the next statement begins a new transaction as the same viewer."""
    session.commit()
    session.expunge_all()


def run(app: Flask, each: Job, company: str | None, user: str | None, ids: list[str]) -> None:
    """One job, in an application context and a transaction of its own."""
    with app.app_context():
        viewer = Everything(each.reason) if each.reason else _viewer(app, company, user)
        with viewing_as(viewer), speaking(getattr(viewer, "language", "nl")):
            each.function(*ids)
            session.commit()


def _viewer(app: Flask, company: str | None, user: str | None) -> Viewer:
    if not company or not user:
        raise NoLongerThere("a job without a viewer must be declared with a reason")
    viewer: Viewer | None = app.extensions["viewer_loader"](UUID(company), UUID(user))
    if viewer is None:
        raise NoLongerThere(f"user {user}")
    session.rollback()  # what loaded the viewer saw everything; the job's own transaction must not
    return viewer


def queue_app(app: Flask, database_url: str) -> procrastinate.App:
    """Procrastinate with every declared job, over its own schema."""
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=conninfo(database_url), kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1, max_size=4
        )
    )
    for each in declared():
        task = queue.task(name=each.name, queue=each.queue, retry=_retry(each))(_task(app, each))
        if each.cron:
            queue.periodic(cron=each.cron)(task)
    _rescue(queue)
    return queue


def _rescue(queue: procrastinate.App) -> None:
    @queue.periodic(cron="* * * * * */10")
    @queue.task(name="core.jobs.retry_stalled", queueing_lock="retry_stalled")
    async def rescue(timestamp: int) -> None:
        await retry_stalled(queue)


def _retry(each: Job) -> RetryStrategy | bool:
    return RetryStrategy(max_attempts=each.retries, exponential_wait=5) if each.retries else False


def _task(app: Flask, each: Job) -> Callable[..., None]:
    def task(
        timestamp: int | None = None, company: str | None = None, user: str | None = None, ids: list[str] | None = None
    ) -> None:
        run(app, each, company, user, ids or [])

    return task


async def retry_stalled(queue: procrastinate.App) -> None:
    """Jobs of workers that died (kill -9, power) go back into the queue."""
    for stalled in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await queue.job_manager.retry_job(stalled)


def run_worker(app: Flask, database_url: str, *, wait: bool = True) -> None:
    """Work until told to stop (SIGTERM lets the running job finish); `wait=False` returns when the queue is empty."""
    asyncio.run(_work(queue_app(app, database_url), wait))


async def _work(queue: procrastinate.App, wait: bool) -> None:
    async with queue.open_async():
        await queue.run_worker_async(
            wait=wait,
            concurrency=1,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_AFTER_SECONDS,
            listen_notify=wait,
            install_signal_handlers=wait,
            fetch_job_polling_interval=2.0,
            shutdown_graceful_timeout=20,
            delete_jobs="successful",
        )


@contextmanager
def maintenance(reason: str) -> Iterator[Everything]:
    """A command's transaction: it sees everything, says why, and is kept when it ends well."""
    with viewing_as(Everything(reason)) as viewer:
        yield cast(Everything, viewer)
        session.commit()


def rescue_now(app: Flask, database_url: str) -> None:
    """What the periodic rescue does, at once: for `leadcrm doctor --repair` and tests."""
    asyncio.run(_rescue_now(queue_app(app, database_url)))


async def _rescue_now(queue: procrastinate.App) -> None:
    async with queue.open_async():
        await retry_stalled(queue)
