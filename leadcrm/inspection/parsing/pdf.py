"""PDF: every object is looked at, referred to or not, before its text is read. What runs or starts is refused.

The file itself is kept as it came: a statement with a digital signature must stay what was signed.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from leadcrm.inspection.parsing.limits import MIB, MOST_PAGES, MOST_PIXELS
from leadcrm.inspection.parsing.page_text import words_of
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.serving import Task

MOST_OBJECTS = 500_000
MOST_DEPTH = 60
MOST_UNPACKED = 48 * MIB  # of one stream that is no picture: drawings of an architect have ten
LARGEST_PAGE = 15_000  # points; A0 is 3,370 long

_ACTIONS = {
    "/Launch": "launch", "/Rendition": "launch", "/Movie": "launch", "/Sound": "launch", "/RichMediaExecute": "launch",
    "/GoTo3DView": "launch", "/GoToE": "embedded", "/GoToR": "outside", "/ImportData": "outside",
    "/SubmitForm": "outside",
}  # fmt: skip
_NOTES = {
    "/FileAttachment": "embedded", "/RichMedia": "launch", "/Movie": "launch", "/Sound": "launch", "/Screen": "launch",
    "/3D": "launch",
}  # fmt: skip
_KEYS = {"/EF": "embedded", "/EmbeddedFiles": "embedded", "/XFA": "script", "/RichMediaContent": "launch"}
_ADDRESS = re.compile(rb"\s*(?:https?:|mailto:|tel:|[^:\\]*\Z|[^:\\/]+/)", re.IGNORECASE)
_PACKED = ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL")
# What Acrobat itself writes into a form so that amounts and dates look right; arguments are constants.
_WORD = r"""(?:-?[0-9.]+|true|false|null|"[^"\\]*"|'[^'\\]*'|new\s+Array\s*\(\s*(?:"[^"\\]*"\s*,?\s*)*\))"""
_FORMATTING = re.compile(
    rf"(?:\s*AF(?:Number|Percent|Date|Time|Special|Range|Simple)_(?:Format|Keystroke|Validate|Calculate|FormatEx"
    rf"|KeystrokeEx)\s*\(\s*(?:{_WORD}\s*,?\s*)*\)\s*;?)*\s*"
)
# Left in the file outside what a reader finds: an earlier version, or objects for a more lenient reader.
_HIDDEN = re.compile(rb"/(?:Launch|RichMedia|EmbeddedFile|ImportData)(?![A-Za-z])")
_ENDS = re.compile(rb"%%EOF[\s\0]*\Z")
TAIL = 4096

# qpdf opens its source of random numbers with the first password that it handles: now, while files may be opened.
pikepdf.new().save(io.BytesIO(), encryption=pikepdf.Encryption(user="", owner=""))


def read(task: Task) -> None:
    _refuse_other_types(task)
    try:
        with opened(task.file) as document:
            forms = _looked_at(document)
            task.pages = _measured(document)
            mended = bool(document.get_warnings())
    except pikepdf.PasswordError:
        raise No("password") from None
    _refuse_hidden(task, mended)
    task.file.seek(0)
    for words in words_of(pypdfium2.PdfDocument(task.file.read()), forms):
        task.say(words)


def opened(file: BinaryIO) -> pikepdf.Pdf:
    return pikepdf.open(file, suppress_warnings=True)


def _refuse_other_types(task: Task) -> None:
    """One that ends as an archive is opened as that by others."""
    size = task.file.seek(0, 2)
    task.file.seek(max(0, size - TAIL))
    if not _ENDS.search(task.file.read()):
        raise No("damaged", "no end")
    if zipfile.is_zipfile(task.file):
        raise No("two_in_one", "zip")
    task.file.seek(0)


def _refuse_hidden(task: Task, mended: bool) -> None:
    """Words that no object which we saw explains."""
    task.file.seek(0)
    content = task.file.read()
    if _HIDDEN.search(content) or (mended and b"/JavaScript" in content):
        raise No("launch", "hidden")


def _measured(document: pikepdf.Pdf) -> int:
    count = len(document.pages)
    if not 0 < count <= MOST_PAGES:
        raise No("damaged" if not count else "too_much", f"{count} pages")
    for page in document.pages:
        unit = float(page.obj.get("/UserUnit", 1))
        if any(abs(float(edge)) * unit > LARGEST_PAGE for edge in page.mediabox):
            raise No("too_many_pixels", "page size")
    return count


def _looked_at(document: pikepdf.Pdf) -> list[tuple[str, str]]:
    """Refuses what is active; the labels and values of the form fields."""
    if len(document.objects) > MOST_OBJECTS:
        raise No("too_much", "objects")
    fields: list[tuple[str, str]] = []
    for each in document.objects:
        for inner in _dictionaries(each, 0):
            _look(inner)
            if "/V" in inner or "/Contents" in inner:
                fields += _field(inner)
    return fields


def _dictionaries(each: Object, depth: int) -> Iterator[Object]:
    """The dictionary of this object and those written inside it; what it refers to comes by itself."""
    if depth > MOST_DEPTH:
        raise No("damaged", "depth")
    if isinstance(each, Dictionary | Stream):
        yield each
        inner = [value for _key, value in each.items()]
    elif isinstance(each, Array):
        inner = list(each)
    else:
        return
    for value in inner:
        if isinstance(value, Dictionary | Array) and not value.is_indirect:
            yield from _dictionaries(value, depth + 1)


def _look(each: Object) -> None:
    for key, reason in _KEYS.items():
        if key in each:
            raise No(reason, key)
    _look_at_kind(each)
    if "/JS" in each:
        _look_at_script(each["/JS"])
    if "/URI" in each and isinstance(each["/URI"], String) and not _ADDRESS.match(bytes(each["/URI"])):
        raise No("outside", "address")
    if isinstance(each, Stream):
        _look_at_stream(each)


def _look_at_kind(each: Object) -> None:
    action, note, type_ = (str(each.get(key, "")) for key in ("/S", "/Subtype", "/Type"))
    if action in _ACTIONS:
        raise No(_ACTIONS[action], action)
    if note in _NOTES and "/Rect" in each:
        raise No(_NOTES[note], note)
    if type_ in ("/EmbeddedFile", "/Collection"):
        raise No("embedded", type_)
    if action == "/JavaScript" and "/JS" not in each:
        raise No("script", "none")


def _look_at_script(script: Any) -> None:
    if not isinstance(script, String) or not _FORMATTING.fullmatch(str(script)):
        raise No("script")


def _look_at_stream(each: Stream) -> None:
    if "/F" in each:
        raise No("outside", "stream")
    if each.get("/Subtype") == Name.Image:
        width, height = int(each.get("/Width", 0)), int(each.get("/Height", 0))
        if width < 0 or height < 0 or width * height > MOST_PIXELS:
            raise No("too_many_pixels", f"{width}x{height}")
    elif _unpacked(each) > MOST_UNPACKED:
        raise No("too_much", "a stream")


def _unpacked(each: Stream) -> int:
    """How large it is when unpacked; no further than it matters."""
    filters = each.get("/Filter", Array([]))
    names = [str(name) for name in (filters if isinstance(filters, Array) else [filters])]
    if sum(name in _PACKED for name in names) > 1:
        raise No("too_much", "packed twice")
    if names == ["/FlateDecode"]:
        return len(zlib.decompressobj().decompress(each.read_raw_bytes(), MOST_UNPACKED + 1))
    return len(each.read_bytes()) if names and names[0] in _PACKED else 0


def _field(each: Object) -> list[tuple[str, str]]:
    label = " ".join(str(each[key]) for key in ("/T", "/TU") if isinstance(each.get(key), String))
    values = [each.get(key) for key in ("/V", "/Contents")]
    return [(label, str(value)) for value in values if isinstance(value, String)]
