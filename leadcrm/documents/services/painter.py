"""Turns one page of a file into a picture, in a process of its own: run by drawing.py, never imported.

What it reads was sent by somebody we do not know, and its readers are native code: a file that makes one of them fail
ends nobody but us, within limits of memory, time and pixels, with nothing to open, write or reach. What leaves is a
picture that we drew ourselves, so nothing of the file ever reaches a browser. PDFium is built without a script engine
and without XFA.

The file comes in on standard input; out goes one line of JSON (pages, width, height, or what is wrong) and the picture.
"""

import io
import json
import resource
import sys
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin

sys.path.insert(0, str(Path(__file__).parents[3]))
from leadcrm.inspection.parsing.cage import shut  # noqa: E402  # found by the line above: we are a program of our own

MOST_MEMORY = 1536 * 1024**2
MOST_SECONDS = 20
MOST_PIXELS = 120_000_000
TALLEST = 3  # times its width; what is longer is cut to fit
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}
LOADED = (MpoImagePlugin, TiffImagePlugin, WebPImagePlugin)  # while there are files to load them from
Image.preinit()


class NoSuchPage(Exception): ...


def box_of(width: int) -> tuple[int, int]:
    return width, width * TALLEST


def page_of_pdf(content: bytes, number: int, width: int) -> tuple[int, Any]:
    document = pypdfium2.PdfDocument(content)
    if number > len(document):
        raise NoSuchPage
    document.init_forms()
    page = document[number - 1]
    across, down = page.get_size()
    most_across, most_down = box_of(width)
    scale = min(most_across / max(across, 1), most_down / max(down, 1))
    return len(document), page.render(scale=scale, fill_color=(255, 255, 255, 255)).to_pil()


def page_of_picture(content: bytes, media_type: str, number: int, width: int) -> tuple[int, Any]:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # twice as many is where Pillow refuses
    image = Image.open(io.BytesIO(content), formats=[FORMATS[media_type]])
    pages = getattr(image, "n_frames", 1)
    if number > pages:
        raise NoSuchPage
    if number > 1:
        image.seek(number - 1)
    image.draft("RGB", box_of(width))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail(box_of(width))
    return pages, upright


def on_white(image: Any) -> Any:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    return image.convert("RGB")


def draw(content: bytes, media_type: str, number: int, width: int) -> tuple[int, Any]:
    if media_type == "application/pdf":
        return page_of_pdf(content, number, width)
    return page_of_picture(content, media_type, number, width)


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a pipe is no file
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    shut()


def say(**about: Any) -> None:
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n")


def main(media_type: str, number: str, width: str) -> None:
    limit()
    content = sys.stdin.buffer.read()
    try:
        pages, drawn = draw(content, media_type, int(number), int(width))
        picture = on_white(drawn)
    except NoSuchPage:
        return say(problem="page")
    except Exception:  # whatever a reader makes of a file that somebody broke
        return say(problem="broken")
    packed = io.BytesIO()
    picture.save(packed, "WEBP", quality=82, method=2)
    say(pages=pages, width=picture.width, height=picture.height)
    sys.stdout.buffer.write(packed.getvalue())
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
