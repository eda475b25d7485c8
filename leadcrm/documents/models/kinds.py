"""A name that people gave a file: one line, whole, and nothing in it that deceives the eye."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.types import TypeEngine

from leadcrm.core.fields import bsn
from leadcrm.core.fields.kinds import Invalid, Kind, too_long

LONGEST = 200
NAMELESS = "document"
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')  # what some system takes for a path


@dataclass(frozen=True)
class FileName(Kind):
    max_length: int = LONGEST

    def read(self, text: str) -> str:
        if len(text) > self.max_length:
            raise too_long(self.max_length)
        if _FORBIDDEN.search(text) or text.strip(". ") != text.strip(" "):
            raise Invalid(_('A name has none of \\ / : * ? " < > | in it, and no dot at its begin or end.'))
        bsn.refuse(text)
        return text

    def column_type(self) -> TypeEngine[Any]:
        return String(self.max_length)


def from_elsewhere(name: str) -> str:
    """A name as a browser sent it, made fit to be shown: no path, no sign that hides or turns text, no number of ours.

    It is never used as the name of anything on the disk.
    """
    last = re.split(r"[\\/]", name)[-1]
    seen = "".join(map(_seen, unicodedata.normalize("NFC", last)))
    tidy = _FORBIDDEN.sub("_", " ".join(seen.split())).strip(". ")
    return bsn.mask(_shortened(tidy) or NAMELESS)[0].replace("*", "x")


def _seen(letter: str) -> str:
    """Without control and format signs (right-to-left override, zero width) and half surrogate pairs."""
    kind = unicodedata.category(letter)[0]
    return " " if kind == "Z" else "" if kind == "C" else letter


def _shortened(name: str) -> str:
    """Keeps the ending, by which people know what a file is."""
    stem, dot, ending = name.rpartition(".")
    if len(name) <= LONGEST or not dot or len(ending) > 10:
        return name[:LONGEST].strip(". ")
    return f"{stem[: LONGEST - len(ending) - 1].rstrip('. ')}.{ending}"
