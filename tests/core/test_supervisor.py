"""The supervisor with real processes: starts again, stops all, leaves no orphan whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from leadcrm.core import supervisor
from leadcrm.core.supervisor import Program, Supervisor

ROOT = Path(__file__).parents[2]
SUPERVISED = """
import signal, sys
from leadcrm.core import supervisor
from leadcrm.core.supervisor import Program, Supervisor
supervisor.STOP_SECONDS = 600
sleep = "import os, signal, sys, time; {0} open(sys.argv[1], 'a').write(f'{{os.getpid()}}\\\\n'); time.sleep(600)"
stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
programs = [Program("kind", [sys.executable, "-c", sleep.format(""), sys.argv[1]], {}),
            Program("stubborn", [sys.executable, "-c", sleep.format(stubborn), sys.argv[1]], {}, signal.SIGKILL)]
sys.exit(Supervisor(programs, lambda: True, lambda: print("ready", flush=True)).run())
"""

AT_EVERY_LINE = """
import signal, sys
from leadcrm.core import supervisor
supervisor.TICK_SECONDS = 0.001
for at in range(1, 41):
    passed = []
    def look(frame, event, _argument):
        if event == "line" and (passed or frame.f_code.co_name == "_watch"):
            passed.append(frame.f_lineno)
            if len(passed) == at:
                signal.raise_signal(signal.SIGTERM)
        return look
    sys.settrace(look)
    supervisor.Supervisor([]).run()
    sys.settrace(None)
"""


def eventually(holds: Callable[[], object], seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "did not become true"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


class Supervised:
    """A supervisor in a process of its own, with two children, of which one ignores SIGTERM."""

    def __init__(self, folder: Path) -> None:
        self.pids = folder / "pids"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISED, str(self.pids)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        eventually(lambda: len(self.children()) == 2)

    def children(self) -> list[int]:
        return [*map(int, self.pids.read_text().split())] if self.pids.exists() else []

    def end(self, *signals: signal.Signals) -> int:
        for each in signals:
            self.process.send_signal(each)
            eventually(lambda: not all(map(alive, self.children())))  # it was heard: two at once would be one
            time.sleep(supervisor.ONE_WISH_SECONDS + 0.2)
        self.output, self.errors = self.process.communicate(timeout=90)
        return self.process.returncode


@pytest.fixture
def supervised(tmp_path: Path) -> Supervised:
    return Supervised(tmp_path)


def test_ready_is_said_once(supervised: Supervised) -> None:
    time.sleep(0.6)
    supervised.end(signal.SIGTERM, signal.SIGTERM)
    assert supervised.output == b"ready\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_children_and_a_second_one_insists(supervised: Supervised, how: signal.Signals) -> None:
    """The stubborn one would be waited for; longer than `end` has patience."""
    assert supervised.end(how, how) == 0
    assert not any(map(alive, supervised.children()))


def test_two_at_once_are_one_wish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make` passes on what its whole group got: whoever is at work may still end it."""
    monkeypatch.setattr(supervisor, "ONE_WISH_SECONDS", 60)
    pass_on = "os.kill(os.getppid(), signal.SIGTERM), time.sleep(0.5)"  # when the supervisor waits for it already
    end = f"lambda *_: ({pass_on}, open(sys.argv[1], 'a').write('ended'), sys.exit())"
    begin = f"signal.signal(signal.SIGTERM, {end}); open(sys.argv[1], 'a').write('begun ')"
    work, told = f"import os, signal, sys, time; {begin}; time.sleep(600)", tmp_path / "told"
    alone = Supervisor([Program("at work", [sys.executable, "-c", work, str(told)], dict(os.environ))])

    def stop_it() -> bool:
        if begun := told.exists() and told.read_text() == "begun ":
            signal.raise_signal(signal.SIGTERM)
        return begun

    alone.probe = stop_it
    assert alone.run() == 0
    assert told.read_text() == "begun ended"


def test_a_signal_stops_it_at_whatever_line_it_comes() -> None:
    """A handler that wants a lock waits for ever when the signal comes where that lock is held."""
    done = subprocess.run([sys.executable, "-c", AT_EVERY_LINE], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_child_outlives_a_killed_supervisor(supervised: Supervised) -> None:
    supervised.end(signal.SIGKILL)
    eventually(lambda: not any(map(alive, supervised.children())))


def test_a_killed_child_is_started_again(supervised: Supervised) -> None:
    os.kill(supervised.children()[0], signal.SIGKILL)
    eventually(lambda: len(supervised.children()) == 3)
    supervised.end(signal.SIGTERM, signal.SIGTERM)
    assert b"ended with -9 after" in supervised.errors
    assert not any(map(alive, supervised.children()))


def failing(folder: Path) -> Program:
    script = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(3)"
    return Program("failing", [sys.executable, "-c", script, str(folder / "starts")], {})


def test_a_child_that_cannot_live_ends_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.01)
    healthy = Program("healthy", ["sleep", "600"], dict(os.environ))
    both = Supervisor([healthy, failing(tmp_path)])
    assert both.run() == 1
    assert (tmp_path / "starts").read_text() == "x" * 5
    process = both.children[0].process
    assert process is not None
    assert process.returncode == -signal.SIGTERM


def test_what_is_not_urgent_waits_until_the_others_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervisor, "CHORES_SECONDS", 0.3)
    urgent = Program("urgent", ["sleep", "600"], dict(os.environ))
    later = Program("later", ["sleep", "600"], dict(os.environ), urgent=False)
    both = Supervisor([urgent, later], lambda: (tmp_path / "answers").exists())
    seen: list[list[bool]] = []

    def chore() -> None:
        seen.append([child.process is not None for child in both.children])
        (tmp_path / "answers").touch()
        if len(seen) == 2:
            signal.raise_signal(signal.SIGTERM)

    both.chores = chore
    assert both.run() == 0
    assert seen == [[True, False], [True, True]]


def test_the_pause_doubles(tmp_path: Path) -> None:
    child = Supervisor([failing(tmp_path)]).children[0]
    pauses = []
    for _ in range(4):
        child.start()
        assert child.process
        child.process.wait()
        before = time.monotonic()
        child.note_end()
        pauses.append(round(child.again_at - before, 1))
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_chores_are_done_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "CHORES_SECONDS", 0.1)
    alone = Supervisor([])
    done: list[int] = []

    def chore() -> None:
        done.append(1)
        if len(done) == 3:
            signal.raise_signal(signal.SIGTERM)

    alone.chores = chore
    assert alone.run() == 0
    assert len(done) == 3


def test_the_handlers_of_before_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    alone = Supervisor([])
    alone.signals = 1
    alone.run()
    assert signal.getsignal(signal.SIGTERM) is before
