"""Several real web processes on one database, and requests to them."""

import http.client
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.parse import urlencode

from leadcrm.core.postgres.urls import Urls
from tests.auth import worker
from tests.forks import forks


@contextmanager
def web_processes(count: int, instance: Path, urls: Urls, log: Path) -> Iterator[Sequence[int]]:
    """The ports that they listen on."""
    log.touch()
    ports, tell = forks.Pipe(duplex=False)
    words = (str(instance), urls.app, str(log), tell)
    started = [forks.Process(target=worker.main, args=words) for _ in range(count)]
    with ExitStack() as ending:
        ending.callback(ports.close)
        ending.callback(tell.close)
        for process in started:
            process.start()
            ending.callback(_end, process)
        yield [_port(ports) for _process in started]


def _port(ports: Connection) -> int:
    assert ports.poll(180), "it does not start"
    return int(ports.recv())


def _end(process: ForkServerProcess) -> None:
    process.terminate()
    process.join(90)
    process.close()


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
