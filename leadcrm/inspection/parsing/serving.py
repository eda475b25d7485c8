"""The process around a reader: limits first, then the libraries, then no way out, and only then the file.

    python -I -c … ROOT READER KIND TEXT_FD CLEANED_FD      the file on standard input, the answer on standard output
"""

import codecs
import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import BinaryIO

from leadcrm.inspection.parsing.cage import shut
from leadcrm.inspection.parsing.limits import CPU_SECONDS, MOST_CLEANED, MOST_MEMORY, MOST_OPEN, MOST_TEXT
from leadcrm.inspection.parsing.refusing import No

LIMITS = {
    resource.RLIMIT_AS: MOST_MEMORY,
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_FSIZE: MOST_CLEANED + 1,
    resource.RLIMIT_NOFILE: MOST_OPEN,
    resource.RLIMIT_CORE: 0,
}

CODECS = ("ascii", "cp437", "cp1252", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


@dataclass
class Task:
    """A file to read and where its findings go."""

    kind: str
    file: BinaryIO
    text: BinaryIO
    cleaned: BinaryIO
    told: bytes = b""  # what its reader must know
    pages: int | None = None
    said: int = field(default=0, init=False)

    def say(self, words: str) -> None:
        """Text of the file, for the guard against numbers that we may not keep; too much of it is refused."""
        content = words.encode("utf-8", "replace")
        self.said += len(content)
        if self.said > MOST_TEXT:
            raise No("too_much", "text")
        self.text.write(content)


def serve(reader: str, kind: str, text: str, cleaned: str) -> None:
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))
    read: Callable[[Task], None] = resolve_name(f"leadcrm.inspection.parsing.{reader}:read")
    for name in CODECS:
        codecs.lookup(name)  # while there are still files to open
    with os.fdopen(int(text), "r+b") as text_file, os.fdopen(int(cleaned), "w+b") as cleaned_file:
        told = text_file.read()
        text_file.seek(0)
        text_file.truncate()
        shut()
        task = Task(kind, sys.stdin.buffer, text_file, cleaned_file, told)
        answer = _answered(read, task)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def _answered(read: Callable[[Task], None], task: Task) -> dict[str, object]:
    """What a library says of a broken file is no more than that: broken."""
    try:
        read(task)
    except No as refusal:
        return {"refused": refusal.reason, "detail": refusal.detail[:200]}
    except MemoryError:
        return {"refused": "too_much", "detail": "memory"}
    except Exception as problem:
        return {"refused": "damaged", "detail": type(problem).__name__}
    return {"ok": True, "pages": task.pages}
