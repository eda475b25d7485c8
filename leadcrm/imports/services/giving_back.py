"""The lines that were not imported, in the layout of their file, with a column that says why."""

import csv
import io
from collections.abc import Iterator

import openpyxl
from flask_babel import gettext as _
from openpyxl.cell import WriteOnlyCell
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.imports.models import Chunk, Import
from leadcrm.imports.queries.findings import findings_of
from leadcrm.imports.services import chunks
from leadcrm.imports.services.layout import XLSX, Layout
from leadcrm.imports.services.plain_text import shielded

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def not_imported(taken: Import) -> tuple[bytes, str, str]:
    """The file, its type and its name, to be mended and sent again: the cells come in again exactly as they came."""
    layout = Layout.from_json(taken.layout)
    rows = _rows(taken, layout)
    name = _("%(file)s-not-imported", file=taken.filename.rpartition(".")[0] or taken.filename)
    if layout.format == XLSX:
        return _workbook(rows), XLSX_TYPE, f"{name}.xlsx"
    return _text(rows, layout), CSV_TYPE, f"{name}.csv"


def _rows(taken: Import, layout: Layout) -> Iterator[list[str]]:
    yield [*layout.titles, _("Why not imported")]
    of_import = select(Chunk).where(Chunk.company_id == taken.company_id, Chunk.import_id == taken.id)
    done = of_import.where(Chunk.done.is_(True), Chunk.sealed.is_not(None))
    for chunk in session.scalars(done.order_by(Chunk.number)):
        why = findings_of(chunk)
        for line, cells in chunks.open_rows(chunk):
            yield [*cells, " ".join(why.get(line, ()))]


def _text(rows: Iterator[list[str]], layout: Layout) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=layout.delimiter).writerows([shielded(cell) for cell in row] for row in rows)
    return out.getvalue().encode(layout.encoding, errors="replace")


def _workbook(rows: Iterator[list[str]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([_as_text(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_text(sheet: object, text: str) -> WriteOnlyCell:
    """Text, whatever it looks like: a cell that begins with = is not to be calculated."""
    cell = WriteOnlyCell(sheet, value=openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell
