"""Hostile files, made by code: each with the name it comes under and the reasons for which it may be refused.

Everything here is refused before anybody can read it; what is harmless after cleaning is in test_pictures.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

from leadcrm.inspection.services.reasons import Reason
from tests.inspection import good


@dataclass(frozen=True)
class Hostile:
    id: str
    name: str
    make: Callable[[], bytes]
    reasons: frozenset[Reason]
    slow: bool = False  # takes its reader to its limits: left to `make attack`


def case(id_: str, name: str, make: Callable[[], bytes] | bytes, *reasons: Reason, slow: bool = False) -> Hostile:
    return Hostile(id_, name, make if callable(make) else lambda: make, frozenset(reasons), slow)


R = Reason
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
MHT = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n\r\n<script>"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00," + bytes(9) + b"\x02\x02D\x01\x00;"
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(200)
RTF = rb"{\rtf1\ansi{\object\objocx}}"
ZIP = good.archive([("a.txt", b"a")])
_TAR = bytes(257) + b"ustar\x0000" + bytes(247)

# What we do not take at all, under its own name.
FOREIGN: dict[str, tuple[bytes, Reason]] = {
    "setup.exe": (EXE, R.UNKNOWN),
    "setup.com": (EXE, R.UNKNOWN),
    "setup.scr": (EXE, R.UNKNOWN),
    "tool.elf": (b"\x7fELF\x02\x01\x01" + bytes(100), R.UNKNOWN),
    "run.sh": (b"#!/bin/sh\nid\n", R.UNKNOWN),
    "run.bat": (b"@echo off\r\ncalc\r\n", R.UNKNOWN),
    "run.ps1": (b"Invoke-Expression 'x'\n", R.UNKNOWN),
    "run.js": (b"WScript.Shell", R.UNKNOWN),
    "run.vbs": (b"CreateObject", R.UNKNOWN),
    "run.py": (b"import os\n", R.UNKNOWN),
    "page.html": (HTML, R.UNKNOWN),
    "page.htm": (HTML, R.UNKNOWN),
    "page.xhtml": (b"<?xml version='1.0'?>" + HTML, R.UNKNOWN),
    "page.svg": (SVG, R.UNKNOWN),
    "page.mht": (MHT, R.UNKNOWN),
    "page.mhtml": (MHT, R.UNKNOWN),
    "page.hta": (HTML, R.UNKNOWN),
    "page.php": (b"<?php system($_GET['c']);", R.UNKNOWN),
    "page.xml": (b"<?xml version='1.0'?><a/>", R.UNKNOWN),
    "link.url": (b"[InternetShortcut]\r\nURL=file://evil/x\r\n", R.UNKNOWN),
    "link.lnk": (b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(80), R.UNKNOWN),
    "keys.reg": (b"Windows Registry Editor", R.UNKNOWN),
    "old.doc": (OLE, R.OLD_OFFICE),
    "old.xls": (OLE, R.OLD_OFFICE),
    "mail.msg": (OLE, R.OLD_OFFICE),
    "setup.msi": (OLE, R.OLD_OFFICE),
    "mail.eml": (b"From: a@b.nl\r\nMIME-Version: 1.0\r\n\r\n", R.OLD_OFFICE),
    "brief.rtf": (RTF, R.UNKNOWN),
    "macro.docm": (ZIP, R.ARCHIVE),
    "macro.xlsm": (ZIP, R.ARCHIVE),
    "dia.pptx": (ZIP, R.ARCHIVE),
    "app.jar": (ZIP, R.ARCHIVE),
    "app.apk": (ZIP, R.ARCHIVE),
    "alles.zip": (ZIP, R.ARCHIVE),
    "leeg.zip": (b"PK\x05\x06" + bytes(18), R.ARCHIVE),
    "alles.rar": (b"Rar!\x1a\x07\x01\x00" + bytes(50), R.ARCHIVE),
    "alles.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(50), R.ARCHIVE),
    "alles.gz": (b"\x1f\x8b\x08" + bytes(50), R.ARCHIVE),
    "alles.bz2": (b"BZh91AY" + bytes(50), R.ARCHIVE),
    "alles.xz": (b"\xfd7zXZ\x00" + bytes(50), R.ARCHIVE),
    "alles.zst": (b"\x28\xb5\x2f\xfd" + bytes(50), R.ARCHIVE),
    "alles.cab": (b"MSCF" + bytes(50), R.ARCHIVE),
    "alles.tar": (_TAR, R.ARCHIVE),
    "beeld.gif": (GIF, R.UNKNOWN),
    "beeld.bmp": (b"BM" + bytes(60), R.UNKNOWN),
    "beeld.webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(30), R.UNKNOWN),
    "film.mp4": (MP4, R.UNKNOWN),
    "druk.ps": (b"%!PS-Adobe-3.0\n", R.UNKNOWN),
    "flits.swf": (b"FWS\x05" + bytes(30), R.UNKNOWN),
    "zonder": (b"tekst", R.UNKNOWN),
    "schijf.iso": (bytes(32769) + b"CD001", R.UNKNOWN),
}

# Under a name that we do take.
DISGUISED: dict[str, tuple[Callable[[], bytes], tuple[Reason, ...]]] = {
    "exe.pdf": (lambda: EXE, (R.UNKNOWN,)),
    "exe.txt": (lambda: EXE, (R.UNKNOWN,)),
    "exe.jpg": (lambda: EXE, (R.UNKNOWN,)),
    "html.txt": (lambda: HTML, (R.UNKNOWN,)),
    "html.csv": (lambda: HTML, (R.UNKNOWN,)),
    "html.pdf": (lambda: HTML, (R.UNKNOWN,)),
    "html.png": (lambda: HTML, (R.UNKNOWN,)),
    "xhtml.txt": (lambda: b"\n\n <?xml version='1.0'?><html/>", (R.UNKNOWN,)),
    "wide-html.txt": (lambda: HTML.decode().encode("utf-16"), (R.UNKNOWN,)),
    "late-html.txt": (lambda: b"Geachte heer,\n" * 90 + b"<script>alert(1)</script>", (R.UNKNOWN,)),
    "svg.png": (lambda: SVG, (R.UNKNOWN,)),
    "svg.txt": (lambda: SVG, (R.UNKNOWN,)),
    "mht.txt": (lambda: MHT, (R.UNKNOWN,)),
    "mht.docx": (lambda: MHT, (R.UNKNOWN,)),
    "rtf.docx": (lambda: RTF, (R.UNKNOWN,)),
    "rtf.txt": (lambda: RTF, (R.UNKNOWN,)),
    "script.csv": (lambda: b"#!/bin/sh\nid\n", (R.UNKNOWN,)),
    "php.txt": (lambda: b"a <?php system('id'); ?>", (R.UNKNOWN,)),
    "ole.docx": (lambda: OLE, (R.PASSWORD,)),
    "ole.pdf": (lambda: OLE, (R.OLD_OFFICE,)),
    "zip.pdf": (lambda: ZIP, (R.MISMATCH, R.ARCHIVE)),
    "zip.docx": (lambda: ZIP, (R.MISMATCH,)),
    "zip.xlsx": (lambda: ZIP, (R.MISMATCH,)),
    "zip.odt": (lambda: ZIP, (R.MISMATCH,)),
    "gzip.xlsx": (lambda: b"\x1f\x8b\x08" + bytes(50), (R.ARCHIVE,)),
    "tar.txt": (lambda: _TAR, (R.ARCHIVE,)),
    "xlsx.docx": (good.xlsx, (R.MISMATCH,)),
    "docx.xlsx": (good.docx, (R.MISMATCH,)),
    "odt.docx": (good.odt, (R.MISMATCH,)),
    "docx.odt": (good.docx, (R.MISMATCH,)),
    "odt.ods": (good.odt, (R.MISMATCH,)),
    "png.jpg": (good.png, (R.MISMATCH,)),
    "jpg.png": (good.jpeg, (R.MISMATCH,)),
    "tiff.png": (good.tiff, (R.MISMATCH,)),
    "jpg.heic": (good.jpeg, (R.MISMATCH,)),
    "pdf.txt": (good.pdf, (R.MISMATCH,)),
    "txt.pdf": (lambda: b"tekst", (R.MISMATCH,)),
    "pdf.docx": (good.pdf, (R.MISMATCH,)),
    "gif.png": (lambda: GIF, (R.UNKNOWN,)),
    "mp4.heic": (lambda: MP4, (R.UNKNOWN,)),
    "xml.txt": (lambda: b"<?xml version='1.0'?><a/>", (R.UNKNOWN,)),
}

NAMES = {
    "right-to-left": "loonstrook\u202efdp.pdf",
    "left-to-right": "loon\u202dstrook.pdf",
    "isolate": "loon\u2066strook.pdf",
    "mark": "loon\u200fstrook.pdf",
    "zero-width": "loon\u200bstrook.pdf",
    "byte-order": "\ufeffloonstrook.pdf",
    "nul": "loonstrook.exe\x00.pdf",
    "newline": "loon\nstrook.pdf",
    "escape": "loon\x1b[2Jstrook.pdf",
    "line": "loon\u2028strook.pdf",
    "second-exe": "loonstrook.exe.pdf",
    "second-html": "loonstrook.html.pdf",
    "second-js": "loonstrook.js.pdf",
    "second-svg": "loonstrook.SVG.pdf",
    "second-spaces": "loonstrook.exe      .pdf",
    "wide-dot": "loonstrook.exe\uff0epdf.pdf",
    "slip": "../../etc/passwd.pdf",
    "slip-windows": "..\\..\\autoexec.pdf",
    "stream": "loonstrook.pdf:x.pdf",
    "device": "con.pdf",
    "device-number": "LPT1.pdf",
    "last-dot": "loonstrook.pdf.",
    "last-space": "loonstrook.pdf ",
    "spaces": "   ",
    "empty": "",
    "long": "a" * 300 + ".pdf",
    "pipe": "loon|strook.pdf",
    "quote": 'loon"strook.pdf',
    "surrogate": "loon\ud800strook.pdf",
    "tag": "loon\U000e0041strook.pdf",
    "private": "loon\ue000strook.pdf",
    "star": "*.pdf",
}


def of_names() -> list[Hostile]:
    found = [case(f"name-{id_}", name, good.pdf, R.NAME, R.UNKNOWN) for id_, name in NAMES.items()]
    return [*found, case("ends-in-exe", "loonstrook.pdf.exe", good.pdf, R.UNKNOWN)]


def of_types() -> list[Hostile]:
    foreign = [case(f"foreign-{name}", name, content, reason) for name, (content, reason) in FOREIGN.items()]
    disguised = [case(f"disguised-{name}", name, make, *reasons) for name, (make, reasons) in DISGUISED.items()]
    empty = [case(f"empty-{ending}", f"leeg.{ending}", b"", R.EMPTY) for ending in ("pdf", "jpg", "docx", "txt")]
    return [*foreign, *disguised, *empty]
