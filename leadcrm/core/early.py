"""A child that is begun before it is needed: the web process as a fork of the command that has everything loaded.

It is made while the command knows no secret yet, and waits to hear its configuration; so it holds no more of the
others' than one that is started anew, and it answers seconds earlier, in memory that both share.
"""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Self

from leadcrm.core.supervisor import die_with

FORK = get_context("fork")
SECONDS_TO_LEAVE = 5.0


class Early:
    """`main` runs in a fork as soon as `go` says with what environment; what is never needed goes with its maker.

    Once it runs, it is looked after as a `subprocess.Popen` would be.
    """

    def __init__(self, main: Callable[[], object]) -> None:
        heard, self.told = FORK.Pipe(duplex=False)
        self.process: BaseProcess = FORK.Process(target=_wait, args=(main, heard, self.told, os.getpid()))
        self.process.start()
        heard.close()
        self.returncode: int | None = None

    def go(self, environment: Mapping[str, str]) -> Self:
        with suppress(BrokenPipeError):  # it is dead already: poll() will say so
            self.told.send(dict(environment))
        self.told.close()
        return self

    def poll(self) -> int | None:
        self.returncode = self.process.exitcode
        return self.returncode

    def send_signal(self, what: int) -> None:
        if self.poll() is None and self.process.pid:
            os.kill(self.process.pid, what)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """One that still waits hears that nothing comes."""
        self.told.close()
        self.process.join(SECONDS_TO_LEAVE)


def _wait(main: Callable[[], object], heard: Connection, told: Connection, parent: int) -> None:
    told.close()  # or it would wait for itself
    os.setsid()  # Ctrl-C in the terminal is for the supervisor, which tells its children
    die_with(signal.SIGTERM, parent)
    try:
        environment = heard.recv()
    except EOFError:
        return
    heard.close()
    os.environ.clear()
    os.environ.update(environment)
    main()
