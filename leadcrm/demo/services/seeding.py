"""A million households in minutes: made and written in batches, by as many processes as there are processors.

A batch is one transaction and comes out the same whenever it is made, so seeding that was cut short goes on where it
was: what is there is skipped, what is missing is made.
"""

import gc
import os
import signal
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import cast

from sqlalchemy import select

from leadcrm.core.db import database, session
from leadcrm.core.jobs import maintenance
from leadcrm.demo.services import pipeline, writing
from leadcrm.demo.services.households import World, households
from leadcrm.demo.services.offices import Office, divided, offices
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.norms import NormKey
from leadcrm.leads.services.norms import published
from leadcrm.leads.services.references import reserve_references

BATCH = 1_000  # leads
WHY = "demo data"


class SeedingFailed(RuntimeError):
    """A process stopped before its part was written; says why."""


@dataclass(frozen=True)
class Batch:
    world: World
    office: Office
    numbers: range
    total: int  # of the office
    references: Sequence[str]

    def is_there(self) -> bool:
        first = next(households(self.world, self.office, self.numbers, self.total))
        return session.scalar(select(Lead.id).where(Lead.id == first.lead["id"])) is not None

    def write(self) -> int:
        with maintenance(WHY):
            writing.write(households(self.world, self.office, self.numbers, self.total), self.references)
        return len(self.numbers)


def nhg_limits() -> dict[int, int]:
    """Cents by year, of the norms that the application judges by."""
    with maintenance(WHY):
        norms = [norm for norm in published() if norm.key == NormKey.NHG_LIMIT]
    return {norm.valid_from.year: norm.value for norm in norms}


def seed(world: World, leads: int) -> Generator[int, None, None]:
    """Writes what is missing; yields how many leads came to be there, as it goes."""
    batches = list(_batches(world, leads))
    with maintenance(WHY):
        missing = [batch for batch in batches if not batch.is_there()]
    yield sum(len(batch.numbers) for batch in batches) - sum(len(batch.numbers) for batch in missing)
    if missing:
        yield missing[0].write()
        with maintenance(WHY):
            writing.analyze()
        yield from _in_processes(missing[1:])
        with maintenance(WHY):
            writing.analyze()


def _batches(world: World, leads: int) -> Iterator[Batch]:
    for office, total in zip(offices(world.seed), divided(leads), strict=True):
        references = _references(world, office, total)
        for start in range(0, total, BATCH):
            numbers = range(start, min(total, start + BATCH))
            yield Batch(world, office, numbers, total, references[start : numbers.stop])


def _references(world: World, office: Office, total: int) -> list[str]:
    """In the order in which the leads came in, each of the year in which it did."""
    years = (pipeline.day_of(number, total, world.today).year for number in range(total))
    with maintenance(WHY):
        taken = [reserve_references(office.id, len(list(same)), year) for year, same in groupby(years)]
    return [reference for references in taken for reference in references]


def _in_processes(batches: Sequence[Batch]) -> Iterator[int]:
    many = min(os.cpu_count() or 1, len(batches))
    if many < 2:
        yield from (batch.write() for batch in batches)
        return
    context = get_context("fork")  # the children share what was prepared, and begin at once
    ends: list[Connection] = []
    children = []
    try:
        for part in range(many):
            receives, sends = context.Pipe(duplex=False)
            ends.append(receives)
            child = context.Process(target=_write_part, args=(batches[part::many], sends, ends), daemon=True)
            child.start()
            children.append(child)
            sends.close()
        yield from _received(ends)
    finally:
        for child in children:  # they have ended, unless one of them failed or nobody wants the rest
            child.terminate()
            child.join()


def _received(ends: list[Connection]) -> Iterator[int]:
    """A number after each batch, a text when it failed, the end of the pipe when a part is done."""
    left = list(ends)
    while left:
        for end in cast(list[Connection], wait(left)):
            try:
                message = end.recv()
            except EOFError:
                left.remove(end)
                continue
            if isinstance(message, str):
                raise SeedingFailed(message)
            yield message


def _write_part(batches: Sequence[Batch], progress: Connection, parents: list[Connection]) -> None:
    """In a child. When the parent is gone, the pipe breaks, and so this ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends its children
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for end in parents:
        end.close()
    gc.freeze()  # nothing of the parent's becomes garbage here
    database().forked()
    try:
        for batch in batches:
            progress.send(batch.write())
    except BrokenPipeError:
        os._exit(1)
    except Exception as problem:
        progress.send(f"{type(problem).__name__}: {problem}")
