"""Debian's real clamd, with a signature database of our own that knows one thing: the test file of the scanners."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from leadcrm.core.config import Config
from leadcrm.inspection.checks import EICAR

CLAMD = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SENTENCE = "there is no clamd here: install clamav-daemon to see that viruses are found"
STARTS_WITHIN = 30


def missing() -> None:
    pytest.fail(SENTENCE) if os.environ.get("CI") == "true" else pytest.skip(SENTENCE)


class Clamd:
    """One scanner; may be stopped and started again at the same place."""

    def __init__(self, folder: Path, *settings: str):
        self.folder, self.socket = folder, folder / "clamd.ctl"
        self.process: subprocess.Popen[bytes] | None = None
        signatures = folder / "db"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
        defaults = (
            f"LocalSocket {self.socket}",
            f"DatabaseDirectory {signatures}",
            "Foreground yes",
            "MaxThreads 2",
            "StreamMaxLength 120M",
            "MaxFileSize 120M",
            "MaxScanSize 400M",
            "AlertExceedsMax yes",
            "User root",
            f"TemporaryDirectory {folder}",
        )
        names = {setting.split()[0] for setting in settings}
        lines = [*(line for line in defaults if line.split()[0] not in names), *settings]
        if os.geteuid():
            lines = [line for line in lines if not line.startswith("User ")]
        (folder / "clamd.conf").write_text("\n".join(lines) + "\n")

    @property
    def address(self) -> str:
        return f"unix:{self.socket}"

    def start(self) -> "Clamd":
        assert CLAMD
        with (self.folder / "clamd.log").open("ab") as log:
            command = [CLAMD, "--config-file", str(self.folder / "clamd.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "clamd.log").read_text()
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            try:
                line.connect(str(self.socket))
                line.sendall(b"zPING\0")
                return line.recv(16) == b"PONG\0"
            except OSError:
                return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.socket.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def one_clamd() -> Iterator[Clamd]:
    if CLAMD is None:
        missing()
    folder = Path(tempfile.mkdtemp(prefix="clamd-"))
    scanner = Clamd(folder).start()
    yield scanner
    scanner.stop()
    shutil.rmtree(folder)


@pytest.fixture
def clamd(one_clamd: Clamd) -> Iterator[Clamd]:
    """Running; whoever stopped it need not start it again."""
    yield one_clamd
    if one_clamd.process is None:
        one_clamd.start()


@pytest.fixture
def bare_app() -> Flask:
    """No more of an application than scanning needs: its configuration."""
    app = Flask("bare")
    app.extensions["config"] = Config(testing=True)
    return app


def configured(app: Flask, **settings: object) -> Flask:
    app.extensions["config"] = app.extensions["config"].model_copy(update=settings)
    return app
