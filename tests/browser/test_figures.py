"""The manager reads the figures: a period, a number and the leads behind it, a bar of the chart, the same as a file."""

from playwright.sync_api import expect

from tests.browser.downloading import keep
from tests.browser.walker import TON, Walker
from tests.figures.test_pages import YEAR


def test_the_manager_reads_the_figures(walker: Walker) -> None:
    page = walker.page(TON, 390)
    page.goto(f"/figures/{YEAR}")
    address = page.url
    funnel = page.locator("#figure-funnel")
    reached = funnel.locator("tbody tr").nth(2).locator("a").first
    number = reached.inner_text()
    reached.click()
    expect(page.locator("#leads output").first).to_have_text(number)
    page.go_back()
    page.locator("#figure-volume svg a").first.click()
    expect(page.locator(".chip").first).to_contain_text("Expected in")
    page.go_back()
    assert keep(page, page.locator("#figure-speed a[download]")).suggested_filename.startswith("speed-")
    with page.expect_navigation():
        page.get_by_role("button", name="Refresh").click()
    expect(page).to_have_url(address)
