"""The painter draws what it can and takes nobody along when it cannot."""

import os
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from leadcrm.documents.services import drawing
from leadcrm.documents.services.drawing import CannotDraw, draw
from tests.documents.factories import a_pdf, a_png
from tests.inspection import good


def opened(picture: drawing.Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.content))
    assert image.format == "WEBP" and image.size == (picture.width, picture.height)
    return image


def test_a_page_of_a_pdf() -> None:
    picture = draw([a_pdf(3)], "application/pdf", 2)
    assert (picture.width, picture.pages) == (drawing.WIDE, 3)
    assert opened(picture).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_a_photo_stands_upright_and_has_lost_where_it_was_taken() -> None:
    picture = draw([good.jpeg(orientation=6, size=(400, 200))], "image/jpeg", width=drawing.NARROW)
    image = opened(picture)
    assert image.width < image.height and not image.getexif() and good.PLACE.encode() not in picture.content


def test_a_page_of_a_scan() -> None:
    assert draw([good.tiff(3)], "image/tiff", 3).pages == 3


def test_what_is_transparent_stands_on_white() -> None:
    packed = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(packed, "PNG")
    assert opened(draw([packed.getvalue()], "image/png")).convert("RGB").getpixel((20, 20)) == (255, 255, 255)


def flood() -> bytes:
    packed = BytesIO()
    Image.new("1", (30_000, 30_000)).save(packed, "PNG")
    return packed.getvalue()


def noise() -> bytes:
    return os.urandom(3_000_000)


@pytest.mark.parametrize(
    ("content", "media_type", "page"),
    [(b"%PDF-1.4 nothing", "application/pdf", 1), (a_pdf(), "application/pdf", 2), (b"", "image/png", 1),
     (a_pdf(), "image/png", 1), (a_png(), "image/jpeg", 1), (a_png(), "image/svg+xml", 1), (a_png(), "text/html", 1),
     (flood, "image/png", 1), (noise, "application/pdf", 1)],
    ids=["broken", "no such page", "empty", "another kind", "another picture", "svg", "html", "flood", "noise"],
)  # fmt: skip
def test_what_cannot_be_drawn(content: bytes | Callable[[], bytes], media_type: str, page: int) -> None:
    """What takes long to make is made here only: every process lists all cases."""
    with pytest.raises(CannotDraw):
        draw([content() if callable(content) else content], media_type, page)


def test_who_works_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 0.05)
    with pytest.raises(CannotDraw):
        draw([a_pdf()], "application/pdf")


def test_who_sends_no_end_of_it_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The source breaks off: its error comes through and no painter is left."""

    def broken() -> object:
        yield a_pdf()
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        draw(broken(), "application/pdf")  # type: ignore[arg-type]
    assert drawing._places._value == drawing.AT_ONCE  # type: ignore[attr-defined]
