"""Stretches of values become CSV or XLSX, a piece at a time: nothing of them lies on the disk, and no more than a
stretch is in memory. (The libraries that write XLSX keep the rows in a file in clear, or take 40 µs a row more.)

Values come by column and are put into words by column: most columns say the same few things again and again, and what
was said once is looked up. That halves the time of a row.

Text that a spreadsheet would calculate is made harmless: an apostrophe before it in CSV; in XLSX a cell is text because
it says so, and stays text when somebody edits it (quotePrefix).
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from leadcrm.core.downloads import is_formula, shielded
from leadcrm.core.fields.dates import OFFICE

Stretch = Sequence[Sequence[Any]]  # some rows, by column: for every part as many values as there are rows
MARK = b"\xef\xbb\xbf"  # by which Excel knows UTF-8
ROWS_OF_A_SHEET = 500_000  # Excel ends at 1,048,576, and a part of the file without 64 bits at 2 GB
DAY = 86_400  # seconds
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)  # from which spreadsheets count days
MOST_KEPT = 20_000  # words of one column
PACKED = 1  # level: three times the speed of the usual one for a tenth more bytes


class Sort(StrEnum):
    """What sort of values a column has. Each may be missing."""

    TEXT = "text"
    NUMBER = "number"
    CENTS = "cents"
    DAY = "day"
    MOMENT = "moment"


class Cells(dict[Any, str]):
    """What stands in the cells of one column, by value. `missing` is what stands in a cell without one."""

    def __init__(self, write: Callable[[Any], str], missing: str):
        super().__init__({None: missing})
        self._write, self._missing = write, missing

    def __missing__(self, value: Any) -> str:
        said = self[value] = self._write(value)
        return said

    def of(self, values: Iterable[Any]) -> Iterator[str]:
        if len(self) > MOST_KEPT:
            self.clear()
            self[None] = self._missing
        return map(self.__getitem__, values)


def _by_row(cells: Sequence[Cells], stretch: Stretch) -> Iterator[tuple[str, ...]]:
    return zip(*(column.of(values) for column, values in zip(cells, stretch, strict=True)), strict=True)


def as_csv(titles: Sequence[str], sorts: Sequence[Sort], stretches: Iterable[Stretch]) -> Iterator[bytes]:
    """With semicolons and decimal commas, as spreadsheets of a Dutch office read it."""
    cells = [Cells(_IN_CSV[sort], "") for sort in sorts]
    yield MARK + _lines([[_csv_text(title) for title in titles]])
    for stretch in stretches:
        yield _lines(_by_row(cells, stretch))


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    return "".join([f"{';'.join(row)}\r\n" for row in rows]).encode()


def _csv_text(value: str) -> str:
    """As the csv module quotes it."""
    text = shielded(value)
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def _csv_cents(value: int) -> str:
    euros, cents = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{euros},{cents:02d}" if cents else f"{'-' if value < 0 else ''}{euros}"


def _csv_moment(value: datetime) -> str:
    days, seconds = _office_time(value)
    return f"{_written_day(days)} {seconds // 3600:02d}:{seconds // 60 % 60:02d}"


_SPECIAL = re.compile('[;"\r\n]')
_IN_CSV: dict[Sort, Callable[[Any], str]] = {
    Sort.TEXT: _csv_text, Sort.NUMBER: lambda value: str(value).replace(".", ","), Sort.CENTS: _csv_cents,
    Sort.DAY: lambda value: f"{value:%d-%m-%Y}", Sort.MOMENT: _csv_moment,
}  # fmt: skip


def _office_time(value: datetime) -> tuple[int, int]:
    """Days since _EPOCH and seconds since midnight, in the time of the office. Every lead has several moments, and to
    ask the time zone for each of them would take as long as everything else."""
    since = value - _EPOCH
    seconds = since.seconds + _offset(since.days * 24 + since.seconds // 3600)
    return since.days + seconds // DAY, seconds % DAY


@lru_cache(maxsize=100_000)
def _offset(hours: int) -> int:
    """In seconds: the clock is put forward and back on whole hours, at least since 1940."""
    moment = _EPOCH + timedelta(hours=hours)
    return int((OFFICE.utcoffset(moment.astimezone(OFFICE)) or timedelta()).total_seconds())


@lru_cache(maxsize=10_000)
def _written_day(days: int) -> str:
    return f"{_EPOCH + timedelta(days=days):%d-%m-%Y}"


class Outlet(io.RawIOBase):
    """What the packer writes, to be taken away piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def as_xlsx(name: str, titles: Sequence[str], sorts: Sequence[Sort], stretches: Iterable[Stretch]) -> Iterator[bytes]:
    """One sheet, or several when there are more rows than one holds."""
    outlet = Outlet()
    cells = [Cells(_IN_XLSX[sort], "<c/>") for sort in sorts]
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=PACKED) as book:
        waiting, number = iter(stretches), 0
        left: Stretch | None = next(waiting, ())
        while left is not None:
            number += 1
            with book.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
                sheet.write(_HEAD.encode() + _titles(titles) + b"\n")
                count = 0
                while left is not None and count < ROWS_OF_A_SHEET:
                    sheet.write(_xml(cells, left))
                    count += len(left[0]) if left else 0
                    yield outlet.taken()
                    left = next(waiting, None)
                sheet.write(b"</sheetData></worksheet>")
        for path, content in _around(name, number):
            book.writestr(path, content)
    yield outlet.taken()


