"""Pictures of files: a page to look at, a thumbnail for the list. Drawn in a process of its own (painter.py).

The other way, a reader in the browser (pdf.js), would bring the file itself into our page and a program of a million
lines to work on it; here only pixels arrive, and the policy of our pages stays as strict as it is.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from threading import BoundedSemaphore, Timer

PAINTER = str(Path(__file__).with_name("painter.py"))
SECONDS = 30.0
AT_ONCE = 2  # painters of a web process: the others wait
MOST_BYTES = 8 * 1024 * 1024  # of a picture
WIDE, NARROW = 1100, 240  # pixels across: a page to read, a thumbnail
MEDIA_TYPE = "image/webp"
DRAWN = ("application/pdf", "image/jpeg", "image/png", "image/tiff")
_places = BoundedSemaphore(AT_ONCE)


class CannotDraw(Exception):
    """There is no picture of this: not such a file, no such page, or its reader gave up."""


@dataclass(frozen=True)
class Picture:
    content: bytes
    width: int
    height: int
    pages: int


def draw(pieces: Iterable[bytes], media_type: str, number: int = 1, width: int = WIDE) -> Picture:
    """One page of a file, counted from 1. The file streams through us; the painter alone holds it whole."""
    if media_type not in DRAWN:
        raise CannotDraw(media_type)
    command = [sys.executable, "-I", PAINTER, media_type, str(number), str(width)]
    with _places:
        return _read(*_painted(command, pieces))


def _painted(command: list[str], pieces: Iterable[bytes]) -> tuple[bytes, bytes]:
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}) as painter:
        assert painter.stdin is not None and painter.stdout is not None  # noqa: S101  # asked for above
        end = Timer(SECONDS, painter.kill)
        end.start()
        try:
            _send(painter, pieces)
            return painter.stdout.readline(1024), painter.stdout.read(MOST_BYTES)
        finally:
            end.cancel()
            painter.kill()


def _send(painter: "subprocess.Popen[bytes]", pieces: Iterable[bytes]) -> None:
    """It says nothing before it has everything, so neither can wait for the other."""
    try:
        for piece in pieces:
            painter.stdin.write(piece)  # type: ignore[union-attr]  # a pipe
        painter.stdin.close()  # type: ignore[union-attr]
    except BrokenPipeError:
        raise CannotDraw("the painter gave up") from None


def _read(about: bytes, content: bytes) -> Picture:
    try:
        said = json.loads(about)
        return Picture(content, said["width"], said["height"], said["pages"])
    except (ValueError, KeyError):
        raise CannotDraw(about.decode("utf-8", "replace").strip() or "nothing came") from None
