"""The product's own web server on the bench's instance, and the same server with a page that does nothing."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from leadcrm.core.config import PREFIX, ROOT, Config
from tests.ports import free_port

START_SECONDS = 60
STOP_SECONDS = 30


@contextmanager
def product(config: Config) -> Iterator[str]:
    """Web processes only, with TLS, as many as configured; its address."""
    with _running(config, "leadcrm.core.server", "web") as address:
        yield address


@contextmanager
def bare(config: Config, size: int) -> Iterator[str]:
    """A page of this many bytes from the same server, the same processes and threads, and nothing behind it."""
    with _running(config, "tests.bench.bare", str(size)) as address:
        yield address


@contextmanager
def _running(config: Config, module: str, argument: str) -> Iterator[str]:
    port = free_port()
    address = f"https://localhost:{port}"
    ours = {
        f"{PREFIX}INSTANCE": str(config.instance),
        f"{PREFIX}PORT": str(port),
        f"{PREFIX}BASE_URL": address,
        f"{PREFIX}WEB_WORKERS": str(config.web_workers),
    }
    process = subprocess.Popen([sys.executable, "-m", module, argument], cwd=ROOT, env=os.environ | ours)
    try:
        _wait(process, port)
        yield address
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
            continue
        time.sleep(2)  # the second process may just be loading
        return
    raise RuntimeError(f"{process.args!r} did not start")
