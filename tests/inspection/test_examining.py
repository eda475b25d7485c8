"""What a file is, and that nothing hostile passes. All of the collection runs in tests/attack; here its fast part."""

import io
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as Picture

from leadcrm.inspection.services.examining import Verdict, examine_pieces
from leadcrm.inspection.services.kinds import BY_EXTENSION, Kind
from leadcrm.inspection.services.reasons import Reason, Refused
from leadcrm.inspection.services.sniffing import sniff
from tests.inspection import good
from tests.inspection.hostile import Hostile, of_names, of_types
from tests.inspection.hostile_pdf import encrypted, field_script
from tests.inspection.hostile_rest import HOSTILE

# One of each guard of the readers; those that are refused by name or first bytes all run here.
CHOSEN = """
    pdf-script-named pdf-script-escaped pdf-script-behind-format pdf-launch pdf-launch-earlier pdf-attached
    pdf-form-xfa pdf-password pdf-and-zip pdf-pixels pdf-packed-twice pdf-bsn-many-pages docx-macro docx-chunk
    docx-nested-other docx-template docx-dde-split docx-laughs docx-bsn-split xlsx-command xlsx-bsn-far
    odt-macro odt-password archive-bomb archive-bomb-lies archive-bomb-overlap archive-symlink archive-slip
    archive-encrypted archive-behind png-flood png-moving jpeg-flood heic-page csv-command
""".split()  # noqa: SIM905
BY_ID = {each.id: each for each in HOSTILE}
FAST = [*of_types(), *of_names(), *(BY_ID[id_] for id_ in CHOSEN)]


def verdict_of(content: bytes, name: str) -> Verdict:
    return examine_pieces([content[:1000], content[1000:]], name)


@pytest.mark.parametrize("name", good.ORDINARY)
def test_what_advisers_get_is_taken(name: str) -> None:
    verdict = verdict_of(good.ORDINARY[name](), name)
    assert (verdict.ok, verdict.refused) == (True, None), verdict.detail
    wanted = BY_EXTENSION[name.rpartition(".")[2].lower()].kept_as
    assert verdict.kind == wanted
    assert (verdict.cleaned is not None) == wanted.is_picture


@pytest.mark.asvs("V1.5.1", "V5.2.2", "V5.2.3", "V5.2.5", "V5.2.6")
@pytest.mark.parametrize("hostile", FAST, ids=lambda each: each.id)
def test_what_is_hostile_is_refused_with_its_reason(hostile: Hostile) -> None:
    verdict = verdict_of(hostile.make(), hostile.name)
    assert not verdict.ok
    assert verdict.refused in hostile.reasons, verdict.detail
    assert (verdict.cleaned, verdict.text) == (None, "")


def test_the_text_is_found_where_people_read_it() -> None:
    for name in ("loonstrook.pdf", "verklaring.docx", "inkomen.xlsx", "brief.odt", "begroting.ods"):
        assert good.WORDS in verdict_of(good.ORDINARY[name](), name).text
    assert verdict_of(good.pdf(), "a.pdf").pages == 1
    assert verdict_of(good.pdf(change=good.form("Werkgever", "Bakker BV")), "a.pdf").text.endswith(
        "Werkgever Bakker BV\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        'AFNumber_Format(2, 0, 0, 0, "\u20ac ", true);',
        'AFDate_FormatEx("dd-mm-yyyy");',
        'AFSimple_Calculate("SUM", new Array ("a", "b"));',
    ],
)
def test_a_form_that_shows_amounts_nicely_is_no_program(code: str) -> None:
    """Every employer's statement has such fields; Acrobat writes them."""
    assert verdict_of(good.pdf(change=field_script(code)), "werkgeversverklaring.pdf").ok


def test_a_statement_locked_against_changes_is_taken() -> None:
    """Banks do that: it opens without a password."""
    assert verdict_of(encrypted("")(), "afschrift.pdf").ok


