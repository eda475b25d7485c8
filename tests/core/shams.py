"""A web server that does everything wrong that a check of the doctor looks for, one thing at a time."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GOOD = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains", "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=()",
    "Set-Cookie": "__Host-x=1; Secure; HttpOnly; SameSite=Lax; Path=/",
}  # fmt: skip


class Sham(BaseHTTPRequestHandler):
    """As it should be, but for `wrong`."""

    wrong = ""
    base_url = ""

    def do_GET(self) -> None:
        status, body, more = 200, b"ok\n", dict(GOOD)
        given = self.headers.get("X-Forwarded-Proto") or self.headers.get("X_Forwarded_Proto")
        if self.path not in ("/healthz", "/auth/sign-in", "/static/no.css", "/there/is/no/such/page"):
            status = 200 if self.wrong in ("web.closed", "web.strangers") else 404
            if self.wrong != "web.strangers" and "." not in self.path:
                status, more["Location"] = 303, "/auth/sign-in"
        if self.wrong == "web.headers" and self.path.startswith("/there"):
            del more["X-Frame-Options"]
        if self.wrong == "web.cookies":
            more["Set-Cookie"] = "x=1; Path=/"
        if self.wrong == "web.forged" and given == "http":
            status = 301
        if self.headers.get("Host") == "evil.example" and self.wrong != "web.hosts":
            status = 400
        if self.wrong == "web.errors":
            body = b"Traceback (most recent call last)"
        if self.wrong == "web.answers":
            status = 500
        self._answer(status, body, more)

    do_POST = do_GET

    def _answer(self, status: int, body: bytes, more: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (more | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


class Plain(Sham):
    """The port without TLS."""

    def do_GET(self) -> None:
        if self.command == "POST":
            self._answer(200 if self.wrong == "forms" else 403, b"", {})
        else:
            self._answer(200 if self.wrong == "pages" else 301, b"", {"Location": f"{self.base_url}{self.path}"})

    do_POST = do_GET


@contextmanager
def serving(
    wrong: str, tls: Path | None, handler: type[Sham] = Sham, base_url: str = "", old: bool = False
) -> Iterator[int]:
    """The port it listens on."""
    made = type("Made", (handler,), {"wrong": wrong, "base_url": base_url})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "server.pem", tls / "server.key")
        if old:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1_1
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
