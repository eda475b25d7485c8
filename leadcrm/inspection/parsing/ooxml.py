"""Word and Excel files: no macros, no files inside, nothing fetched, no formula that starts a program."""

import io
import re
from collections.abc import Callable, Mapping

from leadcrm.inspection.parsing.limits import MIB
from leadcrm.inspection.parsing.markup import walk
from leadcrm.inspection.parsing.packages import Package, ending, opened
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.sheets import read_workbook

Say = Callable[[str], None]

CONTENT_TYPES = "[Content_Types].xml"
_BASE = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": f"{_BASE}wordprocessingml.document.main+xml",
    "xlsx": f"{_BASE}spreadsheetml.sheet.main+xml",
}
MOST_INSIDE = 50 * MIB
_PICTURES = {
    "png", "jpg", "jpeg", "jfif", "gif", "bmp", "tif", "tiff", "emf", "wmf", "emz", "wmz", "wdp", "svg", "webp",
}  # fmt: skip
_PARTS = {"xml", "rels", "vml", "odttf", "fntdata", "sigs", *_PICTURES}
_HARMLESS_BINARY = re.compile(r"(?:.*/)?(?:printersettings|customproperty)[0-9]*\.bin", re.IGNORECASE)
_MACRO = re.compile(r"macro|vba|activex|keymapcustomization|attachedtoolbar|ctrlprops?\.bin|dialogsheet", re.IGNORECASE)
_INSIDE = re.compile(r"oleobject|/package$|afchunk|embeddedobject", re.IGNORECASE)
_FIELD = re.compile(r"\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|RD|DATABASE)\b\s+\S", re.IGNORECASE)
_LOCAL_TEMPLATE = re.compile(r"(?:file:/{3})?[a-z]:[\\/][^:]*", re.IGNORECASE)
_RUNS = re.compile(r"\s*(?:javascript|vbscript|data|mhtml|search-ms|ms-[a-z]+|shell)\s*:", re.IGNORECASE)
_LINKED_BOOKS = ("externalLinkPath", "xlPathMissing", "xlExternalLinkPath", "externalLinkLongPath")


def read(package: Package, kind: str, say: Say, inside: bool = False) -> None:
    _check_types(package, kind)
    for name in package.names:
        _check_part(package, name, say, inside)
    if kind == "xlsx":
        read_workbook(package, say)


def _check_types(package: Package, kind: str) -> None:
    """The list of types must name the document that the name promises, and nothing active."""
    if CONTENT_TYPES not in package:
        raise No("mismatch", "no office file")
    types: list[str] = []

    def start(_name: str, attributes: Mapping[str, str]) -> None:
        types.append(attributes.get("ContentType", ""))

    walk(package.pieces(CONTENT_TYPES), start)
    for each in types:
        _refuse_type(each)
    if MAIN[kind] not in types:
        raise No("mismatch", f"no {kind}")


def _refuse_type(said: str) -> None:
    if _MACRO.search(said):
        raise No("macro", said[:80])
    if _INSIDE.search(said):
        raise No("embedded", said[:80])


def _check_part(package: Package, name: str, say: Say, inside: bool) -> None:
    extension = ending(name)
    if _MACRO.search(name) and extension == "bin" or "/macrosheets/" in f"/{name.lower()}":
        raise No("macro", name[:80])
    if extension in ("docx", "xlsx"):
        return _check_inside(package, name, extension, say, inside)
    if extension not in _PARTS and not _HARMLESS_BINARY.fullmatch(name):
        raise No("embedded", name[:80])
    if extension == "rels":
        return walk(package.pieces(name), _check_relation)
    if extension in ("xml", "svg"):
        return _Part(name, say).read(package)
    for piece in package.pieces(name):  # its size and its checksum are as it says
        if extension == "vml" and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):  # not read: it may be untidy
            raise No("damaged", "a document type")
    return None


def _check_inside(package: Package, name: str, kind: str, say: Say, inside: bool) -> None:
    """The table behind a chart is a workbook of its own; it is held to the same, and brings no further ones."""
    if inside:
        raise No("embedded", name[:80])
    with opened(io.BytesIO(package.bytes_of(name, MOST_INSIDE))) as inner:
        read(inner, kind, say, inside=True)


def _check_relation(name: str, attributes: Mapping[str, str]) -> None:
    if name != "Relationship":
        return
    type_, target = attributes.get("Type", ""), attributes.get("Target", "")
    what = type_.rpartition("/")[2]
    if _MACRO.search(what):
        raise No("macro", what[:80])
    if what in ("oleObject", "aFChunk"):
        raise No("embedded", what)
    if attributes.get("TargetMode", "").lower() == "external" and not _may_be_outside(what, target):
        raise No("outside", what[:80])


def _may_be_outside(what: str, target: str) -> bool:
    """What is followed by a click of the reader, or only after they agreed."""
    if what == "hyperlink":
        return not _RUNS.match(target) and not target.startswith("\\\\")
    return what in _LINKED_BOOKS or (what == "attachedTemplate" and _LOCAL_TEMPLATE.fullmatch(target) is not None)


class _Part:
    """One part of XML: its words, and fields that fetch or start something."""

    def __init__(self, name: str, say: Say):
        self.name, self._say = name, say
        self._inside: list[str] = []
        self._words: list[str] = []
        self._field: list[str] = []

    def read(self, package: Package) -> None:
        walk(package.pieces(self.name), self._start, self._end, self._hear)
        self._say("".join(self._words) + "\n")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._inside.append(name)
        if name in ("ddeLink", "oleLink", "ddeItem"):
            raise No("formula", name)
        if name in ("dbPr", "webPr", "olapPr", "textPr") and self.name.endswith("connections.xml"):
            raise No("outside", "a connection")
        if name in ("script", "foreignObject") and self.name.lower().endswith(".svg"):
            raise No("script", "svg")
        if name == "fldSimple":
            _check_field(attributes.get("instr", ""))

    def _hear(self, words: str) -> None:
        if self._inside[-1] == "t" or self.name.startswith("docProps/"):
            self._words.append(words)
        elif self._inside[-1] == "instrText":
            self._field.append(words)

    def _end(self, name: str) -> None:
        self._inside.pop()
        if name in ("tab", "br", "tc", "cr", "text", "title", "subject", "description", "keywords"):
            self._words.append(" ")
        elif name in ("p", "si", "is"):
            self._say("".join(self._words) + "\n")
            self._words.clear()
            _check_field("".join(self._field))
            self._field.clear()


def _check_field(code: str) -> None:
    if _FIELD.search(code):
        raise No("formula" if "DDE" in code.upper() else "outside", "a field")
