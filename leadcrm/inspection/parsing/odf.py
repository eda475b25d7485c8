"""LibreOffice files: no macros, no objects of other programs, nothing fetched when they are opened."""

import re
from collections.abc import Mapping

from leadcrm.inspection.parsing.markup import walk
from leadcrm.inspection.parsing.packages import Package, ending
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.serving import Task
from leadcrm.inspection.parsing.sheets import check_formula
from leadcrm.inspection.parsing.tables import Table

MANIFEST = "META-INF/manifest.xml"
_MEDIA = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_PARTS = {
    "xml", "rdf", "png", "jpg", "jpeg", "gif", "bmp", "svg", "svm", "emf", "wmf", "tif", "tiff", "webp", "ttf", "otf",
}  # fmt: skip
_NAMELESS = re.compile(r"mimetype|layout-cache|(?:ObjectReplacements|Pictures|Thumbnails)/[^/]+")
_MACRO_PLACES = ("Basic/", "Scripts/", "Dialogs/")
_MACRO = {"event-listener", "script", "library-linked", "library-embedded"}
_OBJECTS = {"object-ole": "embedded", "applet": "embedded", "plugin": "embedded", "floating-frame": "outside"}
_DDE = {"dde-source", "dde-connection-decl", "dde-connection", "dde-link"}
_FETCHED = {
    "image", "object", "section-source", "cell-range-source", "table-source", "fill-image", "background-image",
    "font-face-uri", "database-source-table", "connection-resource", "audio", "sound",
}  # fmt: skip
_INSIDE = re.compile(r"(?:\./)?[A-Za-z0-9_][^:\\]*|#.*|")
_RUNS = re.compile(
    r"\s*(?:javascript|vbscript|data|macro|vnd\.sun\.star\.script|service|slot|shell)\s*:", re.IGNORECASE
)


def read(package: Package, task: Task) -> None:
    if MANIFEST not in package or "content.xml" not in package:
        raise No("mismatch", "no LibreOffice file")
    if package.bytes_of("mimetype", 100).decode("ascii", "replace") != _MEDIA[task.kind]:
        raise No("mismatch", f"no {task.kind}")
    walk(package.pieces(MANIFEST), _check_manifest)
    for name in package.names:
        _check_part(package, name, task)


def _check_manifest(name: str, attributes: Mapping[str, str]) -> None:
    if name == "encryption-data":
        raise No("password")
    media = attributes.get("media-type", "")
    if any(word in media.lower() for word in ("oleobject", "script", "basic")):
        raise No("embedded", media[:80])


def _check_part(package: Package, name: str, task: Task) -> None:
    extension = ending(name)
    if name.startswith(_MACRO_PLACES):
        raise No("macro", name[:80])
    if extension in ("xml", "rdf", "svg"):
        return _Part(task).read(package, name) if package.size(name) else None  # LibreOffice leaves empty ones
    if extension not in _PARTS and not _NAMELESS.fullmatch(name):
        raise No("embedded", name[:80])
    for _piece in package.pieces(name):
        pass  # its size and its checksum are as it says
    return None


class _Part:
    def __init__(self, task: Task):
        self._task, self._table = task, Table()
        self._words: list[str] = []
        self._cells: dict[int, str] = {}
        self._column = self._rows = 0

    def read(self, package: Package, name: str) -> None:
        walk(package.pieces(name), self._start, self._end, self._words.append)
        self._task.say("".join(self._words) + "\n")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        _refuse(name, attributes)
        if name == "table-row":
            self._cells, self._column = {}, 0
            self._rows += 1
        elif name in ("table-cell", "covered-table-cell"):
            self._tell()
            self._column += 1
            self._value = attributes.get("value", "")
        elif name in ("tab", "s", "line-break"):
            self._words.append(" ")

    def _end(self, name: str) -> None:
        if name == "table-cell":
            self._cells[self._column] = "".join(self._words).strip() or self._value
            self._words.clear()
        elif name == "table-row":
            self._task.say(self._table.row(self._cells))
        elif name in ("p", "h"):
            self._words.append("\n" if not self._rows else " ")

    def _tell(self) -> None:
        if self._words:
            self._task.say("".join(self._words))
            self._words.clear()


def _refuse(name: str, attributes: Mapping[str, str]) -> None:
    href = attributes.get("href", "")
    if name in _MACRO or _RUNS.match(href):
        raise No("macro", name)
    if name in _OBJECTS:
        raise No(_OBJECTS[name], name)
    if name in _DDE:
        raise No("formula", name)
    if name in _FETCHED and not _INSIDE.fullmatch(href):
        raise No("outside", name)
    if "formula" in attributes:
        check_formula(attributes["formula"])
