"""Files of every sort: what is found in them, and the one clear sentence for those that are no table."""

import codecs
import io
import zipfile
from contextlib import suppress
from datetime import date, datetime

import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadcrm.core.fields.kinds import Invalid
from leadcrm.imports.services.layout import Layout, unlike
from leadcrm.imports.services.plain_text import shielded, unshielded
from leadcrm.imports.services.reading import guarded, read
from tests.imports.files import DUTCH, HMDA, LOANS, sheet_of, with_parts, workbook

SHEET = "xl/worksheets/sheet1.xml"


def rows(content: bytes) -> list[list[str]]:
    return [cells for _line, cells in read(content).rows]


def test_repeated_titles_are_made_different() -> None:
    table = read(LOANS.encode())
    assert table.titles[-2:] == ["Loan_ID (2)", "Loan_Status (2)"]
    assert table.titles[0] == "Loan_ID"
    assert len(list(table.rows)) == 4


def test_lines_are_counted_as_people_do() -> None:
    text = 'naam,notitie\n"Jan","een\ntwee"\n\nPiet,drie\n'
    assert [line for line, _cells in read(text.encode()).rows] == [2, 5]


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (DUTCH, "utf-8", "utf-8"),
        (DUTCH, "utf-8-sig", "utf-8-sig"),
        (DUTCH, "cp1252", "cp1252"),
        (DUTCH, "utf-16", "utf-16"),
        (DUTCH, "utf-16-le", "utf-16-le"),
        (DUTCH, "utf-16-be", "utf-16-be"),
    ],
)
def test_encoding_is_found(text: str, encoding: str, found: str) -> None:
    table = read(text.encode(encoding))
    assert table.layout.encoding == found
    assert [cells[3] for _line, cells in table.rows] == ["Berg", "Özdemir", "Wit"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiter_is_found(delimiter: str) -> None:
    text = DUTCH.replace(",", " ").replace(";", delimiter)
    assert read(text.encode()).layout.delimiter == delimiter


def test_delimiter_may_be_named_on_the_first_line() -> None:
    table = read(b"sep=;\r\na;b,c\r\n1;2,3\r\n")
    assert (table.titles, list(table.rows)) == (["a", "b,c"], [(2, ["1", "2,3"])])


@pytest.mark.parametrize(("text", "decimal"), [(DUTCH, ","), (HMDA, "."), (LOANS, "."), ("a;b\n1.234;x\n", ",")])
def test_decimal_sign_is_found(text: str, decimal: str) -> None:
    assert read(text.encode()).layout.decimal == decimal


def test_quoted_cells_keep_delimiters_and_quotes() -> None:
    assert rows(b'naam;tekst\n"Jan";"a;b ""c"""\n') == [["Jan", 'a;b "c"']]


def test_short_rows_are_filled_and_wide_ones_kept() -> None:
    assert rows(b"a,b,c\n1,2\n1,2,3,\n1,2,3,4\n,,\n") == [["1", "2", ""], ["1", "2", "3"], ["1", "2", "3", "4"]]


def test_lines_above_the_titles_are_passed_over() -> None:
    table = read(b"Leads van november\n\nnaam;e-mail;plaats\nJan;jan@example.nl;Ede\n")
    assert table.titles == ["naam", "e-mail", "plaats"]


def test_one_column_is_a_table() -> None:
    assert rows(b"e-mail\njan@example.nl\n") == [["jan@example.nl"]]


@given(st.lists(st.sampled_from(["", " ", "a", "A ", "a (2)", "b"]), min_size=1, max_size=8))
@example(["a", "a", "a (2)"])
def test_titles_are_all_different(titles: list[str]) -> None:
    made = unlike(titles)
    assert len(set(made)) == len(made) == len(titles)
    assert all(made)


def test_workbook_is_read_with_its_types() -> None:
    table = read(
        workbook(
            [
                ["Naam", "Geboren", "Bedrag", "NHG", "Moment", "Aantal"],
                ["Özdemir", date(1980, 11, 21), 1234.5, True, datetime(2026, 1, 2, 3, 4), 360.0],
                ["Wit", None, 0.00001, False, None, 10**16],
            ],
            above=2,
        )
    )
    assert (table.layout.format, table.layout.decimal, table.layout.sheet) == ("xlsx", ".", "Sheet")
    assert list(table.rows) == [
        (4, ["Özdemir", "1980-11-21", "1234.5", "yes", "2026-01-02 03:04:00", "360"]),
        (5, ["Wit", "", "0.00001", "no", "", "10000000000000000"]),
    ]


@pytest.mark.asvs("V1.2.10")
@pytest.mark.parametrize(
    "cell", ["=1+1", "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-cmd|x", " =1", "\t=1", "\r=1", "-1+1", "+HYPERLINK(1)"]
)
def test_what_a_spreadsheet_would_calculate_is_text_and_comes_in_again_as_it_was(cell: str) -> None:
    assert shielded(cell) == f"'{cell}"
    assert unshielded(shielded(cell)) == cell


@pytest.mark.parametrize("cell", ["", "-", "-5", "-1.234,50", "+31 6 12345678", "+31(0)20-123", "'t Hart", "a=b", "'"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert shielded(cell) == unshielded(cell) == cell


@given(st.text())
def test_any_cell_survives_the_way_there_and_back(cell: str) -> None:
    if unshielded(cell) == cell:
        assert unshielded(shielded(cell)) == cell


def test_layout_survives_being_kept() -> None:
    layout = read(DUTCH.encode()).layout
    assert Layout.from_json(layout.as_json()) == layout


BOOK = workbook([["naam", "plaats"], ["Jan", "Ede"]])
REFUSED: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "empty"),
    ("only a mark", codecs.BOM_UTF8 + b"\r\n  ", "empty"),
    ("titles only", b"naam;plaats\n", "no rows"),
    ("no titles", b"Jan,jan@example.nl,06-12345678\nPiet,piet@example.nl,06-12345679\n", "not column titles"),
    ("numbers as titles", b"1,2,3\n4,5,6\n", "not column titles"),
    ("a million columns", b",".join(b"c%d" % place for place in range(1_000_000)) + b"\n1,2\n", "1000000 columns"),
    ("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old or protected"),
    ("renamed PDF", b"%PDF-1.7\n" + bytes(range(256)) * 9, "PDF"),
    ("picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "not a text file"),
    ("binary", bytes(range(256)) * 40, "not a text file"),
    ("web page", b"<!DOCTYPE html><table><tr><td>naam</td></tr></table>", "web page"),
    ("control characters", b"naam,plaats\n" + b"\x01\x02\x03\x04" * 200, "not a text file"),
    ("unclosed quotation mark", b'naam,plaats\n"Jan,Ede\n' + b"x,y\n" * 60_000, "never closed"),
    ("too many rows", b"a,b\n" + b"1,2\n" * 250_001, "too many rows"),
    ("damaged workbook", BOOK[:-80], "damaged"),
    ("damaged part", BOOK.replace(b"PK\x03\x04", b"PK\x03\x05", 3), "damaged"),
    ("other archive", with_parts(BOOK, {"mimetype": b"application/vnd.oasis.opendocument"}), "not an Excel"),
    ("absolute name", with_parts(BOOK, {"/etc/passwd": b"x"}), "unpacks to more"),
    ("climbing name", with_parts(BOOK, {"../x.xml": b"x"}), "unpacks to more"),
    ("nested archive", with_parts(BOOK, {"xl/media/inner.zip": b"PK"}), "unpacks to more"),
    ("zip bomb", with_parts(BOOK, {"xl/media/big.bin": bytes(40_000_000)}), "unpacks to more"),
    ("entities", with_parts(BOOK, {"xl/styles.xml": b'<!DOCTYPE x [<!ENTITY a "aa">]><a/>'}), "unpacks to more"),
    ("wide entities", with_parts(BOOK, {"xl/styles.xml": '<!DOCTYPE x []><a/>'.encode("utf-16")}), "unpacks to more"),
    ("far column", with_parts(BOOK, {SHEET: sheet_of(b'<row><c r="A1"/><c s="1" r="XFD1"/></row>')}), "16384 columns"),
    ("far row", with_parts(BOOK, {SHEET: sheet_of(b'<row r="1048576"><c r="A1048576"/></row>')}), "too many rows"),
    ("far corners", with_parts(
        BOOK, {SHEET: sheet_of(b"<row><c r='A1'/></row><row><x:c r='GR240000'/></row>")}), "too large"),
    ("sheet elsewhere", with_parts(BOOK, {"xl/x.xml": sheet_of(b'<row><c r="AAA1"/></row>')}), "703 columns"),
    ("cells without places", with_parts(BOOK, {SHEET: sheet_of(b"<row>" + b"<c/>" * 300 + b"</row>")}), "300 columns"),
    ("empty workbook", workbook([]), "empty"),
    ("too many bytes", b"a,b\n" + b"1,2\n" * (13 * 1024 * 1024), "larger than 50 MB"),
]  # fmt: skip


@pytest.mark.asvs("V5.2.2", "V5.2.3")
@pytest.mark.parametrize(("content", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_no_table_is_refused_in_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        list(read(content).rows)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(BOOK.__add__) | st.text(max_size=200).map(str.encode))
@settings(max_examples=50, deadline=None)  # a workbook starts a process
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    with suppress(Invalid):
        table = read(content)
        assert all(len(cells) >= len(table.titles) for _line, cells in table.rows)


def far(cell: bytes) -> bytes:
    """A sheet that names a cell far away in a way that measuring does not see."""
    return sheet_of(b'<row r="1"><c r="A1" t="str"><v>naam</v></c></row><row r="2">' + cell + b"</row>")


TEXTS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4000000000"/>'
RELATIONS = "xl/_rels/workbook.xml.rels"
ELSEWHERE = "xl/worksheets/sheet1.dat"
LEADS_ELSEWHERE = zipfile.ZipFile(io.BytesIO(BOOK)).read(RELATIONS).replace(b"sheet1.xml", b"sheet1.dat")
PAST_THE_MEASURING = {
    "a small letter": {SHEET: far(b'<c r="xfd1048576"><v>1</v></c>')},
    "a bracket in an attribute": {SHEET: far(b'<c cm=">" r="XFD1048576"><v>1</v></c>')},
    "the place of a row": {SHEET: far(b'<c r="GR2"><v>1</v></c></row><row r="1048576"><c><v>1</v></c>')},
    "another ending": {ELSEWHERE: far(b'<c r="XFD1048576"><v>1</v></c>'), RELATIONS: LEADS_ELSEWHERE},
    "as many texts as it says": {SHEET: far(b'<c r="A2" t="s"><v>0</v></c>'), "xl/sharedStrings.xml": TEXTS},
    "a duration of ages": {
        SHEET: far(b'<c r="A2" s="1"><v>1e300</v></c>'),
        "xl/styles.xml": TEXTS.replace(b"sst", b"styleSheet").replace(b' uniqueCount="4000000000"/>', b">")
        + b'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="46"/></cellXfs></styleSheet>',
    },
}  # fmt: skip


@pytest.mark.asvs("V5.2.1", "V5.2.3", "V15.2.2")
@pytest.mark.parametrize("parts", PAST_THE_MEASURING.values(), ids=PAST_THE_MEASURING)
def test_a_workbook_that_asks_for_more_memory_than_there_is_ends_only_its_reader(parts: dict[str, bytes]) -> None:
    with pytest.raises(Invalid, match="damaged"):
        list(read(with_parts(BOOK, parts)).rows)


def test_the_reader_ends_with_whoever_listens() -> None:
    before = set(psutil.Process().children())  # servers of other tests
    table = read(workbook([["naam"], *([str(number**40)] for number in range(5_000))]))
    next(table.rows)
    del table
    assert not set(psutil.Process().children()) - before


@given(st.integers(0, len(BOOK) - 1), st.integers(0, 255))
@settings(max_examples=25, deadline=None)  # each starts a process
def test_a_damaged_workbook_is_read_or_refused(place: int, byte: int) -> None:
    with suppress(Invalid):
        list(read(BOOK[:place] + bytes([byte]) + BOOK[place + 1:]).rows)


def test_citizen_service_numbers_are_masked_and_counted() -> None:
    text = "naam;BSN;notitie\nJan;111222333;bsn van partner 123456782\nPiet;12345;dossier 111222333\n"
    found = list(guarded(read(text.encode())))
    assert [masked for _row, masked in found] == [2, 0]
    assert [cells for (_line, cells), _masked in found] == [
        ["Jan", "*********", "bsn van partner *********"],
        ["Piet", "12345", "dossier 111222333"],
    ]
