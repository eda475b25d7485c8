"""Citizen service numbers in a file: made unreadable where that can be done for certain, else the file is refused.

An annual income statement has one by law, so refusing those would only teach people to send photos of them.
"""

import json
from collections.abc import Sequence
from typing import Any

from leadcrm.inspection.services.kinds import FORMATS, Kind
from leadcrm.inspection.services.numbers import numbers_in
from leadcrm.inspection.services.reading import Cleaned, Findings, memory, read
from leadcrm.inspection.services.reasons import Reason, Refused

READERS = {Kind.PDF: "blacking", Kind.TXT: "blanking", Kind.CSV: "blanking"}


def masked(kind: Kind, content: Any, found: Findings, places: Sequence[tuple[int, int]]) -> tuple[Findings, int]:
    """The file without its numbers, read once more, and how many there were.

    Raises Refused when one is left or it cannot be done.
    """
    if kind not in READERS or found.cleaned is not None:
        raise Refused(Reason.BSN)
    numbers = {"".join(filter(str.isdigit, found.text[start:end])) for start, end in places}
    made = read(READERS[kind], str(kind), content, json.dumps(sorted(numbers)).encode())
    if made.cleaned is None:
        raise Refused(Reason.BSN, "nothing came")
    again = _read_again(kind, made.cleaned)
    if numbers_in(again.text):
        raise Refused(Reason.BSN, "one is left")
    return Findings(again.pages, again.text, made.cleaned), len(numbers)


def _read_again(kind: Kind, cleaned: Cleaned) -> Findings:
    with memory("masked") as content:
        for piece in cleaned:
            content.write(piece)
        return read(FORMATS[kind].reader, str(kind), content)
