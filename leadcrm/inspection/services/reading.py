"""Runs a reader of parsing/ over a file, in a process of its own: what ends that process ends nobody but it.

Content travels through memory that belongs to no file system (memfd), so nothing of it is on a disk in clear. What
comes back is as untrusted as the file: a code, a count, text within one limit, a cleaned picture within another.
"""

import json
import logging
import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from leadcrm.inspection.parsing.limits import MOST_CLEANED, MOST_SAID, MOST_TEXT, WALL_SECONDS
from leadcrm.inspection.services.reasons import Reason, Refused

ROOT = str(Path(__file__).parents[3])
PIECE = 64 * 1024
STARTER = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from leadcrm.inspection.parsing.serving import serve; serve(*sys.argv[2:])"
)

log = logging.getLogger("leadcrm")


class Cleaned:
    """What to keep instead of what was sent. May be read more than once."""

    def __init__(self, content: mmap.mmap):
        self._content, self.size = content, len(content)

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self.size, PIECE):
            yield self._content[start : start + PIECE]


@dataclass(frozen=True)
class Findings:
    pages: int | None
    text: str
    cleaned: Cleaned | None


@contextmanager
def memory(name: str) -> Iterator[Any]:
    with os.fdopen(os.memfd_create(f"inspection-{name}"), "w+b", buffering=0) as file:
        yield file


def read(reader: str, kind: str, content: Any, told: bytes = b"") -> Findings:
    """`content`: a file from memory(). `told`: what the reader must know; no other process sees it.

    Raises Refused with the reader's reason, or when it did not end by itself.
    """
    with memory("said") as said, memory("text") as text, memory("cleaned") as cleaned:
        text.write(told)
        text.seek(0)
        _run(reader, kind, content, said, text, cleaned)
        answer = _answer(said)
        pages = answer.get("pages")
        words = _within(text, MOST_TEXT).decode("utf-8", "replace")
        return Findings(pages if isinstance(pages, int) else None, words, _mapped(cleaned))


def _run(reader: str, kind: str, content: Any, said: Any, text: Any, cleaned: Any) -> None:
    content.seek(0)
    outlets = (text.fileno(), cleaned.fileno())
    command = [sys.executable, "-I", "-X", "utf8", "-c", STARTER, ROOT, reader, kind, *map(str, outlets)]
    try:
        ended = subprocess.run(
            command, stdin=content, stdout=said, stderr=DEVNULL, pass_fds=outlets, env={}, cwd="/",
            timeout=WALL_SECONDS, start_new_session=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refused(Reason.TOO_MUCH, "time") from None
    if ended.returncode:
        raise Refused(Reason.TOO_MUCH, f"its reader ended with {ended.returncode}")


def _answer(said: Any) -> dict[str, Any]:
    try:
        answer = json.loads(_within(said, MOST_SAID))
    except ValueError:
        raise Refused(Reason.TOO_MUCH, "its reader said nothing") from None
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        raise _refusal(answer)
    return answer


def _refusal(answer: Any) -> Refused:
    """The reader's own reason; one that it cannot have is a sign that something else was speaking."""
    try:
        return Refused(Reason(answer["refused"]), str(answer.get("detail", ""))[:200])
    except (KeyError, TypeError, ValueError, AttributeError):
        log.warning("a reader gave an answer that it does not know: %.200r", answer)
        return Refused(Reason.DAMAGED, "an answer that it does not know")


def _within(file: Any, most: int) -> bytes:
    """Text and answers are small: what is longer was not written by our readers."""
    file.seek(0)
    content: bytes = file.read(most + 1)
    if len(content) > most:
        raise Refused(Reason.TOO_MUCH, "its reader said too much")
    return content


def _mapped(file: Any) -> Cleaned | None:
    size = os.fstat(file.fileno()).st_size
    if size > MOST_CLEANED:
        raise Refused(Reason.TOO_MUCH, "cleaned, it is larger than it may be")
    return Cleaned(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)) if size else None
