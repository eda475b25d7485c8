"""Pictures are kept without what they tell of where, when and with what they were made, and without passengers."""

import io

import pytest
from PIL import Image

from leadcrm.inspection.services.examining import examine_pieces
from leadcrm.inspection.services.kinds import Kind
from tests.inspection import good
from tests.inspection.hostile import HTML, ZIP
from tests.inspection.hostile_rest import chunk, zeros


def cleaned(content: bytes, name: str) -> bytes:
    verdict = examine_pieces([content], name)
    assert verdict.ok, (verdict.refused, verdict.detail)
    assert verdict.cleaned is not None
    first, second = b"".join(verdict.cleaned), b"".join(verdict.cleaned)
    assert first == second and len(first) == verdict.cleaned.size
    return first


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.asvs("V14.2.8")
@pytest.mark.parametrize(
    ("name", "make"),
    [("a.jpg", good.jpeg), ("a.png", good.png), ("a.tiff", lambda: good.tiff(2)), ("a.heic", good.heic)],
)
def test_a_picture_tells_nothing_of_its_maker(name: str, make: object) -> None:
    before = make()  # type: ignore[operator]
    assert good.PLACE.encode() in before
    after = cleaned(before, name)
    assert good.PLACE.encode() not in after
    assert not opened(after).getexif().get_ifd(0x8825)
    assert b"Exif" not in after


@pytest.mark.parametrize(("orientation", "size"), [(1, (320, 240)), (6, (240, 320)), (3, (320, 240))])
def test_a_photo_stays_upright(orientation: int, size: tuple[int, int]) -> None:
    """The telephone's note of how it was held goes; its meaning stays."""
    assert opened(cleaned(good.jpeg(orientation), "a.jpg")).size == size


def test_a_photo_keeps_its_quality_and_size() -> None:
    before = good.jpeg(size=(1600, 1200))
    after = cleaned(before, "a.jpg")
    assert opened(after).quantization == opened(before).quantization  # type: ignore[attr-defined]
    assert len(after) < 1.3 * len(before)


def test_a_photo_of_an_apple_telephone_becomes_one_that_everybody_can_see() -> None:
    verdict = examine_pieces([good.heic()], "IMG_2041.HEIC")
    assert verdict.kind is Kind.JPEG
    assert opened(cleaned(good.heic(), "IMG_2041.HEIC")).format == "JPEG"


def test_a_scan_keeps_its_pages_and_dots() -> None:
    for mode in ("1", "L", "RGB"):
        scan = opened(cleaned(good.tiff(3, mode), "a.tif"))
        assert (scan.n_frames, scan.mode) == (3, mode)  # type: ignore[attr-defined]
        assert scan.info["dpi"] == (300, 300)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_keeps_its_colours(mode: str) -> None:
    before, after = opened(good.png(mode)), opened(cleaned(good.png(mode), "a.png"))
    assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


@pytest.mark.parametrize("passenger", [ZIP, HTML])
def test_what_was_glued_to_a_picture_stays_behind(passenger: bytes) -> None:
    for name, content in (("a.jpg", good.jpeg()), ("a.png", good.png()), ("a.tif", good.tiff())):
        assert passenger not in cleaned(content + passenger, name)


def test_what_hides_in_a_picture_stays_behind() -> None:
    comment = b"\xff\xfe" + (len(HTML) + 2).to_bytes(2, "big") + HTML
    jpeg = good.jpeg()
    assert HTML not in cleaned(jpeg[:2] + comment + jpeg[2:], "a.jpg")
    png = good.png()
    words = chunk(b"tEXt", b"Comment\0" + HTML) + chunk(b"iCCP", b"x\0\0" + zeros(100))
    assert HTML not in cleaned(png[:33] + words + png[33:], "a.png")
