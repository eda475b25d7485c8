"""The keeper's own signals; its life with a real PostgreSQL is in test_life.py."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

# For each line in turn, from the birth of its server on, a keeper that gets SIGTERM there, and again at the next lines:
# those of its handler too.
AT_EVERY_LINE = """
import fcntl, signal, sys
from pathlib import Path
from leadcrm.core.postgres.keeper import Keeper
control = Path(sys.argv[1])
in_use = open(control / "in-use", "w")
fcntl.flock(in_use, fcntl.LOCK_SH)
for at in range(1, 41):
    passed = 0
    def look(frame, event, _argument):
        global passed
        if event == "line" and (passed or keeper.server is not None):
            passed += 1
            if at <= passed < at + 8:
                signal.raise_signal(signal.SIGTERM)
        return look
    keeper = Keeper(control, {}, ["sleep", "0.1"])
    sys.settrace(look)
    code = keeper.run()
    sys.settrace(None)
    assert code == 0 and keeper.server.returncode is not None, at
"""


def test_signals_stop_it_at_whatever_line_they_come(tmp_path: Path) -> None:
    """A handler that wants a lock waits for ever when the signal comes where that lock is held."""
    command = [sys.executable, "-c", AT_EVERY_LINE, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
