"""Upkeep that only passes time, and worker processes that write down what they began and ended when."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask

from leadcrm.core import jobs
from leadcrm.core.jobs import Job, Rank, job, run_worker
from leadcrm.core.jobs_steps import walked
from leadcrm.core.postgres.urls import Urls

STEP_SECONDS = 0.05
PATIENCE_SECONDS = 60
steps = [60]
said_in: list[Path] = []


@dataclass(frozen=True)
class Said:
    at: float
    process: int
    what: str
    name: str


def say(what: str, name: str) -> None:
    with said_in[0].open("a") as file:
        file.write(f"{time.monotonic()} {os.getpid()} {what} {name}\n")  # one write, so that no two are mixed


def said() -> list[Said]:
    if not said_in[0].exists():
        return []
    rows = (line.split() for line in said_in[0].read_text().splitlines())
    return [Said(float(at), int(process), what, name) for at, process, what, name in rows]


def step(name: str, place: str | None) -> str | None:
    time.sleep(STEP_SECONDS)
    say("step", name)
    done = int(place or 0) + 1
    return str(done) if done < steps[0] else None


@job(reason="a test", rank=Rank.UPKEEP)
def dust() -> bool:
    return walked("dust", partial(step, "dust"))


@job(reason="a test", rank=Rank.UPKEEP)
def polish() -> bool:
    return walked("polish", partial(step, "polish"))


@job(reason="a test", rank=Rank.UPKEEP)
def tidy() -> bool:
    return walked("tidy", partial(step, "tidy"))


@job(reason="a test")
def asked_for() -> None:
    """What somebody waits for."""


KINDS = (dust, polish, tidy)


def without_clock() -> dict[str, Job]:
    """Every job, for those who ask for it."""
    return {name: replace(each, cron=None) for name, each in jobs._jobs.items()}


def saying(run: Callable[..., None]) -> Callable[..., None]:
    def said_aloud(app: Flask, each: Job, *arguments: Any) -> None:
        say("begin", each.name)
        run(app, each, *arguments)
        say("end", each.name)

    return said_aloud


@contextmanager
def workers(number: int, app: Flask, urls: Urls) -> Iterator[None]:
    """So many processes as `leadcrm worker` starts; killed at the end."""
    children = [_forked(app, urls) for _number in range(number)]
    try:
        yield
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _forked(app: Flask, urls: Urls) -> int:
    child = os.fork()
    if child == 0:
        try:
            app.extensions["database"].forked()
            run_worker(app, urls.worker)
        finally:
            os._exit(1)
    return child


def until(there: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := there()):
        assert time.monotonic() < deadline, said()[-5:]
        time.sleep(0.02)
    return found


def slices(lines: list[Said]) -> list[tuple[Said, Said]]:
    """The beginning and the end of each that has ended, by process."""
    open_: dict[int, Said] = {}
    found = []
    for line in lines:
        if line.what == "begin":
            open_[line.process] = line
        elif line.what == "end":
            found.append((open_.pop(line.process), line))
    return found


def is_upkeep(line: Said) -> bool:
    return line.name in {f"tests.upkeep.{each.__name__}" for each in KINDS}
