"""Office files are archives, here in the strictest sense: nothing before, between, behind or twice."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from leadcrm.inspection.parsing.limits import MIB
from leadcrm.inspection.parsing.refusing import No

MOST_PARTS = 3_000
MOST_UNPACKED = 300 * MIB
MOST_RATIO = 150  # text of a sheet packs ten to one, repeated rows up to a hundred
RATIO_FROM = MIB
PIECE = 256 * 1024
LOCAL_HEADER, END_RECORD = 30, 22
DESCRIPTOR = 24  # may follow what was written as a stream
_SECRET = 0x1 | 0x40 | 0x2000  # flags: encrypted, strongly, its directory too
_BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, KeyError,
)  # what zipfile raises for archives that were damaged or made by hand


def ending(name: str) -> str:
    """The extension of a part, also of `_rels/.rels`."""
    return name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""


class Package:
    """An archive whose list has been checked; parts are read within what they declare."""

    def __init__(self, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]):
        self._archive, self._entries = archive, {entry.filename: entry for entry in entries}

    @property
    def names(self) -> list[str]:
        return [name for name in self._entries if not name.endswith("/")]

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def pieces(self, name: str) -> Iterator[bytes]:
        """Its true size may not be more than it said; zipfile compares the checksum at the end."""
        entry, size = self._entries[name], 0
        with self._archive.open(entry) as part:
            while piece := part.read(PIECE):
                size += len(piece)
                if size > entry.file_size:
                    raise No("too_much", "a part is larger than it says")
                yield piece

    def bytes_of(self, name: str, most: int) -> bytes:
        if self._entries[name].file_size > most:
            raise No("too_much", name[:80])
        return b"".join(self.pieces(name))


@contextmanager
def opened(file: BinaryIO, budget: int = MOST_UNPACKED) -> Iterator[Package]:
    """Raises No for whatever is not an ordinary archive; also while its parts are read."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_list(entries, budget)
            _check_places(archive, entries, file)
            yield Package(archive, entries)
    except _BROKEN as problem:
        raise No("damaged", f"archive: {type(problem).__name__}") from None


def _check_list(entries: list[zipfile.ZipInfo], budget: int) -> None:
    names = [entry.filename.casefold() for entry in entries]
    if any(entry.flag_bits & _SECRET for entry in entries):
        raise No("password")
    if len(set(names)) != len(names):
        raise No("damaged", "a part is there twice")
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > budget:
        raise No("too_much", "parts")
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, mode = entry.filename, entry.external_attr >> 16
    odd = name != entry.orig_filename or name.startswith("/") or any(bad in name for bad in ("\\", ":", "\0", "//"))
    if odd or {"..", "."} & set(name.split("/")) or not name.isprintable():
        raise No("damaged", "the name of a part")
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
        raise No("damaged", "a part is no file")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise No("damaged", "packed in another way")
    if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size:
        raise No("too_much", "ratio")


def _check_places(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], file: BinaryIO) -> None:
    """One part behind the other from the first byte to the list: none inside another, nothing between or behind."""
    file.seek(-END_RECORD, 2)
    if file.read(4) != b"PK\x05\x06":
        raise No("two_in_one", "something behind the list")
    at = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if not 0 <= entry.header_offset - at <= DESCRIPTOR * (at > 0):
            raise No("two_in_one", "something between the parts")
        at = entry.header_offset + _header_size(file, entry) + entry.compress_size
    if not 0 <= archive.start_dir - at <= DESCRIPTOR:
        raise No("two_in_one", "something behind the parts")


def _header_size(file: BinaryIO, entry: zipfile.ZipInfo) -> int:
    file.seek(entry.header_offset)
    header = file.read(LOCAL_HEADER)
    if len(header) < LOCAL_HEADER:
        raise No("damaged", "header")
    return LOCAL_HEADER + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
