"""Reading a folder over TLS whose certificate was verified. It is opened read-only: nothing changes there."""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from leadcrm.core.mailing import READING_PORTS, TIMEOUT_SECONDS, Server, permitted
from leadcrm.core.mailing import kind_of as sending_kind_of

MOST_AT_ONCE = 200  # mails of one reading; the rest comes with the next
UNREADABLE = (imaplib.IMAP4.error, OSError)


class NoFolder(OSError):
    """There is no folder of this name, or it may not be read."""


class WrongPassword(OSError):
    """The server knows this user name and password not."""


@dataclass(frozen=True)
class Mail:
    uid: int
    size: int
    raw: bytes | None  # None: larger than is read


class _Held(imaplib.IMAP4_SSL):
    """Connects to an address that was judged before; the certificate is still that of the name."""

    def __init__(self, server: Server, context: ssl.SSLContext, address: str):
        self.address = address
        super().__init__(server.host, server.port, ssl_context=context, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = socket.create_connection((self.address or self.host, self.port), timeout)
        encrypted: ssl.SSLSocket = self.ssl_context.wrap_socket(plain, server_hostname=self.host)
        return encrypted


@contextmanager
def connected(server: Server) -> Iterator[imaplib.IMAP4]:
    """Signed in, over TLS from the start; there is no way to switch the verification off."""
    context = ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
    if server.ca_file:
        context.load_default_certs()
    connection = _Held(server, context, permitted(server, READING_PORTS) if server.guarded else "")
    try:
        try:
            connection.login(server.user or "", server.password or "")
        except imaplib.IMAP4.error as problem:
            raise WrongPassword from problem
        yield connection
    finally:
        try:
            connection.logout()
        except UNREADABLE:
            connection.shutdown()


def open_folder(connection: imaplib.IMAP4, folder: str) -> int:
    """Its UIDVALIDITY: when that changes, numbers of before say nothing any more."""
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    answer, _data = connection.select(quoted, readonly=True)
    if answer != "OK":
        raise NoFolder(folder)
    _answer, data = connection.response("UIDVALIDITY")
    return int(data[0] or 0) if data and data[0] else 0


def after(connection: imaplib.IMAP4, last: int, largest: int) -> Iterator[Mail]:
    """Mails with a higher number than the last, in their order."""
    _answer, data = connection.uid("SEARCH", f"UID {last + 1}:*")
    found = sorted(int(uid) for uid in (data[0] or b"").split() if int(uid) > last)[:MOST_AT_ONCE]
    for uid in found:
        size = _size(connection, uid)
        yield Mail(uid, size, _fetched(connection, uid) if size <= largest else None)


def _size(connection: imaplib.IMAP4, uid: int) -> int:
    _answer, data = connection.uid("FETCH", str(uid), "(RFC822.SIZE)")
    text = data[0] if data and isinstance(data[0], bytes) else b""
    digits = text.rpartition(b"RFC822.SIZE ")[2].partition(b")")[0].split(b" ")[0]
    return int(digits) if digits.isdigit() else 0


def _fetched(connection: imaplib.IMAP4, uid: int) -> bytes:
    data: Any
    _answer, data = connection.uid("FETCH", str(uid), "(BODY.PEEK[])")
    return next((part[1] for part in data if isinstance(part, tuple)), b"")


def kind_of(problem: Exception) -> str:
    if isinstance(problem, NoFolder):
        return "folder"
    if isinstance(problem, WrongPassword):
        return "password"
    if isinstance(problem, imaplib.IMAP4.error):
        return "refused"
    return sending_kind_of(problem)
