"""Viruses: clamd looks at the content, which is streamed to it and never becomes a file of ours.

A scanner that does not answer is no clean bill: who asked holds the file back and asks again.
"""

import re
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob
from leadcrm.core.config import current_config
from leadcrm.inspection.services.reasons import Reason

PIECE = 64 * 1024
LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (.+) FOUND", re.DOTALL)
_NAME = re.compile(r"[^A-Za-z0-9._:()/-]")
_NO_VIRUS = {"Heuristics.Limits.Exceeded": Reason.TOO_MUCH, "Heuristics.Encrypted": Reason.PASSWORD}


class State(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"  # try again later; the file stays where it is
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True)
class Scan:
    """What the scanner said. `name`: of the virus; `problem`: why there was no answer."""

    state: State
    name: str = ""
    problem: str = ""

    @property
    def passes(self) -> bool:
        """Clean; or nobody wants a scanner, which doctor and annex tell."""
        return self.state in (State.CLEAN, State.NOT_CONFIGURED)

    @property
    def reason(self) -> Reason:
        """Of one that does not pass: what it was not able to look at in full is no virus."""
        return next((reason for name, reason in _NO_VIRUS.items() if self.name.startswith(name)), Reason.VIRUS)


def scan(blob: Blob) -> Scan:
    """One blob through the scanner of the configuration."""
    return scan_pieces(blobs.read(blob))


def scan_pieces(pieces: Iterable[bytes]) -> Scan:
    config = current_config()
    if config.clamav is None:
        return Scan(State.NOT_CONFIGURED)
    try:
        with _connected(config.clamav, config.clamav_seconds) as line:
            return _judged(_streamed(line, pieces))
    except OSError as problem:
        return Scan(State.UNAVAILABLE, problem=f"{type(problem).__name__}: {problem}")


def ask(command: str) -> str:
    """PING, VERSION: what the scanner answers. Raises OSError when it does not."""
    config = current_config()
    with _connected(config.clamav or "", config.clamav_seconds) as line:
        line.sendall(f"z{command}\0".encode())
        return _answer(line)


@contextmanager
def _connected(address: str, seconds: float) -> Iterator[socket.socket]:
    """unix:/path, or tcp://127.0.0.1:3310 (the configuration admits this machine only: the content is in clear)."""
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(seconds)
        try:
            line.connect(address.removeprefix("unix:"))
        except BaseException:
            line.close()
            raise
    else:
        parts = urlsplit(address)
        line = socket.create_connection((parts.hostname or "", parts.port or 3310), seconds)
    with line:
        yield line


def _streamed(line: socket.socket, pieces: Iterable[bytes]) -> str:
    """clamd's INSTREAM: each piece behind its length, a length of zero at the end. It hangs up on what is too long."""
    line.sendall(b"zINSTREAM\0")
    try:
        for piece in pieces:
            for start in range(0, len(piece), PIECE):
                part = piece[start : start + PIECE]
                line.sendall(struct.pack("!I", len(part)) + part)
        line.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return _answer(line)  # why it hung up
    return _answer(line)


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0"):
        piece = line.recv(LONGEST_ANSWER)
        if not piece or len(said) > LONGEST_ANSWER:
            raise ConnectionError(f"the scanner broke off after {said[:80]!r}")
        said += piece
    return said.rstrip(b"\0").decode("utf-8", "replace")


def _judged(said: str) -> Scan:
    """Anything but the two known answers is no answer."""
    if said == "stream: OK":
        return Scan(State.CLEAN)
    if found := _FOUND.fullmatch(said):
        return Scan(State.INFECTED, name=_NAME.sub("", found[1])[:120])
    return Scan(State.UNAVAILABLE, problem=said[:200])
