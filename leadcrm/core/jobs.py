"""Heavy work: jobs in a PostgreSQL queue (procrastinate), deferred in the transaction that asks for them.

A job's arguments are ids only. It runs as the viewer who deferred it, loaded anew; a maintenance job runs as
Everything with its reason. Long jobs call checkpoint() after each chunk, so a killed worker repeats nothing.

Which job a worker takes first is its rank. Upkeep gives way: its function does one step and returns whether more is
left; after some seconds of steps the rest is a new job, queued in the transaction of the last step, and all upkeep has
one lock. So one worker at most is busy with it, for seconds only. Where a walk is, jobs_steps.py remembers. A long job
that somebody waits for may give way as well (`gives_way`): at a checkpoint after some seconds, to who waits longer.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, cast
from uuid import UUID

import procrastinate
from flask import Flask
from procrastinate.exceptions import UniqueViolation
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.retry import RetryStrategy
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError

from leadcrm.core.db import CrmSession, session
from leadcrm.core.fields.language import speaking
from leadcrm.core.postgres.urls import conninfo
from leadcrm.core.scope import Everything, Viewer, current_viewer, viewing_as

SCHEMA = "procrastinate"
HEARTBEAT_SECONDS = 5
STALLED_AFTER_SECONDS = 30
SLICE_SECONDS = 2.0  # of a job that gives way; a step that has begun is ended
SOON_SECONDS = 5  # until a job that comes by the clock is tried again: it must not be in the way of its next time
UPKEEP_LOCK = "upkeep"
Work = Callable[..., bool | None]


class Rank(IntEnum):
    """Of jobs that wait, the higher is taken first: procrastinate's priority."""

    RESCUE = 40  # of what a dead worker had in hand
    PERSON = 30  # somebody waits: a client's arrival, a letter with a code, an export, an import
    CLOCK = 20  # at its time, and short: a claim that is over, reminders, the end of emergency access
    UPKEEP = 10  # nobody waits


class GaveWay(BaseException):
    """The rest is a job of its own by now. Not an Exception: a job that tells what went wrong must let it pass."""


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
    rank: Rank = Rank.PERSON
    gives_way: bool = False
    orphaned: Work | None = None

    @property
    def is_upkeep(self) -> bool:
        return self.rank == Rank.UPKEEP

    @property
    def lock(self) -> str | None:
        """What comes by the clock never runs beside itself; upkeep never beside other upkeep."""
        return UPKEEP_LOCK if self.is_upkeep else self.name if self.cron else None

    @property
    def once(self) -> str | None:
        """What comes by the clock waits once, however long it could not begin."""
        return self.name if self.is_upkeep or self.cron else None


@dataclass
class Turn:
    """Of a job that gives way: what it goes on with, and when. It ends some time after the first checkpoint, so that
    each turn gets on."""

    each: Job
    ids: list[str]
    lock: str | None
    ends: float | None = None

    def is_over(self) -> bool:
        if self.ends is None:
            self.ends = time.monotonic() + SLICE_SECONDS
            return False
        return time.monotonic() >= self.ends


_jobs: dict[str, Job] = {}
_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)
_has_attempts_left: ContextVar[bool] = ContextVar("has_attempts_left", default=False)


