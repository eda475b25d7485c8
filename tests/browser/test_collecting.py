"""A client delivers papers through a personal link, on a telephone; the adviser sees what came."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.speech import say
from tests.browser.walker import FEMKE, HARM, Walker, inspect, language_of, open_lead


def ask(page: Page, language: str) -> tuple[str, str, str]:
    """The lead, the address of the link and its code, as the adviser has them to pass on."""
    lead = open_one_that_misses_something(page)
    page.fill("[name=email]", "klant@voorbeeld.nl")
    if language == "en":
        page.select_option("select[name=language]", "en")
    page.locator("main form [type=submit]").click()
    page.locator(".client-both summary").click()
    address = page.locator(".client-both [data-copy-text]").inner_text()
    return lead, address, re.sub(r"\D", "", page.locator(".client-both .tabular").inner_text())


def open_one_that_misses_something(page: Page) -> str:
    """The form for a link: of whom everything is there, nothing is asked. Which leads those are is left to chance."""
    for place in range(20):
        lead = open_lead(page, place)
        page.locator("#collecting a.btn").click()
        page.locator("[name=email]").wait_for()
        if page.locator("[name=item]:checked").count():
            return lead
    raise AssertionError("nobody misses anything")


def a_photo(folder: Path) -> Path:
    """Of a telephone: noise does not get smaller."""
    file = folder / "IMG_0001.jpg"
    Image.effect_noise((1200, 1600), 90).convert("RGB").save(file, quality=92)
    return file


@pytest.mark.parametrize(("who", "theme", "script"), [(FEMKE, "light", True), (HARM, "dark", False)])
def test_a_client_delivers_from_a_telephone(walker: Walker, tmp_path: Path, who: str, theme: str, script: bool) -> None:
    walker.expected = {422}
    language = language_of(who)
    adviser = walker.page(who)
    lead, address, code = ask(adviser, language)
    adviser.goto(lead)
    adviser.locator("#collecting .state").first.wait_for()
    before = adviser.locator("#collecting .state-success").count()  # the demonstration has deliveries of its own
    client = walker.page(None, 390, theme, script=script, axe=script)

    def look() -> list[str]:
        return inspect(client, language) if script else []

    client.goto(address)
    found = look()
    client.fill("[name=code]", f"{int(code) ^ 1:06d}")
    client.locator(".client-button").click()
    expect(client.locator(".field-error")).to_be_visible()
    found += look()
    client.fill("[name=code]", f"{code[:3]} {code[3:]}")
    client.locator(".client-button").click()
    first = client.locator("[data-ask]").first
    expect(first).to_be_visible()
    found += look()
    photo = a_photo(tmp_path)
    if script:
        first.locator("[data-take][capture]").set_input_files(photo)
        expect(first.locator("[data-state=sent]")).to_contain_text(say(language, "Sent"))
        wrong = tmp_path / "virus.exe"
        wrong.write_bytes(b"MZ" + b"x" * 600)
        first.locator("[data-take][multiple]").set_input_files(wrong)
        expect(first.locator("[data-state=failed]")).to_be_visible()
    else:
        first.locator("[name=file]").set_input_files(photo)
        first.locator("button").click()
        expect(client.locator(".notice-success")).to_be_visible()
    found += look()
    client.locator(".client-ready button").click()
    expect(client.locator(".client-done")).to_be_visible()
    found += look()
    client.goto(address)
    expect(client.locator("[name=code]")).to_be_visible()  # a stranger again
    assert found == []
    adviser.goto(lead)
    expect(adviser.locator("#collecting")).to_contain_text("1")
    expect(adviser.locator("#collecting .state-success")).not_to_have_count(before)


def test_a_broken_connection_only_waits(walker: Walker, tmp_path: Path) -> None:
    """The telephone loses its network in the middle of a photo."""
    adviser = walker.page(FEMKE)
    _lead, address, code = ask(adviser, "nl")
    client = walker.page(None, 390)
    client.goto(address)
    client.fill("[name=code]", code)
    client.locator(".client-button").click()
    first = client.locator("[data-ask]").first
    client.route("**/uploads/*", lambda route: route.abort("internetdisconnected"), times=2)
    first.locator("[data-take][capture]").set_input_files(a_photo(tmp_path))
    expect(first.locator("[data-state=sent]")).to_be_visible()
    walker.complaints = [each for each in walker.complaints if "ERR_INTERNET_DISCONNECTED" not in each]


def test_looks_at_every_width(walker: Walker) -> None:
    """Nothing is cut off for who has a large telephone, or a small one and large letters."""
    adviser = walker.page(FEMKE)
    _lead, address, code = ask(adviser, "nl")
    client = walker.page(None, 1440, axe=True)
    client.goto(address)
    client.fill("[name=code]", code)
    client.locator(".client-button").click()
    client.locator("[data-ask]").first.wait_for()
    found = []
    for width in (320, 390, 1024):
        client.set_viewport_size({"width": width, "height": 800})
        found += inspect(client, "nl")
    assert found == []
