"""A file becomes a table: its type is seen from its content, its titles from its first rows. Start here."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from flask_babel import lazy_gettext as _

from leadcrm.core.fields.bsn import is_word, mask, passes
from leadcrm.core.fields.kinds import Invalid
from leadcrm.imports.services import plain_text, workbook
from leadcrm.imports.services.layout import (
    CSV,
    MOST_BYTES,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    XLSX,
    Layout,
    Row,
    Table,
    unlike,
)

_TITLE_ROWS = 15  # how far down the titles may stand
_SAMPLE = 2_000
_VALUE = re.compile(
    r"-?[€$]? ?[\d.,]+(e[+-]?\d+)?%?|\d{4}-\d\d-\d\d.*|\d\d?[-/.]\d\d?[-/.]\d{2,4}|[^@ ]+@[^@ ]+\.[a-z]+"
    r"|[1-9]\d{3} ?[a-z]{2}|[a-z]{2}\d{2}[a-z]{4}\d{6,}|\+?[\d ()-]{9,}",
    re.IGNORECASE,
)
_NINE_DIGITS = re.compile(r"[0-9]{9}")


def read(content: bytes) -> Table:
    """The table in a file. Raises Invalid with one clear sentence for anything else."""
    if len(content) > MOST_BYTES:
        raise Invalid(_("This file is larger than %(most)s MB. Split it.", most=MOST_BYTES // 1024 // 1024))
    if not content.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise Invalid(_("This file is empty."))
    _refuse_other_types(content[:2048])
    if content.startswith(b"PK"):
        sheet, rows = workbook.first_sheet(content)
        return _table(Layout(XLSX, sheet=sheet), rows)
    text, encoding = plain_text.decoded(content)
    hint, text = plain_text.split_off_hint(text)
    delimiter = hint or plain_text.find_delimiter(text)
    return _table(Layout(CSV, encoding, delimiter, decimal=""), plain_text.rows_of(text, delimiter))


def _refuse_other_types(head: bytes) -> None:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid(_("This is an old or protected Excel file (.xls). Save it as .xlsx or CSV, without a password."))
    if head.startswith(b"%PDF"):
        raise Invalid(_("This is a PDF, not a table. Ask the sender for a CSV or Excel (.xlsx) file."))
    low = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if low.startswith((b"<!doctype", b"<html", b"<?xml", b"{\\rtf")):
        raise Invalid(_("This is a web page or document, not a table. Choose a CSV or Excel (.xlsx) file."))
    if head.startswith((b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"7z\xbc\xaf", b"Rar!")):
        raise plain_text.not_text()


def _table(layout: Layout, rows: Iterator[Row]) -> Table:
    filled = ((line, cells) for line, cells in rows if any(map(str.strip, cells)))
    head = list(islice(filled, _TITLE_ROWS))
    place = _title_row(head)
    found = _without_empty_end(head[place][1])
    _refuse_width(len(found))
    titles = unlike(found)
    _refuse_no_titles(titles)
    below = chain(head[place + 1:], filled)
    sample = list(islice(below, _SAMPLE))
    if not sample:
        raise Invalid(_("This file has column titles but no rows below them."))
    if not layout.decimal:
        cells = (cell.strip() for _line, row in sample for cell in row)
        layout = replace(layout, decimal=plain_text.find_decimal(cells, layout.delimiter))
    layout = replace(layout, titles=tuple(title.strip() for title in found))
    return Table(layout, titles, _bounded(chain(sample, below), len(titles)))


def _title_row(head: list[Row]) -> int:
    """Lines above the titles (a name, a date) are narrower than the table."""
    if not head:
        raise Invalid(_("This file is empty."))
    widths = [sum(1 for cell in cells if cell.strip()) for _line, cells in head]
    widest = max(widths)
    return next(place for place, width in enumerate(widths) if width >= max(1, widest * 0.6))


def _without_empty_end(cells: list[str]) -> list[str]:
    width = max(place for place, cell in enumerate(cells, 1) if cell.strip())
    return cells[:width]


def _refuse_width(width: int) -> None:
    if width > MOST_COLUMNS:
        raise Invalid(_("This file has %(count)s columns; at most %(most)s.", count=width, most=MOST_COLUMNS))


def _refuse_no_titles(titles: list[str]) -> None:
    looks_like_values = sum(1 for title in titles if _VALUE.fullmatch(title))
    if looks_like_values > len(titles) * 0.2 or any("@" in title and _VALUE.fullmatch(title) for title in titles):
        raise Invalid(_("The first row holds values, not column titles. Put a row with the titles above it."))


def _bounded(rows: Iterator[Row], width: int) -> Iterator[Row]:
    """Rows without empty cells at their end, filled up to the titles; too wide ones are kept for their error."""
    for count, (line, cells) in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise Invalid(_("This file has too many rows; at most %(most)s. Split it.", most=MOST_ROWS))
        if count * width > MOST_CELLS:
            raise workbook.too_many_cells()
        if len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        elif len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        yield line, cells


def guarded(table: Table) -> Iterator[tuple[Row, int]]:
    """Each row without citizen service numbers, and how many were masked in it: they are never stored."""
    announced = [place for place, title in enumerate(table.titles) if is_word(title)]
    for line, cells in table.rows:
        masked = 0
        for place in announced:
            digits = cells[place].replace(".", "").replace(" ", "").zfill(9)
            if _NINE_DIGITS.fullmatch(digits) and passes(digits):
                cells[place] = "*" * 9
                masked += 1
        for place, cell in enumerate(cells):
            if len(cell) > 11:
                clean, hits = mask(cell)
                if hits:
                    cells[place] = clean
                    masked += hits
        yield (line, cells), masked
