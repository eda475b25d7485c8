"""Excel files. They are archives: what is declared and what comes out is measured before anything reads them.

What reads them then does so in a process of its own (sheet_reader.py): a file that gets past the measuring and asks for
more memory than there is ends that process, not ours.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

from flask_babel import lazy_gettext as _

from leadcrm.core.fields.kinds import Invalid
from leadcrm.imports.services.layout import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Row

READER = str(Path(__file__).with_name("sheet_reader.py"))
MOST_ENTRIES = 1_000
MOST_UNPACKED = 300 * 1024 * 1024
MOST_RATIO = 100  # text of a sheet packs about ten to one
RATIO_FROM = 1024 * 1024
PIECE = 1024 * 1024
LONGEST_ROW = 8 * 1024 * 1024

_NESTED = (".zip", ".xlsx", ".xlsm", ".7z", ".gz", ".rar", ".jar", ".docx")
_CELL = re.compile(rb"<(?:\w{1,9}:)?c[\s/>]")
_REFERENCE = re.compile(rb"""<(?:\w{1,9}:)?c\s[^>]*?\br\s*=\s*["']([A-Z]{1,4})([0-9]{1,9})""")
_ROW_END = re.compile(rb"</(?:\w{1,9}:)?row\s*>")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, KeyError,
)  # what zipfile raises for archives that were damaged or made by hand


def broken() -> Invalid:
    return Invalid(_("This Excel file is damaged. Open it in Excel, save it again as .xlsx and try that one."))


def unsafe() -> Invalid:
    return Invalid(_("This Excel file unpacks to more than it should and was not opened. Save it as CSV and try that."))


def check(content: bytes) -> None:
    """Raises Invalid unless this is an ordinary workbook of bounded size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_list(entries)
            cells = sum(_check_part(archive, entry) for entry in entries)
    except Invalid:
        raise
    except _BROKEN:
        raise broken() from None
    if cells > MOST_CELLS:
        raise too_many_cells()


def too_many_cells() -> Invalid:
    return Invalid(_("This file is too large: at most %(most)s cells. Split it into smaller files.", most=MOST_CELLS))


def _check_list(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if "mimetype" in names or "xl/workbook.xml" not in names:
        raise Invalid(_("This is not an Excel workbook. Save it as .xlsx or CSV and try again."))
    if len(set(names)) != len(names) or any(_is_odd(name) for name in names):
        raise unsafe()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise unsafe()
    if any(entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size for entry in entries):
        raise unsafe()


def _is_odd(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name or ":" in name or name.lower().endswith(_NESTED)


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Unpacks one part piece by piece: its true size, no entities, no far-away cells. Returns its number of cells."""
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    size, tail, sheet = 0, b"", _SheetBounds()
    with archive.open(entry) as part:
        while piece := part.read(PIECE):
            size += len(piece)
            seen = tail + piece
            if size > entry.file_size:
                raise unsafe()
            if is_xml and (b"\x00" in piece or b"<!DOCTYPE" in seen or b"<!ENTITY" in seen):
                raise unsafe()
            if is_xml:
                sheet.look(piece, starts=b"sheetData" in seen)
            tail = piece[-20:]
    return sheet.cells


class _SheetBounds:
    """How far the cells of a sheet reach: two of them in far corners would otherwise make billions."""

    def __init__(self) -> None:
        self.cells = self.width = self.height = 0
        self.columns: set[bytes] = set()
        self._rest = b""
        self._started = False

    def look(self, piece: bytes, starts: bool) -> None:
        """Any part of the archive may turn out to be a sheet, wherever it is kept."""
        self._started |= starts
        *rows, self._rest = _ROW_END.split(self._rest + piece) if self._started else [piece[-20:]]
        for row in rows:
            self._look_at_row(row)
        if len(self._rest) > LONGEST_ROW:
            raise unsafe()
        self._refuse()

    def _look_at_row(self, row: bytes) -> None:
        self.height += 1
        count = len(_CELL.findall(row))
        self.cells += count
        self.width = max(self.width, count)
        for letters, number in _REFERENCE.findall(row):
            self.columns.add(letters)
            self.height = max(self.height, int(number))

    def _refuse(self) -> None:
        width = max(self.width, max(map(_column_number, self.columns), default=0))
        if width > MOST_COLUMNS:
            raise Invalid(_("This file has %(count)s columns; at most %(most)s.", count=width, most=MOST_COLUMNS))
        if self.height > MOST_ROWS + 100:
            raise Invalid(_("This file has too many rows; at most %(most)s. Split it.", most=MOST_ROWS))
        if width * self.height > 2 * MOST_CELLS:
            raise too_many_cells()


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def first_sheet(content: bytes) -> tuple[str, Iterator[Row]]:
    """The first visible sheet that holds anything: its name and its rows as text."""
    check(content)
    said = _said(content)
    first = next(said, None)
    match first:
        case {"sheet": str(name)}:
            return name, _rows(said)
        case {"problem": "password"}:
            raise Invalid(_("This Excel file has a password. Save it without one and try again."))
        case {"problem": "empty"}:
            raise Invalid(_("This file is empty."))
        case _:
            raise broken()


def _said(content: bytes) -> Iterator[Any]:
    """What the reader says, line by line. It ends with us, also when its rows are not wanted any more."""
    command = [sys.executable, "-I", "-X", "utf8", READER]
    with subprocess.Popen(command, env={}, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as reader:
        try:
            if reader.stdin is not None and reader.stdout is not None:
                with suppress(BrokenPipeError), reader.stdin:
                    reader.stdin.write(content)
                yield from map(json.loads, reader.stdout)
        except json.JSONDecodeError:
            return  # it ended in the middle of a line
        finally:
            reader.kill()


def _rows(said: Iterator[Any]) -> Iterator[Row]:
    """The reader ends with a null; one that was ended by what it read does not."""
    for line, cells in enumerate(said, 1):
        if cells is None:
            return
        yield line, cells
    raise broken()
