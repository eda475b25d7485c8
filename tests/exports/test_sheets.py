"""Rows become sheets that spreadsheets read, in which nothing is calculated and numbers are numbers."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from leadcrm.core.downloads import shielded
from leadcrm.exports.services import sheets
from leadcrm.exports.services.sheets import Sort

TITLES = ["Klant", "Aantal", "Bedrag", "Dag", "Moment"]
SORTS = [Sort.TEXT, Sort.NUMBER, Sort.CENTS, Sort.DAY, Sort.MOMENT]
ROW = ["Jan & <Els>", 7, -325_000_50, date(1985, 3, 14), datetime(2026, 7, 1, 12, 30, tzinfo=UTC)]
FORMULAS = ["=1+1", "+31612345678", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", "\n=1", "=cmd|' /C calc'!A0"]


def by_column(rows: Iterable[Sequence[Any]]) -> sheets.Stretch:
    return list(zip(*rows, strict=True))


def xlsx(rows: list[list[Any]], sorts: list[Sort] = SORTS, titles: list[str] = TITLES) -> bytes:
    return b"".join(sheets.as_xlsx("Leads", titles, sorts, iter([by_column(rows[:1]), by_column(rows[1:])])))


def lines(rows: list[list[Any]], sorts: list[Sort] = SORTS) -> list[list[str]]:
    text = b"".join(sheets.as_csv(TITLES[: len(sorts)], sorts, iter([by_column(rows)]))).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_csv_is_as_a_dutch_office_reads_it() -> None:
    assert lines([ROW, [None] * 5]) == [
        TITLES, ["Jan & <Els>", "7", "-325000,50", "14-03-1985", "01-07-2026 14:30"], [""] * 5
    ]  # fmt: skip


def test_xlsx_holds_numbers_days_and_moments() -> None:
    made = xlsx([ROW, [None] * 5])
    assert CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python() == [
        TITLES, ["Jan & <Els>", 7.0, -325_000.5, date(1985, 3, 14), datetime(2026, 7, 1, 14, 30)], [""] * 5,
    ][:2]  # fmt: skip
    sheet = load_workbook(io.BytesIO(made)).active
    assert sheet is not None and sheet["C2"].number_format == "#,##0.00" and sheet.freeze_panes == "A2"
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None


@pytest.mark.asvs("V1.2.10")
@pytest.mark.parametrize("formula", FORMULAS)
def test_nothing_is_calculated(formula: str) -> None:
    assert lines([[formula]], [Sort.TEXT])[1][0].startswith("'")
    cell = load_workbook(io.BytesIO(xlsx([[formula]], [Sort.TEXT], ["A"]))).active["A2"]  # type: ignore[index]
    assert cell.data_type == "s" and cell.quotePrefix


def test_a_sheet_that_is_full_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_OF_A_SHEET", 2)
    stretches = iter([[["a", "b"]], [["c"]]])
    made = b"".join(sheets.as_xlsx("Leads", ["A"], [Sort.TEXT], stretches))
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.sheet_names == ["Leads", "Leads 2"]
    assert book.get_sheet_by_index(1).to_python() == [["A"], ["c"]]


def test_no_row_is_a_sheet_with_titles() -> None:
    made = b"".join(sheets.as_xlsx("Leads", ["A"], [Sort.TEXT], iter(())))
    assert CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python() == [["A"]]


def test_pieces_leave_while_rows_come_in() -> None:
    """Constant memory: no stretch is asked for before the one before has left."""
    asked: list[int] = []

    def stretches() -> Iterator[list[list[Any]]]:
        for number in range(3):
            asked.append(number)
            yield [[f"{number}" * 100] * 100]

    for make in (sheets.as_csv, lambda *given: sheets.as_xlsx("x", *given)):
        asked.clear()
        pieces = make(["A"], [Sort.TEXT], stretches())
        next(pieces)
        assert len(asked) <= 1


def said_plainly(rows: list[tuple[Any, ...]]) -> tuple[bytes, bytes]:
    """As CSV and as rows of XLSX, cell by cell: what the writing by column has to come to."""
    out = io.StringIO(newline="")
    plain = [["" if value is None else shielded(value) if sort is Sort.TEXT else sheets._IN_CSV[sort](value)
              for sort, value in zip(SORTS, row, strict=True)] for row in rows]  # fmt: skip
    csv.writer(out, delimiter=";").writerows([TITLES, *plain])
    cells = [["<c/>" if value is None else sheets._IN_XLSX[sort](value)
              for sort, value in zip(SORTS, row, strict=True)] for row in rows]  # fmt: skip
    marked = "".join(f"<row>{''.join(row)}</row>" for row in cells)
    return sheets.MARK + out.getvalue().encode(), marked.encode()


A_ROW = st.tuples(*(st.none() | values for values in (
    st.sampled_from(['a;b', 'say "ho"', "=1", "", "a\nb", "c\rd", "<&>", "é"]) | st.text(st.characters(codec="utf-8")),
    st.integers(-9, 9), st.integers(-10**13, 10**13), st.dates(date(1880, 1, 1)),
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)))  # fmt: skip


@given(st.lists(A_ROW, min_size=1, max_size=8), st.integers(0, 3), st.integers(0, 8))
def test_by_column_it_comes_to_the_same_as_cell_by_cell(rows: list[tuple[Any, ...]], kept: int, cut: int) -> None:
    """Byte for byte, whatever is still known of the stretch before."""
    stretches = [by_column(some) for some in (rows[:cut], rows[cut:], rows) if some]
    as_csv, as_xml = said_plainly([*rows, *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "MOST_KEPT", kept)
        assert b"".join(sheets.as_csv(TITLES, SORTS, stretches)) == as_csv
        book = zipfile.ZipFile(io.BytesIO(b"".join(sheets.as_xlsx("Leads", TITLES, SORTS, stretches))))
    written = book.read("xl/worksheets/sheet1.xml")
    assert written.partition(b"\n<row>")[2] == as_xml.removeprefix(b"<row>") + b"</sheetData></worksheet>"


def test_what_is_kept_of_a_column_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_KEPT", 3)
    cells = sheets.Cells(str, "-")
    for number in range(0, 50, 2):
        assert list(cells.of([number, None, number + 1])) == [str(number), "-", str(number + 1)]
        assert len(cells) <= 3 + 2


@given(st.text(max_size=60))
def test_any_text_comes_back(text: str) -> None:
    """Whatever was typed: XLSX holds it as it is, but for what XML cannot."""
    made = xlsx([[text]], [Sort.TEXT], ["A"])
    found = load_workbook(io.BytesIO(made)).active["A2"].value or ""  # type: ignore[index]
    wanted = text.translate(sheets._UNSPOKEN).encode("utf-8", "replace").decode()
    assert str(found) == wanted.replace("\r\n", "\n").replace("\r", "\n")
