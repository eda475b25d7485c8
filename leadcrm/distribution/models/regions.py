"""Postcode regions as people type them: `1000-1999, 3511`."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.types import TypeEngine

from leadcrm.core.fields.kinds import Invalid, Kind

LONGEST = 400
_RANGE = re.compile(r"([1-9]\d{3})(?:\s*(?:-|–|t/m|tot)\s*([1-9]\d{3}))?")


@dataclass(frozen=True)
class Regions(Kind):
    """Four digits, or ranges of them, kept in order with what touches joined."""

    python_type: ClassVar[type[Any]] = str

    @property
    def max_length(self) -> int:
        return LONGEST

    def read(self, text: str) -> str:
        parts = [part.strip() for part in re.split(r"[,;]+", text) if part.strip()]
        found = [_RANGE.fullmatch(part) for part in parts]
        pairs = [(int(match[1]), int(match[2] or match[1])) for match in found if match]
        if not pairs or len(pairs) != len(parts) or any(first > last for first, last in pairs):
            raise Invalid(_("Type four digits or a range of them, with commas between: 1000-1999, 3511."))
        text = ", ".join(_said(first, last) for first, last in _joined(pairs))
        if len(text) > LONGEST:
            raise Invalid(_("These are too many regions. Join some of them."))
        return text

    def column_type(self) -> TypeEngine[Any]:
        return String(LONGEST)


def _joined(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _said(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def lies_in(digits: int | None, regions: str | None) -> bool:
    """No regions mean everywhere; a lead without a postcode lies in none."""
    if not regions:
        return True
    ranges = (part.partition("-") for part in regions.split(", "))
    return digits is not None and any(int(first) <= digits <= int(last or first) for first, _dash, last in ranges)
