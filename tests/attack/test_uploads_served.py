"""Uploads through the real web server, over connections that break in every way, and while its processes are killed."""

import os
import secrets
import signal
import socket
import struct
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from leadcrm.core.blobs.turns import PATIENCE
from tests.bench import instance, servers
from tests.bench.browser import END_OF_HEADERS, Browser, Connection, Refused
from tests.bench.files import a_lead, token_of, web_processes
from tests.bench.instance import Bench

CONTENT = b"%PDF-1.7\n" + secrets.token_bytes(8_000_000)
HALF = 5_000_001
SETTLED_SECONDS = 90
IN_FLIGHT = 262_144  # what the server may have read, and not yet handed over


@dataclass
class Uploader:
    """Ann's browser, at the level of its connections."""

    made: Bench
    browser: Browser
    lead: str

    def ask(self, verb: str, path: str, content: bytes | None = None, length: int = 0, **headers: str) -> Connection:
        """Sent, and not waited for."""
        token = token_of(self.browser, self.lead)
        said = {"Tus-Resumable": "1.0.0", "X-CSRFToken": token, "Origin": self.browser.base_url,
                "Host": urlsplit(self.browser.base_url).netloc, "Sec-Fetch-Site": "same-origin",
                "Cookie": "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())}  # fmt: skip
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            said["Content-Length"] = str(length or len(content))
        lines = [f"{verb} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
        connection = Connection(self.browser.base_url, self.browser.authority)
        connection.socket.sendall("\r\n".join(lines).encode() + END_OF_HEADERS + (content or b""))
        return connection

    def head_of(self, connection: Connection) -> dict[str, str]:
        received = b""
        while END_OF_HEADERS not in received:
            received += connection._more()
        connection.close()
        status, *lines = received.partition(END_OF_HEADERS)[0].decode().split("\r\n")
        return {"status": status.split()[1]} | {
            name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)
        }

    def begin(self) -> str:
        about = f"filename {b64encode(b'loonstrook.pdf').decode()}"
        path = f"/documents/lead/{self.lead}/uploads"
        asked = self.ask("POST", path, b"", Upload_Length=str(len(CONTENT)), Upload_Metadata=about)
        return urlsplit(self.head_of(asked)["location"]).path

    def piece(self, path: str, start: int, stop: int) -> Connection:
        """As if all the rest would come; it ends at `stop`."""
        kind = "application/offset+octet-stream"
        return self.ask("PATCH", path, CONTENT[start:stop], len(CONTENT) - start, Upload_Offset=str(start),
                        Content_Type=kind)  # fmt: skip

    def offset(self, path: str) -> int:
        return int(self.head_of(self.ask("HEAD", path))["upload-offset"])

    def arrives(self, path: str, least: int) -> None:
        """Waits until so much of it lies on the disk."""
        limit, name = time.monotonic() + SETTLED_SECONDS, path.rpartition("/")[2]
        while sum(file.stat().st_size for file in self.made.config.instance.rglob(name)) < least:
            assert time.monotonic() < limit
            time.sleep(0.1)

    def goes_on(self, path: str, least: int) -> None:
        limit = time.monotonic() + SETTLED_SECONDS
        while (offset := self.offset(path)) < least:  # the server has yet to see that the connection broke
            assert time.monotonic() < limit
            time.sleep(0.2)
        assert offset <= HALF
        answer = self.head_of(self.piece(path, offset, len(CONTENT)))
        assert (answer["status"], answer["upload-offset"]) == ("204", str(len(CONTENT)))

    def documents(self) -> int:
        with psycopg.connect(self.made.superuser) as superuser:
            row = superuser.execute("SELECT count(*) FROM documents_version WHERE size = %s", [len(CONTENT)]).fetchone()
        return int(row[0]) if row else 0


@pytest.fixture(scope="module")
def uploader() -> Iterator[Uploader]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(instance, "LEADS", 30)
        patched.setattr(instance, "KEPT", None)
        with instance.bench() as made, servers.product(made.config) as address:
            browser, known = Browser(address, str(made.config.instance / "tls" / "ca.pem")), made.record.known
            browser.sign_in(made.ann.email, known[made.ann.email].password, known[made.ann.email].totp_secret)
            yield Uploader(made, browser, a_lead(made))


def close(connection: Connection) -> None:
    connection.close()


def reset(connection: Connection) -> None:
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("breaks", [close, reset])
def test_a_connection_that_breaks(uploader: Uploader, breaks: Callable[[Connection], None]) -> None:
    before, path = uploader.documents(), uploader.begin()
    connection = uploader.piece(path, 0, HALF)
    uploader.arrives(path, HALF - IN_FLIGHT)
    breaks(connection)
    uploader.goes_on(path, HALF - IN_FLIGHT)
    assert uploader.documents() == before + 1


def test_a_connection_that_breaks_without_a_word(uploader: Uploader) -> None:
    """The server still waits for who has gone; the client comes back and is let on."""
    before, path = uploader.documents(), uploader.begin()
    hanging = uploader.piece(path, 0, HALF)
    uploader.arrives(path, HALF - IN_FLIGHT)
    time.sleep(PATIENCE + 1.5)
    uploader.goes_on(path, HALF - IN_FLIGHT)
    hanging.socket.sendall(CONTENT[HALF : HALF + 1_000_000])  # it wakes up: nothing of it counts any more
    time.sleep(1)
    hanging.close()
    assert uploader.documents() == before + 1


def test_web_processes_that_are_killed(uploader: Uploader) -> None:
    before, path = uploader.documents(), uploader.begin()
    connection = uploader.piece(path, 0, HALF)
    uploader.arrives(path, HALF - IN_FLIGHT)
    ours = web_processes()
    for worker in (each for each in ours if psutil.Process(each.ppid()) in ours):
        os.kill(worker.pid, signal.SIGKILL)
    connection.close()
    time.sleep(PATIENCE + 1)
    limit = time.monotonic() + SETTLED_SECONDS
    while True:
        try:
            uploader.goes_on(path, HALF - 2 * IN_FLIGHT)
            break
        except (OSError, Refused):  # they are being started again
            assert time.monotonic() < limit
            time.sleep(0.5)
    assert uploader.documents() == before + 1