def test_links_that_people_click_on_are_taken() -> None:
    parts = {
        "word/_rels/document.xml.rels": good.relations(
            ("hyperlink", "https://www.nhg.nl/", True),
            ("hyperlink", "mailto:a@b.nl", True),
            ("attachedTemplate", "file:///C:\\Users\\Ann\\Normal.dotm", True),
        )
    }
    assert verdict_of(good.archive((good.docx_parts() | parts).items()), "brief.docx").ok


def test_the_table_behind_a_chart_is_held_to_the_same() -> None:
    inside = {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": good.xlsx()}
    assert verdict_of(good.archive((good.docx_parts() | inside).items()), "brief.docx").ok
    inside = {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": good.changed(good.xlsx(), {"xl/vbaProject.bin": b"x"})}
    verdict = verdict_of(good.archive((good.docx_parts() | inside).items()), "brief.docx")
    assert verdict.refused == Reason.MACRO


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.txt", "Het inkomen <b 3000 en a<c, 5 > 3; zie <https://www.nhg.nl>"),
        ("a.csv", "datum;bedrag\n1-1-2026;-12,50\n2-1-2026;+31 6 12345678\n3-1-2026;=A1+B1\n4-1-2026;@jansen"),
        ("a.txt", "Ordernummer 123456782, klant 111222333"),
    ],
)
def test_ordinary_words_are_taken(name: str, words: str) -> None:
    verdict = verdict_of(words.encode(), name)
    assert verdict.ok, verdict.detail


@pytest.mark.parametrize(
    "name", ["Jaaropgave 2025 – müller & zn. (kopie).pdf", "jaaropgave.2025.v2.PDF", "نص.pdf", "می‌خواهم.pdf"]
)
def test_ordinary_names_are_taken(name: str) -> None:
    assert sniff(b"%PDF-1.7", name) is Kind.PDF


def test_the_name_follows_what_is_kept() -> None:
    assert Kind.HEIC.kept_as.named("IMG_2041.HEIC") == "IMG_2041.jpg"
    assert Kind.JPEG.named("foto.JPEG") == "foto.JPEG"


def test_a_refusal_speaks_both_languages_and_every_reason_has_its_words() -> None:
    assert "BSN" in Refused(Reason.BSN).message
    assert all(reason.nl.endswith(".") and reason.en.endswith(".") and reason.nl != reason.en for reason in Reason)
    assert max(map(len, Reason)) <= 60  # room of the columns that keep it


def test_what_other_programs_write_is_taken() -> None:
    """A workbook with a comment, a chart and a picture; an archive written without going back, as web offices do."""
    book = openpyxl.Workbook()
    for number in range(5):
        book.active.append([f"post {number}", number, f"=SUM(B1:B{number + 1})"])
    book.active["A1"].comment = Comment("klopt dit?", "Ann")
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=5))
    book.active.add_chart(chart, "E2")
    book.active.add_image(Picture(io.BytesIO(good.png())), "H2")
    file = io.BytesIO()
    book.save(file)
    verdict = verdict_of(file.getvalue(), "inkomen.xlsx")
    assert verdict.ok and "klopt dit?" in verdict.text, verdict.detail
    assert verdict_of(good.streamed(good.docx_parts()), "brief.docx").ok
    untidy = {"xl/drawings/vmlDrawing1.vml": b"<xml><div>a<br>b</div></xml>"}
    assert verdict_of(good.changed(good.xlsx(), untidy), "inkomen.xlsx").ok


@given(st.binary(max_size=400), st.text(max_size=40), st.sampled_from(["", ".pdf", ".docx", ".odt", ".txt", ".heic"]))
def test_whatever_comes_is_a_kind_or_refused(head: bytes, name: str, ending: str) -> None:
    for begin in (b"", b"%PDF-", b"PK\x03\x04", b"\x00\x00\x00\x18ftyp"):
        with suppress(Refused):
            assert ending[1:] in sniff(begin + head, name + ending).extensions or not ending
