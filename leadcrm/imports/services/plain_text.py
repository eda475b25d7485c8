"""Files of text: their encoding, delimiter and decimal sign found by looking, never by asking."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from charset_normalizer import from_bytes
from flask_babel import lazy_gettext as _

from leadcrm.core.fields.kinds import Invalid
from leadcrm.imports.services.layout import Row

DELIMITERS = (";", ",", "\t", "|")
_HEAD_BYTES = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_COMMA_DECIMAL = re.compile(r"-?(\d+,\d{1,2}|\d+,\d{4,}|\d{1,3}(\.\d{3})+,\d+|0,\d+)%?")
_POINT_DECIMAL = re.compile(r"-?(\d+\.\d{1,2}|\d+\.\d{4,}|\d{1,3}(,\d{3})+\.\d+|0\.\d+|\d+(\.\d+)?[eE][+-]?\d+)%?")


# What a spreadsheet would calculate, behind marks that it does not show as well (byte order, width zero). Numbers and
# telephone numbers begin with + or - too.
_FORMULA = re.compile(r"[\s\ufeff\u200b-\u200f\u2060]*(?:[=@]|[+-](?![\d\s().,/-]*$))|[\t\r]")
SHIELD = "'"


def shielded(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would calculate, the way people write such text themselves."""
    return SHIELD + cell if _FORMULA.match(cell) else cell


def unshielded(cell: str) -> str:
    return cell[1:] if cell[:1] == SHIELD and _FORMULA.match(cell[1:]) else cell


def not_text() -> Invalid:
    return Invalid(_("This is not a text file. Choose a CSV or Excel (.xlsx) file."))


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: by its mark, else UTF-8, UTF-16 or Windows, else the likeliest."""
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise not_text() from None
    if len(_CONTROL.findall(text, 0, _HEAD_BYTES)) > len(text[:_HEAD_BYTES]) // 200:
        raise not_text()
    return text, encoding


def _encoding(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    if b"\x00" in content[:_HEAD_BYTES]:
        return _wide(content[:_HEAD_BYTES])
    for encoding in ("utf-8", "cp1252"):
        if _decodes(content, encoding):
            return encoding
    best = from_bytes(content[:_HEAD_BYTES]).best()
    return best.encoding if best is not None else "latin-1"


def _wide(head: bytes) -> str:
    """UTF-16 without a mark has a zero in every other byte of western text; anything else with zeros is no text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.3 and even == 0:
        return "utf-16-le"
    if even > len(head) * 0.3 and odd == 0:
        return "utf-16-be"
    raise not_text()


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def split_off_hint(text: str) -> tuple[str, str]:
    """Excel may write `sep=;` on the first line: the delimiter it names, and the text without that line."""
    if text[:4].lower() == "sep=" and len(text) > 4 and text[5:6] in ("\r", "\n"):
        return text[4], text[5:].lstrip("\r\n")
    return "", text


def find_delimiter(text: str) -> str:
    """The one that cuts the first rows in the same number of cells, and in most of them."""
    head = "\n".join(text[:_HEAD_BYTES].splitlines()[:60])
    return max(DELIMITERS, key=lambda delimiter: _evenness(head, delimiter))


def _evenness(head: str, delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row)
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda each: (each[1], each[0]))
    return (count / widths.total() if width > 1 else 0.0), width


def find_decimal(cells: Iterator[str], delimiter: str) -> str:
    """Comma or point, by what the first numbers look like; a file cut by commas has points unless shown otherwise."""
    votes = Counter(comma=0, point=0)
    for cell in cells:
        votes["comma"] += _COMMA_DECIMAL.fullmatch(cell) is not None
        votes["point"] += _POINT_DECIMAL.fullmatch(cell) is not None
    if votes["comma"] == votes["point"]:
        return "." if delimiter == "," else ","
    return "," if votes["comma"] > votes["point"] else "."


def rows_of(text: str, delimiter: str) -> Iterator[Row]:
    """Every row with its line in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, [unshielded(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error:
        raise Invalid(
            _("Line %(line)s cannot be read: a quotation mark is opened there and never closed.", line=line)
        ) from None