def job(
    *,
    queue: str = "default",
    retries: int = 0,
    cron: str | None = None,
    reason: str = "",
    rank: Rank | None = None,
    gives_way: bool = False,
    orphaned: Work | None = None,
) -> Callable[[Work], Work]:
    """Declare a function as a job. A periodic one (cron) has no viewer of its own and must give its reason and rank.

    One that `gives_way` may end at any checkpoint and be called again. `orphaned` is called in its place when whoever
    deferred it is no longer there: seeing everything, to tell others who look at the work; without it the job fails.
    """

    def declare(function: Work) -> Work:
        if cron and not reason:
            raise TypeError(f"{function.__name__}: a periodic job sees everything; say why in reason=")
        if rank is None and cron:
            raise TypeError(f"{function.__name__}: nobody asked for a periodic job now; say who waits for it in rank=")
        name = f"{function.__module__.removeprefix('leadcrm.')}.{function.__name__}"
        _jobs[name] = Job(
            name, function, queue, retries, cron, reason, rank or Rank.PERSON, gives_way, orphaned
        )  # fmt: skip
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
    Of upkeep there is one of each kind, and it goes on by itself: it takes no ids.
    """
    viewer = current_viewer()
    arguments = {
        "company": str(viewer.company_id) if viewer.company_id else None,
        "user": str(viewer.user_id) if viewer.user_id else None,
        "ids": [str(each) for each in ids],
    }
    each = _jobs[function.job_name]  # type: ignore[attr-defined]  # only declared jobs can be deferred
    if each.is_upkeep:
        if ids:
            raise TypeError(f"{each.name} is upkeep, of everything: it takes no ids")
        lock, once = each.lock, each.once
    queued = func.core_defer_job(each.name, each.queue, literal(arguments, JSONB()), lock, once, at, int(each.rank))
    return int((on or session).execute(select(queued)).scalar_one())


def checkpoint(*then: UUID | str) -> None:
    """Keep what is done so far; the next statement begins a new transaction as the same viewer.

    `then`: with which ids a job that gives way goes on, when not with those that it was called with.
    """
    turn = _turn.get()
    over = turn if turn is not None and turn.is_over() else None
    if over is not None:
        defer(over.each.function, *(then or over.ids), lock=over.lock)
    session.commit()
    session.expunge_all()
    if over is not None:
        raise GaveWay


def will_be_tried_again(problem: Exception) -> bool:
    """Whether the database failed this job and the queue calls it once more: nobody needs to hear of it yet."""
    return isinstance(problem, OperationalError) and _has_attempts_left.get()


def run(app: Flask, each: Job, company: str | None, user: str | None, ids: list[str], lock: str | None = None) -> None:
    """One job, in an application context and a transaction of its own."""
    with app.app_context(), suppress(GaveWay):
        try:
            viewer = Everything(each.reason) if each.reason else _viewer(app, company, user)
        except NoLongerThere as gone:
            _leave(each, ids, gone)
            return
        with viewing_as(viewer), speaking(getattr(viewer, "language", "nl")), _its_turn(each, ids, lock):
            _work_off(each, ids)
            session.commit()


def _leave(each: Job, ids: list[str], gone: NoLongerThere) -> None:
    if each.orphaned is None:
        raise gone
    session.rollback()
    with viewing_as(Everything(f"whoever began {each.name} is no longer there")), speaking("nl"):
        each.orphaned(*ids)
        session.commit()


@contextmanager
def _its_turn(each: Job, ids: list[str], lock: str | None) -> Iterator[None]:
    known = _turn.set(Turn(each, ids, lock) if each.gives_way else None)
    try:
        yield
    finally:
        _turn.reset(known)


def _work_off(each: Job, ids: list[str]) -> None:
    """Upkeep step by step, each kept; what is left when its time is over is queued with the last of them."""
    ends = time.monotonic() + SLICE_SECONDS
    while each.function(*ids) and each.is_upkeep:
        if time.monotonic() >= ends:
            defer(each.function)
            return
        checkpoint()


def _viewer(app: Flask, company: str | None, user: str | None) -> Viewer:
    if not company or not user:
        raise TypeError("a job without a viewer must be declared with a reason")
    viewer: Viewer | None = app.extensions["viewer_loader"](UUID(company), UUID(user))
    if viewer is None:
        raise NoLongerThere(f"user {user}")
    session.rollback()  # what loaded the viewer saw everything; the job's own transaction must not
    return viewer


def queue_app(app: Flask, database_url: str, *, clock: bool = True) -> procrastinate.App:
    """Procrastinate with every declared job, over its own schema; without the clock nothing comes in by its time."""
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=conninfo(database_url), kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1, max_size=4
        )
    )
    queue.job_manager = Manager(queue.connector)
    for each in declared():
        task = queue.task(
            name=each.name, queue=each.queue, retry=_retry(each), priority=int(each.rank), lock=each.lock,
            queueing_lock=each.once, pass_context=True,
        )(_task(app, each))  # fmt: skip
        if each.cron and clock:
            queue.periodic(cron=each.cron)(task)
    _rescue(queue, clock)
    return queue


def _rescue(queue: procrastinate.App, clock: bool) -> None:
    @queue.task(name="core.jobs.retry_stalled", queueing_lock="retry_stalled", priority=int(Rank.RESCUE))
    async def rescue(timestamp: int) -> None:
        await retry_stalled(queue)

    if clock:
        queue.periodic(cron="* * * * * */10")(rescue)


class Manager(JobManager):
    """A job that must be tried again while the same waits already: what waits does its work, so it has ended.

    Without this it would stay one that is being done: as long as its worker lives nobody would take it up, and its lock
    would hold whatever shares it.
    """

    async def retry_job(self, job: procrastinate.jobs.Job, *how: Any, **named: Any) -> None:
        try:
            await super().retry_job(job, *how, **named)
        except UniqueViolation:
            await self.finish_job(job, Status.FAILED, delete_job=True)


def _retry(each: Job) -> RetryStrategy | bool:
    if not each.retries:
        return False
    if each.once:
        return RetryStrategy(max_attempts=each.retries, wait=SOON_SECONDS)
    return RetryStrategy(max_attempts=each.retries, exponential_wait=5)


def _task(app: Flask, each: Job) -> Callable[..., None]:
    def task(
        context: JobContext,
        timestamp: int | None = None,
        company: str | None = None,
        user: str | None = None,
        ids: list[str] | None = None,
    ) -> None:
        known = _has_attempts_left.set(context.job.attempts < each.retries)
        try:
            run(app, each, company, user, ids or [], context.job.lock)
        finally:
            _has_attempts_left.reset(known)

    return task


async def retry_stalled(queue: procrastinate.App) -> None:
    """Jobs of workers that died (kill -9, power) go back into the queue."""
    for stalled in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await queue.job_manager.retry_job(stalled)


def run_worker(app: Flask, database_url: str, *, wait: bool = True) -> None:
    """Work until told to stop (SIGTERM lets the running job finish).

    With `wait=False`: do what the queue holds and return. What is periodic is left alone then, since what comes of a
    call must not depend on the time of day.
    """
    asyncio.run(_work(queue_app(app, database_url, clock=wait), wait))


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
