"""Citizen service numbers in files: found wherever people read them, made unreadable for certain, or refused."""

import io
import mmap
import re
from collections.abc import Callable

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from leadcrm.inspection.parsing.tables import Table
from leadcrm.inspection.services import masking, numbers
from leadcrm.inspection.services.examining import Verdict, examine_pieces
from leadcrm.inspection.services.numbers import numbers_in
from leadcrm.inspection.services.reading import Findings
from leadcrm.inspection.services.reasons import Reason
from tests.inspection import good

NUMBER = "123456782"
PASSPORT = "P<NLDDE<BRUIJN<<WILLEKE<LISELOTTE<<<<<<<<<<<\nSPECI20142NLD6503101F2403096123456782<<<<<08"
Change = Callable[[pikepdf.Pdf], None]


def verdict_of(content: bytes, name: str = "jaaropgave.pdf") -> Verdict:
    return examine_pieces([content], name)


def kept(content: bytes, name: str = "jaaropgave.pdf", count: int = 1) -> bytes:
    """What is kept of a file whose numbers could be hidden."""
    verdict = verdict_of(content, name)
    assert (verdict.ok, verdict.masked) == (True, count), (verdict.refused, verdict.detail)
    assert verdict.cleaned is not None
    assert NUMBER not in re.sub("[ .-]", "", verdict.text)
    return b"".join(verdict.cleaned)


