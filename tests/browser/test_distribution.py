"""Distribution in a browser: a manager looks at rules, preview and fairness, and hands a lead over on two screens."""

from playwright.sync_api import expect

from tests.browser.walker import DAAN, MEG, Walker, inspect


def test_a_lead_is_handed_over_and_accepted(walker: Walker) -> None:
    walker.expected = {422}
    meg = walker.page(MEG, 1440, axe=True)
    meg.goto("/distribution/")
    rules = meg.locator(".distribution-rules > li")
    expect(rules).to_have_count(3)
    last = rules.last.locator(".row-name").inner_text()
    rules.last.get_by_role("button", name="Omhoog").click()
    expect(rules.nth(1).locator(".row-name")).to_have_text(last)
    rules.nth(1).get_by_role("button", name="Omlaag").click()
    expect(rules.last.locator(".row-name")).to_have_text(last)

    meg.goto("/distribution/preview")
    meg.locator(".distribution-why summary").first.click()
    assert inspect(meg, "nl") == []
    meg.goto("/distribution/report?days=365")
    expect(meg.locator(".distribution-chart")).to_be_visible()

    meg.goto("/leads/?owner=none")
    meg.locator(".leads-table .row-name").first.click()
    meg.locator("#distribution a[href$='/hand-over']").click()
    meg.locator("[name=to_id]").select_option(label="Daan Kuijpers", force=True)
    meg.locator("main .btn-primary").click()
    expect(meg.locator("#reason-error")).to_be_visible()
    meg.fill("#reason", "U spreekt deze klant al over een andere woning.")
    meg.locator("main .btn-primary").click()
    expect(meg.locator("#distribution")).to_contain_text("Wacht op antwoord van Daan Kuijpers")

    daan = walker.page(DAAN, 390, "dark", axe=True)
    daan.goto("/distribution/handovers")
    asked = daan.locator("section").filter(has_text="U spreekt deze klant al")
    expect(asked).to_contain_text("Wacht op antwoord")
    assert inspect(daan, "nl") == []
    asked.get_by_role("button", name="Aannemen", exact=True).click()
    expect(daan.locator("#distribution")).to_contain_text("opgepakt")
