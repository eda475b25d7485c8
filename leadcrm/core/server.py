"""The web server: granian over TLS with the application, and beside it a plain listener that only redirects.

python -m leadcrm.core.server web | redirects
"""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from pkgutil import resolve_name
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server
from sqlalchemy.orm import configure_mappers

from leadcrm.core.bodies import AT_ONCE
from leadcrm.core.config import Config, load
from leadcrm.core.headers import OnEveryAnswer
from leadcrm.core.supervisor import be_called, die_with
from leadcrm.core.tls import TlsFiles, configured_certificate, ensure_certificate

WSGI = "wsgi:app"
FACTORY = "leadcrm.app:create_app"  # a name, as wsgi servers take it: core imports no plugin
LOCAL = ("localhost", "127.0.0.1", "::1")
LIMITS = HTTP1Settings(
    header_read_timeout=15_000,  # ms; a client that sends its headers drop by drop holds nobody up
    max_buffer_size=65_536,  # bytes; longer headers are refused
)
CONNECTIONS = 1024  # a worker's; a browser keeps several open
STOP_SECONDS = 8


def tls_files(config: Config) -> TlsFiles:
    if config.tls_certificate and config.tls_key:
        return configured_certificate(config.tls_certificate, config.tls_key)
    return ensure_certificate(config.instance / "tls", {**dict.fromkeys(config.hosts), **dict.fromkeys(LOCAL)})


def serve_web(config: Config) -> None:
    """The application on the TLS port, in as many processes as configured; until SIGTERM."""
    processes: dict[str, Any] = {"workers": config.web_workers, "blocking_threads": config.web_threads + AT_ONCE}
    server = Server(WSGI, **processes, **_place(config), **_common(config))
    resolve_name(FACTORY)  # loads the modules before the fork: once, in memory that the processes share
    configure_mappers()
    _serve(server, partial(resolve_name, WSGI))


def _place(config: Config) -> dict[str, Any]:
    """Its port with TLS, or the socket of a proxy on this machine, which the group of the socket's folder may use."""
    if config.socket:
        return {"uds": config.socket, "uds_permissions": 0o660}
    tls = tls_files(config)
    return {
        "port": config.port, "ssl_cert": tls.certificate, "ssl_key": tls.key, "ssl_protocol_min": SSLProtocols.tls12,
    }  # fmt: skip


def serve_redirects(config: Config) -> None:
    """The plain port: whoever types the address without https finds the way, and nothing else is answered."""
    server = Server("redirects", port=config.http_port, workers=1, blocking_threads=1, **_common(config))
    _serve(server, partial(redirects, config.base_url, config.hosts))


def _common(config: Config) -> dict[str, Any]:
    return {
        "address": config.bind,
        "interface": Interfaces.WSGI,
        "http": HTTPModes.http1,  # HTTP/2 brings an office nothing, and its floods bring trouble
        "websockets": False,
        "backpressure": CONNECTIONS,
        "http1_settings": LIMITS,
        "log_level": LogLevels.warning,
        "respawn_failed_workers": True,
        "respawn_interval": 0.5,
        "workers_kill_timeout": STOP_SECONDS,
    }


def _serve(server: Any, load_application: Callable[[], WSGIApplication]) -> None:
    """Each of granian's processes loads the application itself, and dies with granian's first one."""
    logging.getLogger("_granian").addFilter(_not_about_threads)
    server.serve(target_loader=partial(_in_worker, os.getpid(), load_application), wrap_loader=False)


def _not_about_threads(said: logging.LogRecord) -> bool:
    """More threads than it finds reasonable: those that wait for slow bodies do nothing meanwhile (bodies.py)."""
    return "Python threads" not in said.getMessage()


def _in_worker(parent: int, load_application: Callable[[], WSGIApplication]) -> WSGIApplication:
    die_with(signal.SIGKILL, parent)
    return load_application()


def redirects(base_url: str, hosts: Iterable[str]) -> WSGIApplication:
    """Never says the Host header back: the way leads to the configured address or nowhere."""
    known = {host.lower() for host in hosts}

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers = _answer(environ, base_url, known)
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else f"{status.phrase}\n".encode()
        always = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(f"{status.value} {status.phrase}", headers + always)
        return [body]

    return OnEveryAnswer(application)


def _answer(environ: WSGIEnvironment, base_url: str, known: set[str]) -> tuple[HTTPStatus, list[tuple[str, str]]]:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return HTTPStatus.FORBIDDEN, []  # what it carries has travelled in clear already: do not make it work
    if _without_port(environ.get("HTTP_HOST", "")) not in known:
        return HTTPStatus.BAD_REQUEST, []
    path = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/:@!$&'()*+,;=~-._")
    query = quote(environ.get("QUERY_STRING", ""), safe="/?:@!$&'()*+,;=~-._%")
    return HTTPStatus.MOVED_PERMANENTLY, [("Location", f"{base_url}{path}{'?' if query else ''}{query}")]


def _without_port(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def main(role: str) -> None:
    be_called(f"leadcrm {role}")
    config = load()
    {"web": serve_web, "redirects": serve_redirects}[role](config)


if __name__ == "__main__":
    main(*sys.argv[1:])
