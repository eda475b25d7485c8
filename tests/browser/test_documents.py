"""Ten files dragged onto a lead, from a desk and from a phone: nothing is lost, everything can be seen and undone."""

import re
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.downloading import keep
from tests.browser.speech import say
from tests.browser.walker import (
    ANN,
    CAROLIEN,
    DAAN,
    EVE,
    MEG,
    SANNE,
    WORKER_MS,
    Walker,
    follow,
    inspect,
    language_of,
    open_lead,
)  # fmt: skip
from tests.browser.ways import ways
from tests.inspection import good
from tests.patience import PATIENCE_MS

DROP = """async ({ files, target }) => {
  const data = new DataTransfer();
  for (const { name, type, content } of files)
    data.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], name, { type }));
  const place = document.querySelector(target);
  for (const event of ["dragenter", "dragover", "drop"])
    place.dispatchEvent(new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def ten() -> dict[str, bytes]:
    """What clients send: scans, photos of a phone, office files."""
    files = {f"Loonstrook {month}.pdf": good.pdf(f"Loonstrook {month}") for month in ("sept", "okt", "nov")}
    return files | {
        "Werkgeversverklaring.docx": good.docx(), "Jaaropgave 2025.xlsx": good.xlsx(),
        "IMG_0001.HEIC": good.heic(), "paspoort.jpg": good.jpeg(size=(800, 600)), "koopovereenkomst.tiff": good.tiff(),
        "Taxatierapport.pdf": good.pdf("Taxatie"), "notitie.txt": b"Graag bellen na zessen.\n",
    }  # fmt: skip


def drop(page: Page, files: dict[str, bytes], target: str = "#documents") -> None:

    told = [{"name": name, "type": "", "content": b64encode(content).decode()} for name, content in files.items()]
    page.evaluate(DROP, {"files": told, "target": target})


def row(page: Page, name: str) -> Any:
    return page.locator(".docs-row").filter(has=page.get_by_role("link", name=name, exact=True))


def documents_of(page: Page, place: int) -> str:
    """A lead of this place in the list, with its documents in sight."""
    address = open_lead(page, place)
    page.locator("#documents .docs-zone").wait_for()
    return address


@ways("who, width, theme", (CAROLIEN, 1440, "light"), again=[(EVE, 390, "dark")])
def test_ten_files_are_dragged_onto_a_lead(walker: Walker, who: str, width: int, theme: str) -> None:
    page, language = walker.page(who, width, theme, axe=True), language_of(who)
    address = documents_of(page, 6)
    before = page.locator(".docs-row").count()
    drop(page, ten())
    expect(page.locator(".docs-row")).to_have_count(before + 10, timeout=WORKER_MS)
    for name in ("Loonstrook nov.pdf", "paspoort.jpg", "Werkgeversverklaring.docx"):
        expect(row(page, name).get_by_role("link", name=say(language, "Download %(name)s", name=name))).to_be_visible(
            timeout=WORKER_MS
        )
    expect(page.locator(".docs-row .state-accent")).to_have_count(0, timeout=WORKER_MS)
    expect(page.locator(".docs-queue")).to_be_hidden()
    assert page.locator(".docs-row .docs-picture img").count() >= 7
    assert inspect(page, language) == []
    page.goto(address)
    expect(page.locator(".docs-row")).to_have_count(before + 10)


@ways("who, width", (ANN, 390), again=[(SANNE, 1440)])
def test_a_broken_connection_loses_nothing(walker: Walker, who: str, width: int, tmp_path: Path) -> None:
    """Stopped in the middle, it says so, and goes on by itself where it was; cancelled, nothing of it stays."""
    page, language = walker.page(who, width), language_of(who)
    documents_of(page, 7)
    large = tmp_path / "groot.pdf"
    large.write_bytes(good.pdf() + bytes(30_000_000))
    line = page.context.new_cdp_session(page)
    slow(line, 3_000_000)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.headers.get("upload-offset", "")))
    page.set_input_files("#documents-files", [large])
    sending = page.locator(".docs-sending")
    expect(sending).to_contain_text(re.compile(r"MB (van|of) 30 MB .*(per seconde|a second)"))
    until(page, "document.querySelector('.docs-sending progress').value > 35")
    slow(line, 3_000_000, offline=True)
    expect(sending).to_contain_text(say(language, "No connection. It goes on by itself when there is one."))
    slow(line, -1)
    expect(row(page, "groot.pdf")).to_have_count(1, timeout=WORKER_MS)
    assert sum(1 for offset in sent if offset == "0") == 1 and any(int(offset or 0) > 8_000_000 for offset in sent)
    slow(line, 1_000_000)
    unwanted = tmp_path / "weg.pdf"
    unwanted.write_bytes(good.pdf() + bytes(9_000_000))
    page.set_input_files("#documents-files", unwanted)
    page.locator(".docs-sending").get_by_role("button", name=say(language, "Cancel")).click()
    expect(page.locator(".docs-queue")).to_be_hidden()
    page.reload()
    page.locator("#documents .docs-zone").wait_for()
    expect(row(page, "groot.pdf")).to_have_count(1)
    expect(row(page, "weg.pdf")).to_have_count(0)
    walker.complaints = [each for each in walker.complaints if "ERR_INTERNET_DISCONNECTED" not in each]


def until(page: Page, holds: str) -> None:
    """Asked from outside: the policy of our pages lets no text become code, so wait_for_function() cannot."""
    limit = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(holds):
        assert time.monotonic() < limit, holds
        page.wait_for_timeout(100)


def slow(line: Any, speed: int, offline: bool = False) -> None:
    """Bytes a second upwards; -1: as fast as it goes."""
    rates = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": speed}
    line.send("Network.emulateNetworkConditions", {"offline": offline} | rates)


def test_what_is_refused_says_why_beside_the_file(walker: Walker) -> None:
    walker.expected = {422}
    page = walker.page(DAAN)
    documents_of(page, 2)
    before = page.locator(".docs-row").count()
    drop(page, {"programma.pdf": b"MZ" + bytes(3_000), "leeg.pdf": b"", "virus.exe": b"MZ", "goed.pdf": good.pdf()})
    expect(page.locator(".docs-sending.is-failed")).to_have_count(3)
    expect(row(page, "goed.pdf")).to_have_count(1, timeout=WORKER_MS)
    for name, words in (("programma.pdf", "soort"), ("leeg.pdf", "leeg"), ("virus.exe", "soort")):
        expect(page.locator(".docs-sending").filter(has_text=name)).to_contain_text(words)
    page.get_by_role("button", name=say("nl", "Clear"), exact=True).click()
    expect(page.locator(".docs-queue")).to_be_hidden()
    expect(page.locator(".docs-row")).to_have_count(before + 1)


@ways("who, width, theme", (EVE, 390, "light"), again=[(ANN, 1440, "dark")])
def test_looked_at_named_removed_and_brought_back(walker: Walker, who: str, width: int, theme: str) -> None:
    page, language = walker.page(who, width, theme, axe=True), language_of(who)
    address = documents_of(page, 4)
    drop(page, {"scan 1.pdf": good.pdf("Loonstrook")})
    expect(row(page, "scan 1.pdf").locator("img")).to_be_visible(timeout=WORKER_MS)
    row(page, "scan 1.pdf").get_by_role("link", name="scan 1.pdf", exact=True).click()
    picture = page.locator(".docs-page img")
    expect(picture).to_be_visible()
    until(page, "document.querySelector('.docs-page img').naturalWidth > 500")
    found = inspect(page, language)
    follow(page.get_by_role("link", name=say(language, "Edit"), exact=True))
    found += inspect(page, language)
    page.fill("[name=name]", "Loonstrook oktober.pdf")
    page.fill("[name=expires_on]", "01-02-2020")
    page.locator("main [type=submit]").click()
    expect(page.locator("h1")).to_have_text("Loonstrook oktober.pdf")
    follow(page.get_by_role("link", name=say(language, "Move to another lead")))
    found += inspect(page, language)
    page.goto(address)
    row(page, "Loonstrook oktober.pdf").locator("summary").click()
    row(page, "Loonstrook oktober.pdf").get_by_role("button", name=say(language, "Remove")).click()
    expect(row(page, "Loonstrook oktober.pdf")).to_have_count(0)
    page.locator("#notices").get_by_role("button", name=say(language, "Undo")).click()
    expect(row(page, "Loonstrook oktober.pdf")).to_contain_text("Verlopen" if language == "nl" else "Expired")
    found += inspect(page, language)
    row(page, "Loonstrook oktober.pdf").locator("summary").click()
    row(page, "Loonstrook oktober.pdf").get_by_role("button", name=say(language, "Remove")).click()
    page.get_by_role("link", name=re.compile(say(language, "Bin"))).click()
    expect(page.locator(".docs-row")).to_contain_text("Loonstrook oktober.pdf")
    found += inspect(page, language)
    assert found == []


@ways("who, width", (MEG, 1440), again=[(DAAN, 390)])
def test_without_a_script_everything_works_too(walker: Walker, who: str, width: int, tmp_path: Path) -> None:
    page = walker.page(who, width, script=False)
    open_lead(page, 3, script=False)
    page.get_by_role("link", name="Documenten", exact=True).click()
    files = [tmp_path / name for name in ("een.pdf", "twee.pdf")]
    for file in files:
        file.write_bytes(good.pdf(file.name))
    page.set_input_files("[name=file]", files)
    page.get_by_role("button", name=say("nl", "Send the files")).click()
    expect(page.locator("#notices")).to_contain_text("2 documenten zijn toegevoegd.")
    for name in ("een.pdf", "twee.pdf"):
        expect(row(page, name)).to_have_count(1)
    for _attempt in range(60):  # checked in the background; nothing refreshes by itself here
        if row(page, "een.pdf").locator("[download]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert keep(page, row(page, "een.pdf").locator("[download]")).suggested_filename == "een.pdf"
    everything = page.get_by_role("link", name=say("nl", "Download all"))
    assert keep(page, everything).suggested_filename.endswith(".zip")
