"""The product as people meet it: `leadcrm demo` on an instance of its own; one for all processes of a test run."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from leadcrm.core.config import ROOT
from leadcrm.core.locks import FileLock
from leadcrm.core.postgres import Embedded
from leadcrm.core.supervisor import die_with
from tests.patience import STATEMENT_MS
from tests.ports import free_port

LEADS = 240
START_SECONDS, STOP_SECONDS, WALK_SECONDS = 120, 60, 600
SETTINGS = {
    "LEADCRM_HTTP_PORT": "0", "LEADCRM_WEB_WORKERS": "1", "LEADCRM_JOB_WORKERS": "1",
    "LEADCRM_STATEMENT_TIMEOUT_MS": str(STATEMENT_MS),
}  # fmt: skip


@dataclass(frozen=True)
class Product:
    """What everybody may know of the running one."""

    folder: Path  # of the test run: what its processes share
    base_url: str
    accounts: dict[str, dict[str, str]]  # by e-mail address

    def locked(self, name: str) -> FileLock:
        lock = FileLock(self.folder / f"{name}.lock")
        lock.hold()
        return lock


class Share:
    """This process's part in the one product: whoever comes first starts it, and stops it when the others are done."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.known = folder, folder / "product.json"
        self.starting, self.in_use = FileLock(folder / "starting"), FileLock(folder / "in-use")
        self.process: subprocess.Popen[bytes] | None = None
        self.instance = Path()

    def take(self) -> Product:
        self.starting.hold()
        try:
            if not self.known.exists():
                self._start()
            self.in_use.share()
        finally:
            self.starting.drop()
        found = json.loads(self.known.read_text())
        return Product(self.folder, found["base_url"], {each["email"]: each for each in found["accounts"]})

    def give_back(self) -> str:
        """What the product wrote on its screen; nothing when another process has it."""
        self.in_use.drop()
        if self.process is None:
            return ""
        self.starting.hold()
        try:
            assert self.in_use.free_within(WALK_SECONDS), "another process of the tests does not come to an end"
            self.known.unlink()
            return self._stop()
        finally:
            self.starting.drop()

    def _start(self) -> None:
        self.instance = Path(tempfile.mkdtemp(prefix="leadcrm-browser-"))
        ours = {name: value for name, value in os.environ.items() if not name.startswith("LEADCRM_")}
        with (self.folder / "screen").open("wb") as screen:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "leadcrm.cli", "demo", "--leads", str(LEADS), "--port", str(free_port())],
                cwd=ROOT, env=ours | SETTINGS | {"LEADCRM_INSTANCE": str(self.instance)}, stdin=subprocess.DEVNULL,
                stdout=screen, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=partial(die_with, signal.SIGTERM, os.getpid()),
            )  # fmt: skip
        try:
            shutil.copy(self._wait_until_it_answers(self.process), self.known)
        except BaseException:
            self.process.kill()
            raise

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> Path:
        accounts = self.instance / "demo.json"
        limit = time.monotonic() + START_SECONDS
        while not (accounts.exists() and _answers(json.loads(accounts.read_text() or "{}"))):
            assert process.poll() is None and time.monotonic() < limit, self.screen()
            time.sleep(0.1)
        return accounts

    def _stop(self) -> str:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        Embedded(self.instance).destroy()
        shutil.rmtree(self.instance)
        assert code == 0, f"ended with {code}\n{self.screen()}"
        return self.screen()

    def screen(self) -> str:
        return (self.folder / "screen").read_text(errors="replace")[-20_000:]


def _answers(known: dict[str, Any]) -> bool:
    """With its own certificate, as instance/demo.json tells it to automated clients."""
    try:
        trusting = ssl.create_default_context(cafile=known["ca_certificate"])
        with urlopen(f"{known['base_url']}/healthz", context=trusting, timeout=5) as page:
            return bool(page.status == 200)
    except (KeyError, OSError, URLError):
        return False
