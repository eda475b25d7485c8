"""Commands in processes of their own, forked from one that has loaded the application: that alone takes seconds."""

import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess

from leadcrm import cli
from leadcrm.core.config import ROOT

SECONDS = 60
forks = get_context("forkserver")
forks.set_forkserver_preload(["leadcrm.cli", __name__])


def leadcrm(*words: str, env: dict[str, str]) -> CompletedProcess[str]:
    """`leadcrm` with these words, and with nothing but this environment."""
    return run(cli.main, words, env)


def load_wsgi(env: dict[str, str]) -> CompletedProcess[str]:
    """What gunicorn or any other server does first."""
    return run(_load_wsgi, (), env)


def _load_wsgi() -> None:
    print(import_module("wsgi").app.name)


def run(program: Callable[[], object], words: tuple[str, ...], env: dict[str, str]) -> CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = forks.Process(target=_become, args=(program, words, env, out, err))
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        done = CompletedProcess(words, process.exitcode, out.read_text(), err.read_text())
        process.close()
    return done


def _become(program: Callable[[], object], words: tuple[str, ...], env: dict[str, str], out: Path, err: Path) -> None:
    """In the fork: as if it had been started with these words and this environment."""
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["leadcrm", *words]
    for number, file in enumerate((Path(os.devnull), out, err)):
        opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    program()
