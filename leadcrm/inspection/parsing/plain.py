"""Text and tables: words, and no program that a spreadsheet would run."""

import codecs
import re

from leadcrm.inspection.parsing.limits import MOST_TEXT
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.serving import Task

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# DDE, programs and fetched data: what spreadsheets do with a cell that begins a formula.
_FORMULA = re.compile(
    r"(?:^|[;,\t|\"'\n\r])[\s\"'\ufeff]*[=+\-@][^\n\r]{0,2000}?(?:\|[^\n\r]{0,2000}?!|(?:webservice|hyperlink|dde|rtd"
    r"|importxml|importdata|importrange|importhtml|importfeed|image|call|register(?:\.id)?|exec|filterxml)\s*\()",
    re.IGNORECASE,
)
for _codec in ("utf-8-sig", "utf-16", "cp1252", "latin-1"):
    codecs.lookup(_codec)  # while files may still be opened


def read(task: Task) -> None:
    content = task.file.read(MOST_TEXT + 1)
    if len(content) > MOST_TEXT:
        raise No("too_much", "text")
    words = _decoded(content)
    if _CONTROL.search(words):
        raise No("mismatch", "control characters")
    if any(_FORMULA.search(line) for line in words.splitlines()):
        raise No("formula")
    task.say(words)


def _decoded(content: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise No("mismatch", "encoding") from None
    return content.decode("cp1252", "replace")
