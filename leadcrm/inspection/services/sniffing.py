"""What a file is by its first bytes, which must be what its name says. Cheap: done in the request."""

import re

from leadcrm.inspection.services.kinds import BY_EXTENSION, Kind
from leadcrm.inspection.services.names import extension_of
from leadcrm.inspection.services.reasons import Reason, Refused

HEAD_BYTES = 8192

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAILS = ("eml", "msg")
_PACKED = (
    b"PK\x05\x06", b"PK\x07\x08", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd", b"MSCF", b"\x60\xea", b"xar!",
)  # fmt: skip
_TAR = slice(257, 262)
_ZIP = b"PK\x03\x04"
# What browsers and others take for a page, a script or a program, whatever it is called.
_ACTIVE_TEXT = re.compile(
    rb"<(?:!doctype|\?xml|\?php|%|(?:html|head|body|script|iframe|svg|style|meta|object|embed|form|link|base|math|xml"
    rb"|[a-z]+:[a-z]+)[\s/>])"
    rb"|(?:^|\n)(?:mime-version|content-type|snapshot-content-location)\s*:"
    rb"|\A(?:#!|%pdf|%!ps|\{\\rt|@echo|windows registry|\[internetshortcut\]|\s*<[a-z!?%])",
    re.IGNORECASE,
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def sniff(head: bytes, name: str) -> Kind:
    """The kind of a file by its first HEAD_BYTES, or all of it. Raises Refused: not taken, or not what it is called."""
    if not head:
        raise Refused(Reason.EMPTY)
    extension = extension_of(name)
    wanted, found = BY_EXTENSION.get(extension), _by_content(head[:HEAD_BYTES])
    if wanted is None:
        raise Refused(Reason.OLD_OFFICE if extension in _MAILS else _why_not(head), f"{extension[:12]!r}")
    if wanted in (Kind.DOCX, Kind.XLSX) and head.startswith(_OLD_OFFICE):
        raise Refused(Reason.PASSWORD, "as Office wraps those with one")
    if wanted not in found:
        raise Refused(_why_not(head) if not found else Reason.MISMATCH, f"called {wanted}")
    return wanted


def _by_content(head: bytes) -> frozenset[Kind]:
    """What it may be; a packed one is looked at in full later, and only the name tells a table from text."""
    if head.startswith(b"%PDF-"):
        return frozenset({Kind.PDF})
    if head.startswith(b"\xff\xd8\xff"):
        return frozenset({Kind.JPEG})
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return frozenset({Kind.PNG})
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return frozenset({Kind.TIFF})
    if head[4:8] == b"ftyp":
        return frozenset({Kind.HEIC}) if head[8:12] in _HEIC_BRANDS else frozenset()
    if head.startswith(_ZIP):
        return _of_package(head)
    if _why_not(head) is Reason.UNKNOWN and _is_text(head):
        return frozenset({Kind.TXT, Kind.CSV})
    return frozenset()


def _of_package(head: bytes) -> frozenset[Kind]:
    """OpenDocument says what it is in its first entry, which is stored as it is; Office Open XML says it inside."""
    if head[30:38] == b"mimetype":
        length = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        said = head[30 + length :]
        return frozenset(kind for kind in (Kind.ODT, Kind.ODS) if said.startswith(kind.media_type.encode() + b"PK"))
    return frozenset({Kind.DOCX, Kind.XLSX})


def _is_text(head: bytes) -> bool:
    if head.startswith(_MARKS[1:]):
        return _ACTIVE_TEXT.search(head.replace(b"\x00", b"")) is None
    return b"\x00" not in head and _ACTIVE_TEXT.search(head) is None


def _why_not(head: bytes) -> Reason:
    if head.startswith(_OLD_OFFICE):
        return Reason.OLD_OFFICE
    if head.startswith((*_PACKED, _ZIP)) or head[_TAR] == b"ustar":
        return Reason.ARCHIVE
    return Reason.UNKNOWN
