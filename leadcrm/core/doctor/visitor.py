"""Knocks at the running product as a stranger would: real connections, one answer each."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from leadcrm.core.config import Config

TIMEOUT = 10.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where to knock when it listens on all


@dataclass(frozen=True)
class Answer:
    """What came back, header names in lower case."""

    status: int
    headers: dict[str, str]
    body: str
    cookies: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


class Visitor:
    """`ask` goes to where people go: base_url, which is the proxy when there is one, else the product itself."""

    def __init__(self, config: Config):
        self.config = config
        parts = urlsplit(config.base_url)
        self.host, self.port = parts.hostname or "localhost", parts.port or 443
        own = self.port == config.port and self.host in ("localhost", "127.0.0.1", "::1")
        self.address = EVERYWHERE.get(config.bind, config.bind) if own else self.host

    @property
    def authority(self) -> Path | None:
        """The instance's own authority, when its certificate is in use; else those that the system trusts."""
        own = self.config.instance / "tls" / "ca.pem"
        return own if self.config.tls_certificate is None and own.exists() else None

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.authority:
            context.load_verify_locations(self.authority)
        elif self.config.tls_certificate and self.config.tls_certificate.exists():
            context.load_verify_locations(self.config.tls_certificate)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it may be of an authority that nobody else knows
        return context

    @cached_property
    def problem(self) -> str:
        """Why nobody answers; empty when somebody does."""
        try:
            answer = self.ask("GET", "/healthz")
        except OSError as problem:
            return f"{type(problem).__name__}: {problem}"
        return "" if answer.status == 200 else f"/healthz answers {answer.status}"

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = "") -> Answer:
        connection = http.client.HTTPConnection(self.address, self.port, timeout=TIMEOUT)
        connection.sock = self.handshake(self.trusting)
        return _answer(connection, method, path, {"Host": self._named(self.port)} | dict(headers or {}), body)

    def ask_plain(self, method: str, path: str) -> Answer:
        """The port without TLS: ours, or the proxy's 80."""
        own = self.port == self.config.port
        port = self.config.http_port if own else 80
        connection = http.client.HTTPConnection(self.address, port, timeout=TIMEOUT)
        return _answer(connection, method, path, {"Host": self._named(port)}, "")

    def _named(self, port: int) -> str:
        return self.host if port in (80, 443) else f"{self.host}:{port}"

    def handshake(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        raw = socket.create_connection((self.address, self.port), timeout=TIMEOUT)
        try:
            return context.wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: str
) -> Answer:
    try:
        connection.request(method, path, body or None, dict(headers))
        came = connection.getresponse()
        text = came.read(2_000_000).decode("utf-8", "replace")
        found = {name.lower(): value for name, value in came.getheaders()}
        return Answer(came.status, found, text, tuple(came.headers.get_all("Set-Cookie") or ()))
    finally:
        connection.close()
