"""The whole file, parsed strictly: it is what it says, nothing in it acts, no number in it that we may not keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob
from leadcrm.inspection.parsing.limits import MOST_BYTES
from leadcrm.inspection.services.kinds import FORMATS, Kind
from leadcrm.inspection.services.masking import masked
from leadcrm.inspection.services.numbers import numbers_in
from leadcrm.inspection.services.reading import Cleaned, memory, read
from leadcrm.inspection.services.reasons import Reason, Refused
from leadcrm.inspection.services.sniffing import HEAD_BYTES, sniff


@dataclass(frozen=True)
class Verdict:
    """`kind` is that of what is to be kept: of `cleaned` when there is that, else of the file itself."""

    ok: bool
    kind: Kind | None = None
    refused: Reason | None = None
    detail: str = ""  # for logs, never for people
    cleaned: Cleaned | None = None
    text: str = ""
    pages: int | None = None
    masked: int = 0  # how many citizen service numbers were made unreadable


def examine(blob: Blob, name: str) -> Verdict:
    """Everything there is to say about a kept file under this name, viruses excepted. Raises blobs.Tampered."""
    return examine_pieces(blobs.read(blob), name)


def examine_pieces(pieces: Iterable[bytes], name: str) -> Verdict:
    with memory("content") as content:
        try:
            _gather(pieces, content)
            kind = sniff(content.read(HEAD_BYTES), name)
            found, count = read(FORMATS[kind].reader, str(kind), content), 0
            if places := numbers_in(found.text):
                found, count = masked(kind, content, found, places)
        except Refused as refusal:
            return Verdict(False, refused=refusal.reason, detail=refusal.detail)
    return Verdict(True, kind.kept_as, None, "", found.cleaned, found.text, found.pages, count)


def _gather(pieces: Iterable[bytes], content: Any) -> None:
    """Into memory: more than that is not read, whatever size of file is permitted."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_BYTES:
            raise Refused(Reason.TOO_MUCH, "size")
        content.write(piece)
    content.seek(0)
