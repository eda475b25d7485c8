"""The guard against citizen service numbers (BSN): an intermediary may not keep them, so text is checked on its way in.

Nine digits that pass the 11-proof say little (one in eleven random numbers does): they count when a word such as BSN
stands near, or when they stand in the machine-readable zone of a Dutch passport or identity card.
"""

import re
from bisect import bisect_left

from flask_babel import lazy_gettext as _

from leadcrm.core.fields.kinds import Invalid

NEAR = 80  # characters between the word and the number

_NUMBER = re.compile(
    r"(?<![0-9])(?:[0-9]{9}|[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{3}|[0-9]{4}[ .-][0-9]{2}[ .-][0-9]{3})(?![0-9])"
)
_WORD = re.compile(
    r"(?<![a-z])b\.?s\.?n(?![a-z])|burger\s?-?service\s?-?n(?:umme)?r|sofi\s?-?n(?:umme)?r|(?<![a-z])sofi(?![a-z])"
    r"|citizen\s?-?service\s?-?n|persoonsgebonden\s?nummer|bsn[\s_-]?n(?:umme)?r",
    re.IGNORECASE,
)
_PASSPORT = re.compile(r"[A-Z0-9<]{9}[0-9<][A-Z<]{3}[0-9]{7}[MFX<][0-9]{7}([A-Z0-9<]{14})")
_CARD = re.compile(r"I[A-Z<]NLD[A-Z0-9<]{10}([A-Z0-9<]{15})")
_DIGITS = re.compile(r"[0-9]{9}")


def passes(digits: str) -> bool:
    """The 11-proof over nine digits."""
    total = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), digits[:8], strict=True))
    return digits != "000000000" and (total - int(digits[8])) % 11 == 0


def is_word(label: str) -> bool:
    """Whether a column title or question announces a citizen service number."""
    return _WORD.search(label.replace("_", " ")) is not None


def find(text: str) -> list[tuple[int, int]]:
    """Where in the text a citizen service number stands: start and end of each."""
    found = _zone_hits(text) if "NLD" in text else []
    words = [position for match in _WORD.finditer(text) for position in match.span()]
    if words:
        found += [hit.span() for hit in _NUMBER.finditer(text) if _is_near(words, hit) and _is_number(hit.group())]
    return sorted(set(found))


def mask(text: str) -> tuple[str, int]:
    """The text with each number replaced by stars, and how many there were."""
    hits = find(text)
    for start, end in reversed(hits):
        text = text[:start] + "*" * (end - start) + text[end:]
    return text, len(hits)


def refuse(text: str) -> None:
    """Raises Invalid when the text holds a citizen service number. The number is in no message and no log."""
    if find(text):
        raise Invalid(_("This contains a citizen service number (BSN). We may not keep it: leave it out."))


def _is_number(found: str) -> bool:
    return passes("".join(filter(str.isdigit, found)))


def _is_near(words: list[int], hit: re.Match[str]) -> bool:
    """Words are ascending positions of starts and ends; the nearest one on either side decides."""
    after = bisect_left(words, hit.start())
    return any(
        abs(words[index] - edge) <= NEAR
        for index in (after - 1, after)
        if 0 <= index < len(words)
        for edge in hit.span()
    )


def _zone_hits(text: str) -> list[tuple[int, int]]:
    zones = [match.span(1) for pattern in (_PASSPORT, _CARD) for match in pattern.finditer(text)]
    hits = [(hit.span(), hit.group()) for zone in zones for hit in _DIGITS.finditer(text, *zone)]
    return [span for span, digits in hits if passes(digits)]
