"""Starts child processes, starts crashed ones again, and stops them all; none of them outlives it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
LIBC = ctypes.CDLL(None)

Ready = Callable[[], None] | None

TICK_SECONDS = 0.1
PATIENCE_SECONDS = 20.0
CHORES_SECONDS = 5.0
HEALTHY_SECONDS = 30.0
LONGEST_PAUSE = 30.0
MOST_FAILURES = 5
STOP_SECONDS = 25.0  # a job that is told to stop finishes its chunk
ONE_WISH_SECONDS = 0.5


class Running(Protocol):
    """A process, as `subprocess.Popen` shows one."""

    returncode: int | None

    def poll(self) -> int | None: ...
    def send_signal(self, what: int, /) -> None: ...


class Begun(Protocol):
    """A process that waits for its environment only (early.py)."""

    def go(self, environment: Mapping[str, str]) -> Running: ...


@dataclass(frozen=True)
class Program:
    """A child process. `dies_with` is the signal the kernel sends it when the supervisor is killed.

    One that is not `urgent` starts when the others answer: on two cores that halves the wait for the first page. The
    first time it is the process that has `begun` already, if there is one; the command starts it again.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    dies_with: signal.Signals = signal.SIGTERM
    urgent: bool = True
    begun: Begun | None = None


@dataclass
class Child:
    program: Program
    process: Running | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = field(default=0.0)

    def start(self) -> None:
        first, self.started = self.started == 0.0, time.monotonic()
        begun = self.program.begun if first else None
        self.process = begun.go(self.program.environment) if begun else self._start_anew()

    def _start_anew(self) -> Running:
        program, parent = self.program, os.getpid()
        return subprocess.Popen(
            program.command,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for us; we tell the children
            preexec_fn=lambda: die_with(program.dies_with, parent),
        )

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def note_end(self) -> None:
        """The pause before the next start doubles with every failure in a row."""
        lived = time.monotonic() - self.started
        self.failures = self.failures + 1 if lived < HEALTHY_SECONDS else 1
        self.again_at = time.monotonic() + min(LONGEST_PAUSE, 2.0 ** (self.failures - 1) / 2)
        code = self.process.returncode if self.process else 0
        say(f"{self.program.name} ended with {code} after {lived:.0f} s")
        self.process = None

    def send(self, what: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(what)


def die_with(what: signal.Signals, parent: int) -> None:
    """Ask the kernel for this signal when the parent dies, even of `kill -9`."""
    LIBC.prctl(PR_SET_PDEATHSIG, what)
    if os.getppid() != parent:  # it died before we had asked
        os.kill(os.getpid(), what)


def be_called(name: str) -> None:
    """As `ps -o comm` and `top` show this process and its forks; the first 15 letters."""
    LIBC.prctl(PR_SET_NAME, name.encode())


def say(line: str) -> None:
    print(f"leadcrm: {line}", file=sys.stderr, flush=True)


class Supervisor:
    """`ready` is called once, when `probe` says so; `chores` every few seconds, unless it is told to stop."""

    def __init__(
        self, programs: Sequence[Program], probe: Callable[[], bool] = lambda: True, ready: Ready = None
    ) -> None:
        self.children = [Child(program) for program in programs]
        self.probe = probe
        self.ready = ready
        self.chores: Callable[[], None] = lambda: None
        self.answers = False
        self.signals = 0  # a plain number: an Event has a lock, for which a signal during a signal would wait for ever
        self.signalled = float("-inf")

    def run(self) -> int:
        """Until SIGINT, SIGTERM or SIGHUP, or until a child cannot be kept alive. The exit code."""
        before = {each: signal.signal(each, self._stop) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            for child in self.children:
                child.again_at = 0.0 if child.program.urgent else time.monotonic() + PATIENCE_SECONDS
            return self._watch()
        finally:
            self._stop_all()
            for each, handler in before.items():
                signal.signal(each, handler)

    def send(self, name: str, what: signal.Signals) -> None:
        for child in self.children:
            if child.program.name == name:
                child.send(what)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        """One wish may come twice: a whole group gets a signal, and `make`, which is in it, passes it on."""
        now = time.monotonic()
        if now - self.signalled > ONE_WISH_SECONDS:
            self.signalled = now
            self.signals += 1

    def _watch(self) -> int:
        next_chores = time.monotonic() + CHORES_SECONDS
        while not self.signals:
            if not all(self._look_after(child) for child in self.children):
                return 1
            if not self.answers and self.probe():
                self._begin_the_rest()
            if time.monotonic() > next_chores:
                self.chores()
                next_chores = time.monotonic() + CHORES_SECONDS
            time.sleep(TICK_SECONDS)
        return 0

    def _begin_the_rest(self) -> None:
        self.answers = True
        for child in self.children:
            child.again_at = min(child.again_at, time.monotonic())
        if self.ready:
            self.ready()

    def _look_after(self, child: Child) -> bool:
        if child.has_ended():
            child.note_end()
            if child.failures >= MOST_FAILURES:
                say(f"{child.program.name} failed {child.failures} times in a row: stopping. Its reason stands above.")
                return False
        if child.process is None and time.monotonic() >= child.again_at:
            child.start()
        return True

    def _stop_all(self) -> None:
        """Ask, wait, insist. A second Ctrl-C insists at once."""
        for child in self.children:
            child.send(signal.SIGTERM)
        limit, asked = time.monotonic() + STOP_SECONDS, self.signals
        while any(child.process and child.process.poll() is None for child in self.children):
            if time.monotonic() > limit or self.signals > max(asked, 1):
                self._kill_all()
            time.sleep(0.05)

    def _kill_all(self) -> None:
        for child in self.children:
            child.send(signal.SIGKILL)