def _titles(titles: Sequence[str]) -> bytes:
    return f"<row>{''.join(_xml_text(title, _BOLD) for title in titles)}</row>".encode()


def _xml(cells: Sequence[Cells], stretch: Stretch) -> bytes:
    rows = _by_row(cells, stretch) if stretch else ()
    return "".join([f"<row>{''.join(row)}</row>" for row in rows]).encode("utf-8", "replace")


_PLAIN, _DAY, _MOMENT, _CENTS, _QUOTED, _BOLD = range(6)  # styles, in the order of _STYLES
_UNSPOKEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])  # not even escaped in XML


def _xml_text(value: str, style: int = _PLAIN) -> str:
    if not value.isprintable():
        value = value.translate(_UNSPOKEN)
    if style == _PLAIN and is_formula(value):
        style = _QUOTED
    said = escape(value) if "<" in value or "&" in value or ">" in value else value
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


def _xml_moment(value: datetime) -> str:
    days, seconds = _office_time(value)
    return f'<c s="{_MOMENT}"><v>{days + seconds / DAY:.10f}</v></c>'


def _xml_day(value: date) -> str:
    """Before 1900 a spreadsheet knows no days: there it is text."""
    days = (value - _EPOCH.date()).days
    return f'<c s="{_DAY}"><v>{days}</v></c>' if days > 60 else _xml_text(f"{value:%d-%m-%Y}")


_IN_XLSX: dict[Sort, Callable[[Any], str]] = {
    Sort.TEXT: _xml_text, Sort.NUMBER: lambda value: f"<c><v>{value}</v></c>",
    Sort.CENTS: lambda value: f'<c s="{_CENTS}"><v>{value / 100:.2f}</v></c>', Sort.DAY: _xml_day,
    Sort.MOMENT: _xml_moment,
}  # fmt: skip

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" '
    'baseColWidth="18"/><sheetData>'
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd\\-mm\\-yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd\\-mm\\-yyyy\\ hh:mm"/></numFmts><fonts count="2"><font><sz val="11"/>'
    '<name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6">'
    '<xf/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/>'
    '<xf numFmtId="4" applyNumberFormat="1"/><xf quotePrefix="1"/><xf fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _around(name: str, sheets: int) -> Iterator[tuple[str, str]]:
    """The rest of the book: what is in it and how it looks."""
    numbers = range(1, sheets + 1)
    a_sheet = f'.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    parts = "".join(f'<Override PartName="/xl/worksheets/sheet{n}{a_sheet}' for n in numbers)
    yield (
        "[Content_Types].xml",
        (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{parts}</Types>'
        ),
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    links = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers] + [("styles", "styles.xml")]
    yield "xl/_rels/workbook.xml.rels", _relations(links)
    names = [escape(name) + (f" {n}" if n > 1 else "") for n in numbers]
    named = "".join(f'<sheet name="{each}" sheetId="{n}" r:id="r{n}"/>' for n, each in enumerate(names, 1))
    yield "xl/workbook.xml", f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>'
    yield "xl/styles.xml", _STYLES


def _relations(links: Sequence[tuple[str, str]]) -> str:
    said = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{sort}" Target="{target}"/>'
        for number, (sort, target) in enumerate(links, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{said}</Relationships>'
