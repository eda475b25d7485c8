"""Pictures are decoded in full and written anew: place, camera, thumbnail and whatever was glued to them are gone.

A JPEG keeps the tables and sampling it was made with, so that writing it anew costs next to nothing of its quality.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import pillow_heif
from PIL import Image, ImageFile, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin

from leadcrm.inspection.parsing.limits import MOST_PAGES, MOST_PIXELS, MOST_PIXELS_IN_ALL
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.serving import Task

FORMATS = {"jpeg": "JPEG", "png": "PNG", "tiff": "TIFF", "heic": "HEIF"}
MOST_SIDE = 32_000
QUALITY = 90
_PLAIN_PNG = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
_SEVERAL = (JpegImagePlugin.JpegImageFile.format, MpoImagePlugin.MpoImageFile.format)  # views; we keep the first

Image.MAX_IMAGE_PIXELS = None  # measured here, before a pixel is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 1024 * 1024
pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
pillow_heif.options.DEPTH_IMAGES = False
Image.preinit()


def read(task: Task) -> None:
    with Image.open(task.file, formats=_SEVERAL if task.kind == "jpeg" else (FORMATS[task.kind],)) as picture:
        if task.kind == "tiff":
            task.pages = _write_scan(cast(TiffImagePlugin.TiffImageFile, picture), task.cleaned)
            return
        if task.kind != "jpeg" and getattr(picture, "n_frames", 1) > 1:
            raise No("moving")
        _measure(picture)
        task.pages = 1
        {"jpeg": _write_jpeg, "png": _write_png, "heic": _write_photo}[task.kind](picture, task.cleaned)


def _measure(picture: Image.Image) -> int:
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise No("too_many_pixels", f"{width}x{height}")
    return width * height


def _bare(picture: Image.Image, mode: str = "") -> Image.Image:
    """Upright, and nothing but its pixels."""
    bare = ImageOps.exif_transpose(picture)  # a copy, turned or not
    bare = bare.convert(mode) if mode and bare.mode != mode else bare
    bare.info = {name: bare.info[name] for name in ("transparency",) if name in bare.info}
    return bare


def _write_jpeg(picture: Image.Image, out: BinaryIO) -> None:
    found: dict[str, Any] = {"quality": QUALITY}
    if isinstance(picture, JpegImagePlugin.JpegImageFile) and picture.mode in ("L", "RGB") and picture.quantization:
        found = {"qtables": picture.quantization}
        if picture.mode == "RGB" and (sampling := JpegImagePlugin.get_sampling(picture)) >= 0:
            found["subsampling"] = sampling
    mode = "" if picture.mode in ("L", "RGB") else "RGB"
    _bare(picture, mode).save(out, "JPEG", progressive=False, **found)


def _write_photo(picture: Image.Image, out: BinaryIO) -> None:
    """HEIC, which browsers cannot show, becomes JPEG."""
    _bare(picture, "RGB").save(out, "JPEG", quality=QUALITY)


def _write_png(picture: Image.Image, out: BinaryIO) -> None:
    _bare(picture, "" if picture.mode in _PLAIN_PNG else "RGBA").save(out, "PNG", compress_level=6)


def _write_scan(picture: TiffImagePlugin.TiffImageFile, out: BinaryIO) -> int:
    """Every page, one after another, so that one of them is in memory at a time."""
    if picture.n_frames > MOST_PAGES:
        raise No("too_much", "pages")
    sizes = []
    for number in range(picture.n_frames):
        picture.seek(number)
        sizes.append(_measure(picture))
    if sum(sizes) > MOST_PIXELS_IN_ALL:
        raise No("too_many_pixels", "in all")
    with TiffImagePlugin.AppendingTiffWriter(out, new=True) as scan:
        for page, how in _pages(picture):
            page.save(scan, "TIFF", **how)
            scan.newFrame()
    return len(sizes)


def _pages(picture: TiffImagePlugin.TiffImageFile) -> Iterator[tuple[Image.Image, dict[str, Any]]]:
    for number in range(picture.n_frames):
        picture.seek(number)
        dots = picture.info.get("dpi")
        how: dict[str, Any] = {"compression": "group4"} if picture.mode == "1" else _packed(picture)
        if isinstance(dots, tuple) and all(0 < float(dot) < 10_000 for dot in dots):
            how["dpi"] = dots
        yield _bare(picture, "" if picture.mode in ("1", "L", "P", "RGB", "RGBA", "I;16") else "RGB"), how


def _packed(picture: Image.Image) -> dict[str, Any]:
    """As it was: a photo stays one, so that it does not grow tenfold."""
    if picture.info.get("compression") == "jpeg" and picture.mode in ("L", "RGB"):
        return {"compression": "jpeg", "quality": QUALITY}
    return {"compression": "tiff_adobe_deflate"}


