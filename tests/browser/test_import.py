"""A file with the quirks of real ones goes through the wizard, and out again."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.downloading import text_of
from tests.browser.speech import say
from tests.browser.walker import HARM, JILDOU, WORKER_MS, Walker, language_of, names, press
from tests.browser.ways import ways

QUIRKS = """Naam;Naam;E-mailadres;Telefoon;Postcode;Huisnummer;Hypotheekbedrag;Jaarinkomen;Doel;Opmerking
Jan;de {mark};jan@{mark}.example;06-1234567{digit};1234 AB;12;250.000,50;45.000;oversluiten;wil snel bellen
Piet;{mark};geen adres;061234568{digit};2345BC;3;300000;;oversluiten;
;;;;;;;;;
Marie;Dekker;marie@{mark}.example;06 8765432{digit};4567 DE;22;199.999,99;38.500;oversluiten;"met ; erin"
"""


@ways("who, width, mark, digit", (JILDOU, 1440, "Walk", 1), again=[(HARM, 390, "Wandel", 2)])
def test_in_and_out_again(walker: Walker, tmp_path: Path, who: str, width: int, mark: str, digit: int) -> None:
    page, language = walker.page(who, width), language_of(who)
    file = tmp_path / "aanvragen.csv"
    file.write_bytes(QUIRKS.format(mark=mark, digit=digit).encode("cp1252"))
    page.goto("/leads/import")
    page.set_input_files("[name=file]", file)
    press(page, "Read the file", language)

    expect(page.locator(".imports-columns tbody tr")).to_have_count(10)
    expect(page.locator(".imports-columns tbody th").nth(1)).to_contain_text("Naam (2)")
    page.get_by_label("Naam", exact=True).select_option("applicant.call_name")
    page.get_by_label("Naam (2)", exact=True).select_option("applicant.birth_name")
    page.get_by_label("E-mailadres", exact=True).select_option("applicant.email")
    page.get_by_label("Hypotheekbedrag", exact=True).select_option("wish.mortgage_amount")
    expect(page.locator(".imports-preview")).to_contain_text("250.000,50" if language == "nl" else "250,000.50")
    press(page, "Check the lines", language)

    expect(page.get_by_role("button", name=say(language, "Import the leads"))).to_be_visible(timeout=WORKER_MS)
    expect(page.locator("main")).to_contain_text(say(language, "%(count)s lines", count=3))
    page.check("[name=on_problem][value=skip]")
    press(page, "Import the leads", language)
    done = page.locator(".notice-success")
    expect(done).to_have_text(say(language, "%(count)s leads are in.", count=2), timeout=WORKER_MS)
    left_out = text_of(page, "Download what was left out", language, "cp1252")
    assert "geen adres" in left_out and "Dekker" not in left_out and "Naam;Naam;E-mailadres" in left_out

    page.goto(f"/leads/?q={mark}")
    expect(page.locator("a.row-name")).to_have_count(2)
    assert sorted(names(page)) == [f"Jan de {mark}", "Marie Dekker"]
    page.go_back()
    press(page, "Undo this import", language)
    press(page, "Yes, continue", language)
    expect(page.locator(".notice-info")).to_be_visible(timeout=WORKER_MS)
    page.goto(f"/leads/?q={mark}")
    expect(page.get_by_role("heading", name=say(language, "No leads match"))).to_be_visible()


def test_what_is_no_table_is_one_clear_sentence(walker: Walker, tmp_path: Path) -> None:
    walker.expected = {422}
    page = walker.page(JILDOU)
    file = tmp_path / "raar.csv"
    for content in (b"", b"\x00\x01\x02\x03" * 100, b"\n\n\n", b"PK\x03\x04kapot"):
        file.write_bytes(content)
        page.goto("/leads/import")
        page.set_input_files("[name=file]", file)
        press(page, "Read the file")
        expect(page.locator("#file-error"), str(content)).to_be_visible()
        expect(page.locator("h1"), str(content)).to_have_text(say("nl", "Import leads"))
