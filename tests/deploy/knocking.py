"""Requests as a stranger sends them: byte for byte what the test wants, over a connection that is kept."""

import http.client
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

HOST = "crm.kantoor.test"
COMES_FROM = "127.0.0.7"  # apart from the proxies, which come to the product from 127.0.0.1
OPEN: list["Client"] = []  # closed after each test


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def all(self, name: str) -> list[str]:
        return self.headers.get_all(name) or []


class Client:
    """One kept connection to 127.0.0.1, in TLS for our name unless it is plain."""

    def __init__(self, port: int, authority: Path | None, *, host: str = HOST):
        self.port, self.host = port, host
        self.context = ssl.create_default_context(cafile=authority) if authority else None
        self.connection: http.client.HTTPConnection | None = None
        OPEN.append(self)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        for attempt in (1, 2):
            try:
                return self._ask(method, path, headers or {}, body)
            except (http.client.BadStatusLine, ConnectionError, ssl.SSLError):
                self.close()
                if attempt == 2:
                    return Answer(0, http.client.HTTPMessage(), b"")  # cut off: refused
        raise AssertionError

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = self.connection = self.connection or self._connect()
        connection.putrequest(method, "/", skip_host=True, skip_accept_encoding=True)
        line = f"{method} {path} HTTP/1.1".encode("latin-1", "replace")
        connection._buffer[0] = line  # type: ignore[attr-defined]  # http.client would refuse odd paths; we send them
        for name, value in ({"Host": f"{self.host}:{self.port}"} | headers).items():
            connection.putheader(name, value)
        if body or method == "POST":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        came = connection.getresponse()
        text = came.read()
        if came.will_close:
            self.close()
        return Answer(came.status, came.headers, text)

    def _connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(COMES_FROM, 0))
        try:
            connection.sock = self.context.wrap_socket(raw, server_hostname=HOST) if self.context else raw
        except BaseException:
            raw.close()
            raise
        return connection

    def close(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None
