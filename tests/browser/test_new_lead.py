"""A new household while somebody is on the telephone; and one that we know already."""

from playwright.sync_api import Page, expect

from tests.browser.speech import say
from tests.browser.walker import FEMKE, Walker, press

NEW = {"call_name": "Hanneke", "infix": "van der", "birth_name": "Proefwalk", "phone": "06-31415926",
       "email": "hanneke@proefwalk.example", "postcode": "4171ab", "house_number": "7"}  # fmt: skip


def fill(page: Page) -> None:
    for name, value in NEW.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("combobox", name="Doel").click()
    page.keyboard.type("oversl")
    page.keyboard.press("Enter")


def test_a_new_lead_and_the_same_once_more(walker: Walker) -> None:
    walker.expected = {422}
    page = walker.page(FEMKE)
    page.goto("/leads/")
    page.locator("h1").click()
    page.keyboard.press("n")
    page.wait_for_url("**/leads/new")
    press(page, "Save lead")
    expect(page.locator(".error-summary a")).to_have_count(2)
    fill(page)
    press(page, "Save lead")
    expect(page.locator("h1")).to_have_text("Hanneke van der Proefwalk")
    expect(page.locator("#person")).to_contain_text("06 31415926")
    expect(page.locator("#request")).to_contain_text("Oversluiten")
    reference = page.locator(".heading-row p").inner_text().split(" ")[0]

    page.goto("/leads/new")
    fill(page)
    expect(page.locator(".form-panel")).to_contain_text("zelfde telefoonnummer")  # said while typing; the button moves
    press(page, "Save lead")
    warning = page.locator(".notice-warning")
    expect(warning).to_contain_text(say("nl", "We may know this household already. Saving again adds it anyway."))
    expect(warning.get_by_role("link")).to_have_text("Hanneke van der Proefwalk")
    expect(warning).to_contain_text(reference)
    expect(page.locator("[name=email]")).to_have_value(NEW["email"])
    press(page, "Save anyway")
    expect(page.locator("h1")).to_have_text("Hanneke van der Proefwalk")
    assert reference not in page.locator(".heading-row p").inner_text()
