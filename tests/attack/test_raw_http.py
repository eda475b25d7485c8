"""What no client library would send, to the web server as it runs: smuggled requests, slow ones, endless ones."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.core.test_serving import Product, product  # noqa: F401  # a fixture
from tests.patience import within

HOST = b"Host: localhost\r\n"
SMUGGLED = b"GET /auth/sign-in HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
POST = b"POST /healthz HTTP/1.1\r\n" + HOST
PATIENCE, TO_BE_HUNG_UP_ON = 3.0, 30.0  # seconds


@pytest.fixture(scope="module")
def served(product: Product) -> Iterator[Product]:  # noqa: F811
    with product.serving():
        yield product


def opened(there: Product) -> ssl.SSLSocket:
    trusted = ssl.create_default_context(cafile=Path(there.instance) / "tls" / "ca.pem")
    plain = socket.create_connection(("localhost", there.port), timeout=TO_BE_HUNG_UP_ON)
    return trusted.wrap_socket(plain, server_hostname="localhost")


def said(there: Product, data: bytes, patience: float = PATIENCE) -> bytes:
    """Everything that comes back until it hangs up or falls silent."""
    got = b""
    with closing(opened(there)) as connection:
        connection.settimeout(patience)
        try:
            connection.sendall(data)
            while piece := connection.recv(65_536):
                got += piece
        except OSError:
            pass
    return got


def answers_in(got: bytes) -> list[int]:
    return [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:]]


# Two readers may disagree where such a request ends; what follows must never be read as a second one of ours.
DISAGREED = {
    "length and chunks": POST + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED,
    "chunks and length": POST + CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SMUGGLED,
    "a list of lengths": POST + b"Content-Length: 0, 44\r\n\r\n" + SMUGGLED,
    "a length with a sign": POST + b"Content-Length: +0\r\n\r\n" + SMUGGLED,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "a length in hexadecimal": POST + b"Content-Length: 0x0\r\n\r\n" + SMUGGLED,
    "a space before the colon": POST + b"Content-Length : 0\r\n\r\n" + SMUGGLED,
    "chunks with a space": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks nobody knows": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED,
    "chunks, then identity": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks after a vertical tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a folded header": POST + b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n" + SMUGGLED,
    "a bare line feed in a chunk": POST + CHUNKED + b'\r\n1;a="\n\nGET / HTTP/1.1\r\n"\r\nx\r\n0\r\n\r\n' + SMUGGLED,
    "a chunk without size": POST + CHUNKED + b"\r\nzz\r\n" + SMUGGLED,
    "chunks over 1.0": b"POST /healthz HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED,
    "a null in a header": POST + b"X: a\x00b\r\n\r\n" + SMUGGLED,
    "a carriage return in a header": POST + b"X: a\rContent-Length: 44\r\n\r\n" + SMUGGLED,
    "two versions in a line": b"GET /healthz HTTP/1.1 HTTP/1.1\r\n" + HOST + b"\r\n" + SMUGGLED,
}


@pytest.mark.asvs("V4.2.1", "V4.2.4")
@pytest.mark.parametrize("data", DISAGREED.values(), ids=DISAGREED)
def test_no_second_request_is_read_out_of_the_first(served: Product, data: bytes) -> None:
    got = said(served, data)
    assert len(answers_in(got)) <= 1, got[:300]
    assert b'type="password"' not in got


@pytest.mark.parametrize("hosts", [b"Host: localhost\r\nHost: evil.example\r\n",
                                   b"Host: evil.example\r\nHost: localhost\r\n", b"", b"Host: \r\n",
                                   b"Host: evil.example\r\n", b"Host: localhost, evil.example\r\n",
                                   b"Host: localhost@evil.example\r\n", b"Host: localhost/evil\r\n"])  # fmt: skip
@pytest.mark.parametrize("path", [b"/auth/sign-in", b"/static/x.css", b"https://localhost/auth/sign-in"])
def test_one_host_and_it_is_ours(served: Product, hosts: bytes, path: bytes) -> None:
    by_address = not hosts and path.startswith(b"https://localhost/")  # it names the host itself, and ours
    got = said(served, b"GET " + path + b" HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n", TO_BE_HUNG_UP_ON)
    assert answers_in(got) == [200 if by_address else 400]


@pytest.mark.parametrize("line", [b"GET https://evil.example/auth/sign-in HTTP/1.1\r\n",
                                  b"GET //evil.example HTTP/1.1\r\n",
                                  b"CONNECT evil.example:443 HTTP/1.1\r\n"])  # fmt: skip
def test_a_way_through_us_to_others_does_not_exist(served: Product, line: bytes) -> None:
    got = said(served, line + HOST + b"Connection: close\r\n\r\n", TO_BE_HUNG_UP_ON)
    assert b"evil" not in got.lower().partition(b"\r\nlocation: ")[2].partition(b"\r\n")[0]
    assert b"evil" not in got or answers_in(got) == [404]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 500_000 + b"\r\n\r\n", {400, 431}),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 300 + b"\r\n", {400, 431}),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", {400, 414}),
        (b"GET /healthz?" + b"a" * 30_000 + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", {414}),
        (POST.replace(b"healthz", b"auth/sign-in") + b"Content-Length: 99999999999999\r\n\r\n", {413}),
        (b"\x16\x03\x01" + b"a" * 100, {400}),
    ],
)
def test_what_is_too_long_is_refused(served: Product, data: bytes, status: set[int]) -> None:
    assert set(answers_in(said(served, data))) <= status


def test_headers_drop_by_drop_are_given_up(served: Product) -> None:
    assert within(25, lambda: _send_headers_drop_by_drop(served))


def _send_headers_drop_by_drop(served: Product) -> None:
    began = time.monotonic()
    with closing(opened(served)) as connection:
        connection.settimeout(30)
        connection.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST)
        try:
            while time.monotonic() - began < 29:
                connection.sendall(b"X: a\r\n")
                time.sleep(1)
        except OSError:
            pass


def test_slow_bodies_leave_room_for_pages(served: Product) -> None:
    """One network that stalls forty forms keeps nobody from a page until those are given up."""
    assert within(8, lambda: _sees_pages_beside_stalled_forms(served))


def _sees_pages_beside_stalled_forms(served: Product) -> None:
    stalled = [opened(served) for _ in range(40)]
    try:
        for connection in stalled:
            connection.sendall(POST.replace(b"healthz", b"auth/sign-in") + b"Content-Length: 1000\r\n\r\nemail=")
        time.sleep(1)
        for _ in range(10):
            assert served.ask("GET", "/auth/sign-in").status == 200
    finally:
        for connection in stalled:
            connection.close()


def test_many_idle_connections_leave_room(served: Product) -> None:
    idle = [opened(served) for _ in range(200)]
    try:
        assert served.ask("GET", "/healthz").status == 200
    finally:
        for connection in idle:
            connection.close()


def test_a_real_answer_says_nothing_of_the_server(served: Product) -> None:
    got = said(served, b"GET /nowhere HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", TO_BE_HUNG_UP_ON)
    assert b"granian" not in got.lower() and b"hyper" not in got.lower()
    assert got.lower().count(b"\r\nserver:") == 1
