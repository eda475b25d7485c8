"""The cells of an Excel workbook: their words, and no formula that starts a program or fetches data."""

import re
from collections.abc import Callable, Mapping

from leadcrm.inspection.parsing.limits import MOST_TEXT
from leadcrm.inspection.parsing.markup import walk
from leadcrm.inspection.parsing.packages import Package
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.tables import Table

Say = Callable[[str], None]

SHARED = "xl/sharedStrings.xml"
_SHEET = re.compile(r"xl/(?:worksheets|chartsheets)/[^/]+\.xml", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z]{1,3}")
# DDE (=cmd|'…'!A1), and functions that call programs or the internet.
_FORMULA = re.compile(
    r"\|\s*'?[^'!]*'?\s*!|(?:^|[^A-Z0-9_.])(?:_XLFN\.|_XLWS\.|_XLL\.)*(?:WEBSERVICE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|IMAGE"
    r"|DDE|FILTERXML|FOPEN|RUN|INITIATE|STOCKHISTORY)\s*\(|_XLL\.",
    re.IGNORECASE,
)
_STARTS_ITSELF = re.compile(r"(?:_xlnm\.)?auto_(?:open|close|activate|deactivate)", re.IGNORECASE)


def check_formula(formula: str) -> None:
    if _FORMULA.search(formula):
        raise No("formula")


def read_workbook(package: Package, say: Say) -> None:
    if "xl/workbook.xml" in package:
        walk(package.pieces("xl/workbook.xml"), _check_name)
    shared = _shared(package)
    for name in package.names:
        if _SHEET.fullmatch(name):
            _Sheet(shared, say).read(package, name)


def _check_name(name: str, attributes: Mapping[str, str]) -> None:
    if name == "definedName" and _STARTS_ITSELF.fullmatch(attributes.get("name", "")):
        raise No("macro", "a name that starts itself")


def _shared(package: Package) -> list[str]:
    """The texts that cells refer to by number."""
    texts: list[list[str]] = []
    wanted = False
    room = MOST_TEXT

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        nonlocal wanted
        wanted = name == "t"
        if name == "si":
            texts.append([])

    def words(said: str) -> None:
        nonlocal room
        room -= len(said) * wanted
        if room < 0:
            raise No("too_much", "texts")
        if wanted and texts:
            texts[-1].append(said)

    if SHARED in package:
        walk(package.pieces(SHARED), start, words=words)
    return ["".join(parts) for parts in texts]


class _Sheet:
    def __init__(self, shared: list[str], say: Say):
        self._shared, self._say, self._table = shared, say, Table()
        self._cells: dict[int, str] = {}
        self._column, self._type, self._inside = 0, "", ""
        self._words: list[str] = []

    def read(self, package: Package, name: str) -> None:
        walk(package.pieces(name), self._start, self._end, self._hear)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._inside = name
        if name == "c":
            letters = _LETTERS.match(attributes.get("r", ""))
            self._column = _number_of(letters.group()) if letters else self._column + 1
            self._type, self._words = attributes.get("t", ""), []
        elif name in ("f", "v", "t"):
            self._words = [] if name != "t" else self._words

    def _hear(self, words: str) -> None:
        if self._inside in ("f", "v", "t"):
            self._words.append(words)

    def _end(self, name: str) -> None:
        self._inside = ""
        if name == "f":
            check_formula("".join(self._words))
        elif name == "v":
            self._cells[self._column] = self._value("".join(self._words))
        elif name == "is":
            self._cells[self._column] = "".join(self._words)
        elif name == "row":
            self._say(self._table.row(self._cells))
            self._cells, self._column = {}, 0

    def _value(self, said: str) -> str:
        if self._type == "s" and said.strip().isdecimal() and int(said) < len(self._shared):
            return self._shared[int(said)]
        return said


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
