"""A child that is begun early: it hears its environment and nothing else, and goes with its maker."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from leadcrm.core.early import Early
from leadcrm.core.supervisor import Program, Supervisor
from tests.core.test_supervisor import ROOT, alive, eventually

MAKER = """
import os, time
from leadcrm.core.early import Early
early = Early(lambda: time.sleep(600))
{0}
print(early.process.pid, flush=True)
time.sleep(600)
"""


def write_what_it_knows(path: Path) -> None:
    known = {"environment": dict(os.environ), "session": os.getsid(0), "pid": os.getpid()}
    path.with_suffix(".new").write_text(json.dumps(known))
    path.with_suffix(".new").rename(path)


def test_it_runs_with_the_environment_that_it_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_OF_THE_COMMAND", "1")
    with Early(partial(write_what_it_knows, tmp_path / "known")) as early:
        assert early.poll() is None
        assert early.go({"LEADCRM_OF_THE_CHILD": "2"}) is early
    known = json.loads((tmp_path / "known").read_text())
    assert known["environment"] == {"LEADCRM_OF_THE_CHILD": "2"}
    assert known["session"] == known["pid"] == early.process.pid  # Ctrl-C in the terminal does not reach it
    assert (early.poll(), early.returncode) == (0, 0)


def test_one_that_is_never_needed_goes(tmp_path: Path) -> None:
    with Early(partial(write_what_it_knows, tmp_path / "known")) as early:
        pass
    assert early.poll() == 0
    assert not (tmp_path / "known").exists()


@pytest.mark.parametrize("told", ["", "early.go(os.environ)"])
def test_it_does_not_outlive_its_maker(told: str) -> None:
    maker = subprocess.Popen([sys.executable, "-c", MAKER.format(told)], cwd=ROOT, stdout=subprocess.PIPE)
    assert maker.stdout
    child = int(maker.stdout.readline())
    maker.stdout.close()
    time.sleep(0.2)
    assert alive(child)
    maker.kill()
    maker.wait()
    try:
        eventually(lambda: not alive(child))
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_once_it_ended_the_supervisor_starts_the_command(tmp_path: Path) -> None:
    """Even when it died while it still waited."""
    counted = ["sh", "-c", f"echo started >> {tmp_path / 'starts'}; exec sleep 600"]
    with Early(signal.pause) as early:
        both = Supervisor([Program("web", counted, dict(os.environ), begun=early)])
        (child,) = both.children
        child.start()
        assert child.process is early
        assert not (tmp_path / "starts").exists()
        child.send(signal.SIGKILL)
        eventually(child.has_ended)
        child.note_end()
        assert child.failures == 1
        child.start()
        assert child.process is not early
        eventually((tmp_path / "starts").exists)
        both._stop_all()
        assert child.process
        assert child.process.returncode == -signal.SIGTERM
