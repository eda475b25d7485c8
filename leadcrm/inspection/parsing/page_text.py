"""The words of a PDF, as they were written and as they stand: what stands beside each other is read together."""

import re
from collections.abc import Iterator
from itertools import groupby

from pypdfium2 import PdfDocument, PdfPage

_NUMBER = re.compile(r"[0-9][0-9 .-]{7,12}[0-9]")
_ANNOUNCED = re.compile(r"bsn|burger|sofi|citizen", re.IGNORECASE)
MOST_PIECES = 20_000  # of text on a page; a full one has some hundreds
LINE = 3  # points within which words are on one line


def words_of(document: PdfDocument, fields: list[tuple[str, str]]) -> Iterator[str]:
    """Page by page; then the fields of its form, whose values stand in no page."""
    announced = False
    for number in range(len(document)):
        page = document[number]
        for words in _page(page):
            announced |= _ANNOUNCED.search(words) is not None
            yield words + "\n"
        page.close()
    for label, value in fields:
        number_on_form = announced and _NUMBER.fullmatch(value.strip())
        yield f"{'bsn? ' if number_on_form else ''}{label} {value}\n"


def _page(page: PdfPage) -> Iterator[str]:
    words = page.get_textpage()
    yield words.get_text_range()
    pieces = []
    for index in range(min(words.count_rects(), MOST_PIECES)):
        left, bottom, right, top = words.get_rect(index)
        pieces.append((-round(bottom / LINE), left, words.get_text_bounded(left, bottom, right, top)))
    words.close()
    lines = groupby(sorted(pieces), key=lambda piece: piece[0])
    yield "\n".join(" ".join(piece[2] for piece in line) for _height, line in lines)
