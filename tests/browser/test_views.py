"""A list kept under a name: a tag is made, put on a lead, filtered by, saved, found in the menu, removed and back."""

import re

from playwright.sync_api import Page, expect

from tests.browser.walker import TON, Walker, names

TAG, VIEW = "Boat owners", "Who owns a boat"


def opened(page: Page, word: str) -> None:
    page.locator(".list-tools summary", has_text=word).click()


def test_a_tag_and_a_view(walker: Walker) -> None:
    page = walker.page(TON)
    page.goto("/tags/new")
    page.fill("[name=name]", TAG)
    page.select_option("select[name=colour]", "teal", force=True)
    page.get_by_role("button", name="Save").click()
    page.goto("/leads/?size=25&sort=name")
    chosen = names(page)[3]
    page.locator(".row-name").nth(3).click()
    tags = page.locator("#tags")
    tags.locator("select").select_option(label=TAG, force=True)
    tags.get_by_role("button", name="Put on").click()
    expect(tags.locator(".tag", has_text=TAG)).to_be_visible()
    page.goto("/leads/")
    opened(page, "Filter")
    page.locator("#tag").get_by_label(TAG, exact=True).check()
    page.locator(".menu[open] .btn-primary").click()
    expect(page.locator(".chip", has_text=TAG)).to_be_visible()
    assert names(page) == [chosen]
    opened(page, "Columns")
    expect(page.get_by_label("Tags", exact=True)).to_be_visible()
    page.goto(page.url + "&column=stage&column=tags")  # sent from the menu they would be remembered
    expect(page.locator("td .tag", has_text=TAG)).to_be_visible()  # it may have had others
    opened(page, "Views")
    page.fill("#view-name", VIEW)
    page.get_by_role("button", name="Save view").click()
    line = page.locator(".side-views a", has_text=VIEW)
    expect(line).to_have_attribute("aria-current", "page")
    page.goto("/leads/new")
    line.click()
    expect(page).to_have_url(re.compile("tag=.*view="))
    assert names(page) == [chosen]
    page.goto("/views/")
    page.get_by_role("row", name=VIEW).get_by_role("button", name="Remove").click()
    expect(line).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(line).to_be_visible()
    forget(page)


def forget(page: Page) -> None:
    """The other walks of this office find the list as it was."""
    page.get_by_role("row", name=VIEW).get_by_role("button", name="Remove").click()
    page.goto("/tags/")
    page.get_by_role("link", name=TAG).click()
    page.get_by_role("button", name="Remove the tag").click()
    expect(page.locator(".toast-note")).to_contain_text(TAG)
