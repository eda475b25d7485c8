"""The box of every page with the keyboard, what was looked at last, the shortcuts, and the bell."""

from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.browser.walker import ANN, Walker, inspect


def test_a_day_of_looking_things_up(walker: Walker) -> None:
    page = walker.page(ANN, axe=True)
    page.goto("/leads/")
    typed = page.locator(".row-name").first.inner_text().split()[-1][:5]
    page.keyboard.press("/")
    box = page.locator("#search-all")
    expect(box).to_be_focused()
    page.keyboard.insert_text(typed)
    expect(page.locator("#search-status")).not_to_be_empty()  # results, and what was looked at last no more
    first = page.locator("#search-found [role=option]").first
    expect(first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "found-1")
    assert inspect(page, "nl") == []
    page.keyboard.press("Escape")
    expect(page.locator("#search-found")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/*-*-*-*-*")
    opened = page.locator("h1").inner_text()

    page.keyboard.press("/")
    expect(page.locator("#search-found")).to_contain_text(opened.split(" & ")[0])  # looked at last
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_contain_text("g")
    assert inspect(page, "nl") == []
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/leads/")

    page.locator(".top-bell").click()
    page.wait_for_url("**/notifications/")
    page.goto(f"/search/?{urlencode({'q': typed})}")  # not just any word: who is called what differs each time
    page.keyboard.press("j")
    expect(page.locator(".results > .is-current a")).to_be_focused()