def drawn(content: bytes, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    return document[page].render(scale=2).to_pil().convert("L")


def black(picture: Image.Image, box: tuple[int, int, int, int]) -> float:
    """Which part of it is black."""
    part = picture.crop(box)
    return sum(part.histogram()[:60]) / (part.width * part.height)


def typed(*words: tuple[int, int, str]) -> Change:
    """Words at places on the page, in this order."""
    code = "".join(f"1 0 0 1 {x} {y} Tm ({said}) Tj " for x, y, said in words)

    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Contents = document.make_stream(f"BT /F1 10 Tf {code} ET".encode())

    return change


@pytest.mark.parametrize(
    "words",
    [f"BSN: {NUMBER}", "Burgerservicenummer\n1234.56.782", "Uw sofinummer is 123 456 782.", PASSPORT],
)
def test_a_number_on_a_page_is_painted_over(words: str) -> None:
    content = kept(good.pdf(words))
    for text in (words.splitlines()[-1][-12:].encode(), NUMBER.encode()):
        assert text not in content
    document = pikepdf.open(io.BytesIO(content))
    assert {str(each.get("/Type")) for each in document.objects if isinstance(each, pikepdf.Dictionary)} <= {
        "/Catalog",
        "/Pages",
        "/Page",
        "None",
    }  # no font, no field, no structure: nothing that holds a word
    line = 842 - 760 + 16 * (len(words.splitlines()) - 1)
    assert black(drawn(content), (120, 2 * line - 18, 900, 2 * line + 6)) > 0.05


def test_a_statement_locked_against_changes_too() -> None:
    locked = pikepdf.Encryption(user="", owner="owner", R=6)
    kept(good.pdf(f"BSN: {NUMBER}", encryption=locked))


def test_what_stands_beside_it_stays_readable() -> None:
    content = good.pdf(
        change=typed((60, 700, "Bruto jaarloon 45.000"), (60, 600, "BSN"), (300, 600, NUMBER), (60, 500, "Einde"))
    )
    before, after = drawn(content), drawn(kept(content))
    number, words = (600, 2 * (842 - 610), 695, 2 * (842 - 598)), (110, 2 * (842 - 712), 330, 2 * (842 - 696))
    assert black(before, number) < 0.5 < 0.95 < black(after, number)
    assert abs(black(before, words) - black(after, words)) < 0.05


def test_every_place_of_the_number_is_painted_over() -> None:
    """Also where no word announces it."""
    content = kept(good.pdf(change=typed((60, 700, f"BSN {NUMBER}"), (60, 100, NUMBER), (300, 300, "123.456.782"))))
    for x, y in ((88, 700), (62, 100), (302, 300)):
        assert black(drawn(content), (2 * x, 2 * (842 - y) - 14, 2 * x + 70, 2 * (842 - y))) > 0.95


def test_what_stands_beside_each_other_is_read_together() -> None:
    """Labels written first and numbers later, as programs for payslips do: on paper they are one line."""
    labels = [(60, 700 - 20 * line, "BSN" if line == 9 else f"Looncomponent nummer {line}") for line in range(20)]
    values = [(300, 700 - 20 * line, NUMBER if line == 9 else "1.234,56") for line in range(20)]
    kept(good.pdf(change=typed(*labels, *values)))


def test_a_number_written_in_pieces_out_of_order_is_painted_over() -> None:
    content = good.pdf(change=typed((60, 700, "BSN"), (140, 700, "782"), (100, 700, "123"), (120, 700, "456")))
    after = drawn(kept(content))
    assert black(after, (202, 2 * (842 - 708), 312, 2 * (842 - 700))) > 0.9


def test_a_number_in_a_field_of_a_form_is_painted_over() -> None:
    content = kept(good.pdf(change=good.form("BSN", NUMBER)))
    assert black(drawn(content), (122, 2 * (842 - 618), 398, 2 * (842 - 602))) > 0.95


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_too(turn: int) -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Rotate = turn

    picture = drawn(kept(good.pdf(f"BSN: {NUMBER}", change)))
    upright = picture.rotate(turn, expand=True)
    assert black(upright, (190, 2 * (842 - 770), 280, 2 * (842 - 762))) > 0.9


@pytest.mark.parametrize(
    ("name", "words", "after"),
    [
        ("a.txt", "Mijn BSN is 1234.56.782.", "Mijn BSN is *********."),
        (
            "a.txt",
            f"BSN {NUMBER}, nogmaals {NUMBER}; klant 1123456700",
            "BSN *********, nogmaals *********; klant 1123456700",
        ),
        ("a.csv", f"naam;BSN\nBos;{NUMBER}\n", "naam;BSN\nBos;*********\n"),
        ("a.csv", "naam;BSN\nBos;10000008\n", "naam;BSN\nBos;*********\n"),
    ],
)
def test_text_is_kept_without_it(name: str, words: str, after: str) -> None:
    assert kept(words.encode(), name).decode() == after


def test_a_number_far_below_its_heading_is_found() -> None:
    rows = "\n".join(["naam;burgerservicenummer;adres"] + ["Jansen;0;" + "x" * 90] * 40 + [f"Bos;{NUMBER};y"])
    assert NUMBER.encode() not in kept(rows.encode(), "a.csv")
    table = Table()
    words = "".join(table.row(row) for row in [{1: "BSN"}, *[{1: "0", 2: "x" * 90}] * 30, {1: "10000008"}])
    assert len(numbers_in(words)) == 1


WINDOW = 4 * numbers.OVERLAP  # much less than it is


@pytest.mark.parametrize("at", [0, WINDOW - numbers.OVERLAP, *range(WINDOW - 20, WINDOW + 3)])
def test_a_long_text_is_looked_at_in_parts_that_overlap(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert numbers.WINDOW > 2 * WINDOW
    monkeypatch.setattr(numbers, "WINDOW", WINDOW)
    for behind in ("", "y" * WINDOW):
        text = "x" * at + f" BSN: {NUMBER}" + (f" {behind}" if behind else "")
        assert [text[start:end] for start, end in numbers_in(text)] == [NUMBER]


@pytest.mark.parametrize("words", [f"Ordernummer {NUMBER}", "BSN 123456789", "Rekening NL91ABNA0417164300"])
def test_other_numbers_are_left_alone(words: str) -> None:
    verdict = verdict_of(good.pdf(words))
    assert (verdict.ok, verdict.masked, verdict.cleaned) == (True, 0, None)


def test_what_is_refused_for_it_tells_no_number() -> None:
    verdict = verdict_of(good.docx(f"BSN {NUMBER}"), "a.docx")
    assert verdict.refused == Reason.BSN
    assert NUMBER not in repr(verdict) and NUMBER not in Reason.BSN.label


def test_one_that_is_left_after_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read once more, whatever made the number unreadable says."""
    told = []

    def read(reader: str, kind: str, content: object, said: bytes = b"") -> Findings:
        told.append(reader)
        cleaned = masking.Cleaned(_memory_of(b"x")) if reader == "blanking" else None
        return Findings(None, f"BSN {NUMBER}", cleaned)

    monkeypatch.setattr(masking, "read", read)
    with pytest.raises(masking.Refused) as refused:
        masking.masked(masking.Kind.TXT, None, Findings(None, f"BSN {NUMBER}", None), [(4, 13)])
    assert refused.value.detail == "one is left"
    assert told == ["blanking", "plain"]


def _memory_of(content: bytes) -> mmap.mmap:
    made = mmap.mmap(-1, len(content))
    made.write(content)
    return made
