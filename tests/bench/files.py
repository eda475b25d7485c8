"""A large file up and down over TLS, beside the same server doing nothing but copying it, plus AES-GCM of OpenSSL.

Both go through the same web server, the same client and the same disk, in the same run; so what is compared is what we
do with a file, and not the machine.
"""

import os
import secrets
import statistics
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from leadcrm.leads.models.lead import Lead
from tests.bench import servers
from tests.bench.browser import END_OF_HEADERS, SET_COOKIE, Answer, Browser, Connection, Refused
from tests.bench.instance import Bench
from tests.bench.statements import viewer_of

MB = 1024 * 1024
LARGE, SMALL = 100 * MB, MB
TIMES = 5  # of each; the median counts
WARMING = 12
CHUNK = 65_536
NAME = "bench.pdf"


@dataclass(frozen=True)
class Way:
    """One way of a file: seconds of ours and of the bare server, and what a web process grew meanwhile (bytes)."""

    name: str
    ours: float
    bare: float
    grown: int
    grown_small: int

    def rate(self, seconds: float) -> float:
        return LARGE / MB / seconds


@dataclass(frozen=True)
class Files:
    up: Way
    down: Way
    sealing: float  # seconds of AES-256-GCM alone

    def share(self, way: Way) -> float:
        """Of the rate of a plain copy and AES-GCM one after the other."""
        return (way.bare + self.sealing) / way.ours


def measured_files(made: Bench) -> Files:
    content = b"%PDF-1.7\n" + secrets.token_bytes(LARGE - 9)
    authority = str(made.config.instance / "tls" / "ca.pem")
    sealing = statistics.median(_sealed(content) for _turn in range(TIMES))
    with servers.bare(made.config, 100) as address:
        bare_up, bare_down = _bare(Browser(address, authority), content)
    with servers.product(made.config) as address:
        browser, known = Browser(address, authority), made.record.known[made.ann.email]
        browser.sign_in(made.ann.email, known.password, known.totp_secret)
        return _ours(made, browser, content, bare_up, bare_down, sealing)


def _sealed(content: bytes) -> float:
    gcm, clear, into = AESGCM(bytes(32)), memoryview(content), bytearray(CHUNK + 16)
    began = time.perf_counter()
    for number, start in enumerate(range(0, len(clear), CHUNK)):
        part = clear[start : start + CHUNK]
        gcm.encrypt_into(number.to_bytes(12, "big"), part, None, memoryview(into)[: len(part) + 16])
    return time.perf_counter() - began


def _bare(browser: Browser, content: bytes) -> tuple[float, float]:
    up = statistics.median(_timed(browser, "POST", "/copy", {}, content, 200)[0] for _turn in range(TIMES))
    down = statistics.median(_timed(browser, "GET", "/copy", {}, b"", 200)[0] for _turn in range(TIMES))
    return up, down


def _ours(
    made: Bench, browser: Browser, content: bytes, bare_up: float, bare_down: float, sealing: float
) -> Files:
    lead = a_lead(made)
    with _forgotten(made):
        small = content[:SMALL]
        for _turn in range(WARMING):  # in every process, what is loaded once is loaded
            _up(browser, lead, small)
            _down(made, browser, small)
        grown = [_growth(lambda what=what: _up(browser, lead, what)) for what in (small, content)]
        back = [_growth(lambda: _down(made, browser, small))]
        _up(browser, lead, content)
        back.append(_growth(lambda: _down(made, browser, content)))
        up = statistics.median(_up(browser, lead, content) for _turn in range(TIMES))
        down = statistics.median(_down(made, browser, content) for _turn in range(TIMES))
    return Files(
        Way("upload", up, bare_up, grown[1], grown[0]), Way("download", down, bare_down, back[1], back[0]), sealing
    )


def a_lead(made: Bench) -> str:
    with viewing_as(viewer_of(made.ann)):
        found = session.scalars(select(Lead.id).limit(1)).one()
        session.rollback()
    return str(found)


