"""Several real web processes on one database, and requests to them."""

import http.client
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from leadcrm.core.postgres.urls import Urls

ROOT = Path(__file__).parents[2]


@contextmanager
def web_processes(count: int, instance: Path, urls: Urls, log: Path) -> Iterator[Sequence[int]]:
    """The ports that they listen on."""
    words = [sys.executable, "-m", "tests.auth.worker", str(instance), urls.app, str(log)]
    log.touch()
    started = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    with ExitStack() as ending:
        for process in started:
            ending.callback(_end, process)
        yield [int(process.stdout.readline()) for process in started if process.stdout]


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(timeout=30)
    if process.stdout:
        process.stdout.close()


def ask(
    port: int, path: str, cookies: dict[str, str], form: dict[str, str] | None = None, address: str = "192.0.2.1"
) -> tuple[int, list[str]]:
    """The status, and the cookies that were set."""
    headers = {
        "Host": "localhost", "X-Forwarded-For": address, "X-Forwarded-Proto": "https", "Origin": "https://localhost",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST" if form is not None else "GET", path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get_all("Set-Cookie") or []
    finally:
        connection.close()
