"""Text and tables: words, and no program that a spreadsheet would run."""

import codecs
import csv
import io
import re

from leadcrm.inspection.parsing.limits import MOST_TEXT
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.serving import Task
from leadcrm.inspection.parsing.tables import Table

DELIMITERS = (";", ",", "\t", "|")
HEAD = 64 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# DDE, programs and fetched data: what spreadsheets do with a cell that begins a formula.
_FORMULA = re.compile(
    r"(?:^|[;,\t|\"'\n\r])[\s\"'\ufeff]*[=+\-@][^\n\r]{0,2000}?(?:\|[^\n\r]{0,2000}?!|(?:webservice|hyperlink|dde|rtd"
    r"|importxml|importdata|importrange|importhtml|importfeed|image|call|register(?:\.id)?|exec|filterxml)\s*\()",
    re.IGNORECASE,
)

def read(task: Task) -> None:
    content = task.file.read(MOST_TEXT + 1)
    if len(content) > MOST_TEXT:
        raise No("too_much", "text")
    words = decoded(content)
    if _CONTROL.search(words):
        raise No("mismatch", "control characters")
    if task.kind == "csv":
        _refuse_formulas(words)
        _say_table(words, task)
    else:
        task.say(words)


def _refuse_formulas(words: str) -> None:
    if any(_FORMULA.search(line) for line in words.splitlines()):
        raise No("formula")


def _say_table(words: str, task: Task) -> None:
    """Row by row, so that a number is told with its heading."""
    head = words[:HEAD]
    table = Table()
    csv.field_size_limit(MOST_TEXT)
    try:
        for cells in csv.reader(io.StringIO(words, newline=""), delimiter=max(DELIMITERS, key=head.count)):
            task.say(table.row(dict(enumerate(cells))))
    except csv.Error:
        raise No("damaged", "table") from None


def decoded(content: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise No("mismatch", "encoding") from None
    return content.decode("cp1252", "replace")
