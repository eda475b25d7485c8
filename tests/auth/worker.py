"""A web process of its own, for tests that need several.

Behind a trusted proxy, which the tests are: they say over which address and scheme somebody comes. LOG grows by one
byte for every password that is looked at. The port is told.
"""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from leadcrm.app import create_app
from leadcrm.auth.services import passwords
from leadcrm.core.config import Config

THREADS = 6


class Quiet(WSGIRequestHandler):
    def log(self, *_arguments: Any, **_named: Any) -> None:
        pass


class PoolServer(ThreadedWSGIServer):
    """As many threads as a web process has, instead of one for every connection."""

    request_queue_size = 512
    pool = ThreadPoolExecutor(THREADS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.pool.submit(self.process_request_thread, request, client_address)


def counted(log: Path) -> None:
    verify = passwords.verify

    def counting(password: str, known: str | None) -> Any:
        with log.open("ab") as file:
            file.write(b".")
        return verify(password, known)

    passwords.verify = counting


def main(instance: str, url: str, log: str, tell: Connection) -> None:
    config = Config(instance=Path(instance), testing=True, trusted_proxies=("127.0.0.1/32",), database_pool=4)
    counted(Path(log))
    server = PoolServer("127.0.0.1", 0, create_app(config, url), handler=Quiet)
    tell.send(server.server_port)
    server.serve_forever()
