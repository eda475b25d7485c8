"""Which files are taken: the allowlist. What is not here is refused."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from leadcrm.core.fields.terms import Terms


class Kind(Terms):
    PDF = "pdf", "Pdf", "PDF"
    JPEG = "jpeg", "Foto (JPEG)", "Photo (JPEG)"
    PNG = "png", "Afbeelding (PNG)", "Picture (PNG)"
    HEIC = "heic", "Foto (HEIC)", "Photo (HEIC)"
    TIFF = "tiff", "Scan (TIFF)", "Scan (TIFF)"
    DOCX = "docx", "Word-document", "Word document"
    XLSX = "xlsx", "Excel-werkmap", "Excel workbook"
    ODT = "odt", "LibreOffice-document", "LibreOffice document"
    ODS = "ods", "LibreOffice-werkblad", "LibreOffice sheet"
    TXT = "txt", "Tekst", "Text"
    CSV = "csv", "Tabel (CSV)", "Table (CSV)"

    @property
    def media_type(self) -> str:
        return FORMATS[self].media_type

    @property
    def extensions(self) -> tuple[str, ...]:
        """Without the dot, lower case, the usual one first."""
        return FORMATS[self].extensions

    @property
    def is_picture(self) -> bool:
        return FORMATS[self].reader == "pictures"

    @property
    def kept_as(self) -> "Kind":
        """What it is after cleaning: browsers cannot show HEIC, so that becomes JPEG."""
        return Kind.JPEG if self is Kind.HEIC else self

    def named(self, name: str) -> str:
        """The file name with an extension of this kind."""
        path = PurePosixPath(name)
        return name if path.suffix[1:].lower() in self.extensions else f"{path.stem}.{self.extensions[0]}"


@dataclass(frozen=True)
class Format:
    media_type: str
    extensions: tuple[str, ...]
    reader: str  # module of parsing/ that reads it


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
FORMATS = {
    Kind.PDF: Format("application/pdf", ("pdf",), "pdf"),
    Kind.JPEG: Format("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "pictures"),
    Kind.PNG: Format("image/png", ("png",), "pictures"),
    Kind.HEIC: Format("image/heic", ("heic", "heif"), "pictures"),
    Kind.TIFF: Format("image/tiff", ("tif", "tiff"), "pictures"),
    Kind.DOCX: Format(f"{_OFFICE}wordprocessingml.document", ("docx",), "office"),
    Kind.XLSX: Format(f"{_OFFICE}spreadsheetml.sheet", ("xlsx",), "office"),
    Kind.ODT: Format(f"{_OPEN}text", ("odt",), "office"),
    Kind.ODS: Format(f"{_OPEN}spreadsheet", ("ods",), "office"),
    Kind.TXT: Format("text/plain", ("txt",), "plain"),
    Kind.CSV: Format("text/csv", ("csv",), "plain"),
}
BY_EXTENSION = {extension: kind for kind, format_ in FORMATS.items() for extension in format_.extensions}
EXTENSIONS = tuple(BY_EXTENSION)  # for the `accept` of a file field
