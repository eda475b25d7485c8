"""Makes numbers in a PDF unreadable: every page becomes a picture of itself with bars over them.

A picture, since a PDF holds the words of a page in more places than one can be sure to have found: fields, structure,
earlier versions. What is kept has none of those.
"""

import ctypes
import io
import json
from collections.abc import Iterator

import pikepdf
import pypdfium2
import pypdfium2.raw as raw
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from leadcrm.inspection.parsing.pdf import opened
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.serving import Task

MOST_PAGES = 60
DOTS = 170  # an inch: clear on paper, some 200 kB a page
MOST_PIXELS = 12_000_000  # of a page; a larger one gets fewer dots
QUALITY = 80
MARGIN = 3  # pixels around a number
SEPARATORS = " .-\u00a0\r\n\t\ufffe\u00ad"
Box = tuple[float, float, float, float]  # left, bottom, right, top, in points
Image.preinit()


def read(task: Task) -> None:
    """`told`: the numbers, nine digits each. One that is on no page is a reason to refuse the file."""
    numbers = set(json.loads(task.told))
    source = pypdfium2.PdfDocument(task.file.read())
    if len(source) > MOST_PAGES:
        raise No("bsn", "pages")
    source.init_forms()
    fields = _fields(task, numbers)
    made, seen = pikepdf.new(), set()
    for index in range(len(source)):
        page = source[index]
        found = list(_found(page, numbers)) + fields.get(index, [])
        seen |= {number for number, _boxes in found}
        _add(made, page, [box for _number, boxes in found for box in boxes])
        page.close()
    if seen != numbers:
        raise No("bsn", "not found on a page")
    made.save(task.cleaned)
    task.pages = len(made.pages)


def _fields(task: Task, numbers: set[str]) -> dict[int, list[tuple[str, list[Box]]]]:
    """What is written in fields of a form, by page."""
    found: dict[int, list[tuple[str, list[Box]]]] = {}
    with opened(task.file) as document:
        for index, page in enumerate(document.pages):
            for note in page.obj.get("/Annots", Array([])):
                words = "".join(filter(str.isdigit, f"{note.get('/V', '')} {note.get('/Contents', '')}"))
                hits = [number for number in numbers if number in words]
                if hits and "/Rect" in note:
                    left, bottom, right, top = (float(edge) for edge in note.Rect)
                    found.setdefault(index, []).extend((number, [(left, bottom, right, top)]) for number in hits)
    return found


def _found(page: pypdfium2.PdfPage, numbers: set[str]) -> Iterator[tuple[str, list[Box]]]:
    """Each number and the boxes of its digits: in the order of writing, and in the order in which one reads."""
    words = page.get_textpage()
    letters = [(chr(raw.FPDFText_GetUnicode(words, index)), index) for index in range(words.count_chars())]
    written = [(letter, words.get_charbox(index, loose=True)) for letter, index in letters if letter not in SEPARATORS]
    words.close()
    for order in (written, sorted(written, key=lambda each: (-round(each[1][1] / 3), each[1][0]))):
        line = "".join(letter for letter, _box in order)
        for number in numbers:
            start = line.find(number)
            while start >= 0:
                yield number, _bars([box for _letter, box in order[start : start + len(number)]])
                start = line.find(number, start + 1)


def _bars(boxes: list[Box]) -> list[Box]:
    """One bar where the digits stand on one line: its outline tells nothing of them."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    whole = min(lefts), min(bottoms), max(rights), max(tops)
    return [whole] if whole[3] - whole[1] < 2 * (tops[0] - bottoms[0]) else boxes


def _add(made: pikepdf.Pdf, page: pypdfium2.PdfPage, boxes: list[Box]) -> None:
    across, down = page.get_size()
    scale = min(DOTS / 72, (MOST_PIXELS / max(across * down, 1)) ** 0.5)
    picture = page.render(scale=scale, fill_color=(255, 255, 255, 255)).to_pil().convert("RGB")
    pen = ImageDraw.Draw(picture)
    for left, bottom, right, top in boxes:
        corners = [_on(picture, page, x, y) for x, y in ((left, bottom), (right, top))]
        (x0, x1), (y0, y1) = (sorted(each) for each in zip(*corners, strict=True))
        pen.rectangle((x0 - MARGIN, y0 - MARGIN, x1 + MARGIN, y1 + MARGIN), fill="black")
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=QUALITY)
    made.add_blank_page(page_size=(across, down))
    drawn = made.make_stream(
        packed.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height,
        ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
    )  # fmt: skip
    made.pages[-1].obj.Resources = Dictionary(XObject=Dictionary(Page=drawn))
    made.pages[-1].obj.Contents = made.make_stream(f"{across} 0 0 {down} 0 0 cm /Page Do".encode())


def _on(picture: Image.Image, page: pypdfium2.PdfPage, x: float, y: float) -> tuple[int, int]:
    """A place on the page, as a place in its picture, however the page is turned and cut."""
    right, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, picture.width, picture.height, 0, x, y, right, down)
    return right.value, down.value

