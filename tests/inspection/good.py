"""Ordinary files as advisers get them, made here so that no test depends on a file of somebody's."""

import io
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import openpyxl
import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

PLACE = "Keizersgracht 1"  # what a telephone writes into a photo, and nobody else may read
WORDS = "Loonstrook november 2026"


def pdf(words: str = WORDS, change: Callable[[pikepdf.Pdf], None] = lambda _document: None, **saving: object) -> bytes:
    """One page with these words; `change` has the document before it is saved."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    page = document.pages[0]
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
    lines = "".join(f"({line}) Tj 0 -16 Td " for line in words.splitlines())
    page.obj.Contents = document.make_stream(f"BT /F1 11 Tf 60 760 Td {lines} ET".encode())
    change(document)
    file = io.BytesIO()
    document.save(file, **{"deterministic_id": "encryption" not in saving} | saving)  # type: ignore[arg-type]
    return file.getvalue()


def form(label: str, value: str) -> Callable[[pikepdf.Pdf], None]:
    """A form with one field that was filled in."""

    def change(document: pikepdf.Pdf) -> None:
        field = document.make_indirect(
            Dictionary(
                FT=Name.Tx, T=label, V=value, Type=Name.Annot, Subtype=Name.Widget, Rect=Array([60, 600, 200, 620])
            )
        )
        document.pages[0].obj.Annots = Array([field])
        document.Root.AcroForm = Dictionary(Fields=Array([field]))

    return change


def drawing(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((20, 20, size[0] // 2, size[1] // 2), fill="navy")
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    told = Image.Exif()
    told[0x010E] = PLACE
    told[0x0112] = orientation
    told.get_ifd(0x8825).update({1: "N", 2: (52.0, 22.0, 30.0), 3: "E", 4: (4.0, 53.0, 0.0)})
    return told


def jpeg(orientation: int = 1, size: tuple[int, int] = (320, 240)) -> bytes:
    return saved(drawing(size), "JPEG", exif=exif(orientation), comment=PLACE.encode(), quality=92)


def several_views() -> bytes:
    """As telephones make them that see depth."""
    return saved(drawing(), "MPO", save_all=True, append_images=[drawing()], exif=exif())


def png(mode: str = "RGB") -> bytes:
    return saved(drawing(mode=mode), "PNG", exif=exif())


def tiff(pages: int = 3, mode: str = "1") -> bytes:
    more = [drawing(mode=mode) for _page in range(pages - 1)]
    return saved(drawing(mode=mode), "TIFF", save_all=True, append_images=more, dpi=(300, 300), description=PLACE)


def heic() -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(drawing()).save(file, exif=exif().tobytes())
    return file.getvalue()


def archive(parts: Iterable[tuple[str | zipfile.ZipInfo, bytes]], stored: tuple[str, ...] = ()) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts:
            plain = (name if isinstance(name, str) else name.filename) in stored
            made.writestr(name, content, zipfile.ZIP_STORED if plain else None)
    return file.getvalue()


class _Forward(io.RawIOBase):
    """A file that is only written to, from front to back."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.content += content
        return len(content)


def streamed(parts: dict[str, bytes]) -> bytes:
    """Sizes come behind each part, since they were not known before it."""
    file = _Forward()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return bytes(file.content)


_OFFICE = "application/vnd.openxmlformats-officedocument."
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
WORD_TYPE = f"{_OFFICE}wordprocessingml.document.main+xml"


def types_of(main: str, more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{main}"/>{more}</Types>'
    ).encode()


def relations(*each: tuple[str, str, bool]) -> bytes:
    """Type, target, whether outside."""
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATIONS}/{what}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if outside else ''}/>"
        for number, (what, target, outside) in enumerate(each)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'.encode()


def word_document(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document {_W}><w:body>{body}</w:body></w:document>'.encode()


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def docx_parts(words: str = WORDS) -> dict[str, bytes]:
    return {
        "[Content_Types].xml": types_of(WORD_TYPE),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", False)),
        "word/document.xml": word_document(paragraph(words)),
        "word/_rels/document.xml.rels": relations(("hyperlink", "https://www.nhg.nl/", True)),
    }


def docx(words: str = WORDS, **more: bytes | None) -> bytes:
    """`more`: parts by their path, with `__` for `/`; None leaves one out."""
    parts = docx_parts(words) | {name.replace("__", "/"): content for name, content in more.items()}
    return archive((name, content) for name, content in parts.items() if content is not None)


def xlsx(rows: Iterable[Iterable[object]] = ((WORDS, 3250.5),)) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(content: bytes, parts: dict[str, bytes | None]) -> bytes:
    """An archive with some parts replaced, added, or (None) left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        kept = [(name, old.read(name)) for name in old.namelist() if name not in parts]
    new = [(name, part) for name, part in parts.items() if part is not None]
    return archive([*kept, *new], stored=("mimetype",))


_ODF = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'  # noqa: E501
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def odf_manifest(inner: str = "", media: str = "text") -> bytes:
    return (
        f'<manifest:manifest xmlns:manifest="{_MANIFEST}"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="application/vnd.oasis.opendocument.{media}">{inner}</manifest:file-entry></manifest:manifest>'
    ).encode()


def odf_content(body: str) -> bytes:
    return f"<office:document-content {_ODF}><office:body>{body}</office:body></office:document-content>".encode()


def odt(words: str = WORDS, inner: str = "", **more: bytes) -> bytes:
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": odf_content(f"<office:text><text:p>{words}</text:p>{inner}</office:text>"),
        "META-INF/manifest.xml": odf_manifest(),
    } | {name.replace("__", "/"): content for name, content in more.items()}
    return archive(parts.items(), stored=("mimetype",))


def ods(rows: Iterable[Iterable[str]] = ((WORDS, "3250"),), attributes: str = "") -> bytes:
    lines = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell {attributes}><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": odf_content(
            f'<office:spreadsheet><table:table table:name="Blad1">{lines}</table:table></office:spreadsheet>'
        ),
        "META-INF/manifest.xml": odf_manifest(media="spreadsheet"),
    }
    return archive(parts.items(), stored=("mimetype",))


ORDINARY: dict[str, Callable[[], bytes]] = {
    "loonstrook.pdf": pdf,
    "foto.jpg": jpeg,
    "portret.jpg": several_views,
    "IMG_2041.HEIC": heic,
    "scan.png": png,
    "scan.tiff": tiff,
    "verklaring.docx": docx,
    "inkomen.xlsx": xlsx,
    "brief.odt": odt,
    "begroting.ods": ods,
    "notitie.txt": lambda: "Geachte heer Jansen,\r\nhierbij de stukken. Groet, Cindy €\r\n".encode(),
    "oud.txt": lambda: "Geachte heer Jánsen, € 12,50".encode("cp1252"),
    "unicode.txt": lambda: "Geachte heer Jansen".encode("utf-16"),
    "saldo.csv": lambda: b"datum;bedrag;omschrijving\r\n2026-11-01;-12,50;Boodschappen\r\n2026-11-02;+3250,00;Loon\r\n",
}