def _up(browser: Browser, lead: str, content: bytes) -> float:
    """By tus, in one piece."""
    about = {"Tus-Resumable": "1.0.0", "X-CSRFToken": token_of(browser, lead)}
    begin = about | {"Upload-Length": str(len(content)),
                     "Upload-Metadata": f"filename {b64encode(NAME.encode()).decode()}"}  # fmt: skip
    _took, answer = _timed(browser, "POST", f"/documents/lead/{lead}/uploads", begin, b"", 201)
    address = answer.head.lower().partition(b"location: ")[2].partition(b"\r\n")[0].decode()
    piece = about | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    return _timed(browser, "PATCH", urlsplit(address).path, piece, content, 204)[0]


def token_of(browser: Browser, lead: str) -> str:
    page = browser.get(f"/documents/lead/{lead}").body.decode()
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def _down(made: Bench, browser: Browser, content: bytes) -> float:
    """The newest file of this size, as if it had been checked."""
    with psycopg.connect(made.superuser, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE documents_document SET state = 'available' WHERE name = %s", [NAME])
        superuser.execute("UPDATE documents_version SET state = 'available' WHERE name = %s", [NAME])
        newest = "SELECT document_id FROM documents_version WHERE size = %s ORDER BY created_at DESC LIMIT 1"
        row = superuser.execute(newest, [len(content)]).fetchone()
    took, answer = _timed(browser, "GET", f"/documents/{row[0] if row else ''}/file/1", {}, b"", 200)
    if answer.body != content:
        raise Refused("what came back is not what was sent")
    return took


def _timed(
    browser: Browser, verb: str, path: str, headers: dict[str, str], body: bytes, expected: int
) -> tuple[float, Answer]:
    lines = [f"{verb} {path} HTTP/1.1", f"Host: {urlsplit(browser.base_url).netloc}", "Accept-Language: nl"]
    lines += [f"Origin: {browser.base_url}", "Sec-Fetch-Site: same-origin", "User-Agent: leadcrm bench"]
    lines += ["Cookie: " + "; ".join(f"{name}={value}" for name, value in browser.cookies.items())]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if verb != "GET" else []
    request = "\r\n".join(lines).encode() + END_OF_HEADERS + body
    connection = Connection(browser.base_url, browser.authority)
    began = time.perf_counter()
    answer = connection.send(request)
    took = time.perf_counter() - began
    connection.close()
    for name, value in SET_COOKIE.findall(answer.head):
        browser.cookies[name.decode()] = value.decode()
    if answer.status != expected:
        raise Refused(f"{verb} {path} answered {answer.status}: {answer.body[:300].decode(errors='replace')}")
    return took, answer


def _growth(work: Callable[[], object]) -> int:
    """How much the web process that grew most did, above what it had before."""
    watched = {process: process.memory_info().rss for process in web_processes()}
    before, done = dict(watched), threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            for process in watched:
                watched[process] = max(watched[process], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return max(watched[process] - before[process] for process in watched)


def web_processes() -> list[psutil.Process]:
    return [each for each in psutil.Process(os.getpid()).children(recursive=True)
            if "leadcrm.core.server" in " ".join(each.cmdline())]  # fmt: skip


@contextmanager
def _forgotten(made: Bench) -> Iterator[None]:
    """The files of this run go again, so that the next finds as many."""
    try:
        yield
    finally:
        with psycopg.connect(made.superuser, autocommit=True) as superuser:
            superuser.execute("SET session_replication_role = replica")
            theirs = "DELETE FROM core_blob b USING documents_version v WHERE v.blob_id = b.id AND v.name = %s"
            gone = superuser.execute(f"{theirs} RETURNING b.id", [NAME]).fetchall()
            for table in ("documents_version", "documents_document", "documents_upload"):
                superuser.execute(f"DELETE FROM {table} WHERE name = %s", [NAME])  # type: ignore[arg-type]  # ours
        for (ident,) in gone:
            (made.config.instance / "blobs" / ident.hex[:2] / str(ident)).unlink(missing_ok=True)
