"""Rows are chosen from the keyboard, one action is done with them and undone, and a list is taken away as a file."""

from playwright.sync_api import expect

from tests.browser.downloading import text_of
from tests.browser.speech import say
from tests.browser.walker import MEG, WORKER_MS, Walker, look_over
from tests.browser.ways import ways


@ways("width", (1440,), again=[(390,)])
def test_many_leads_at_once(walker: Walker, width: int) -> None:
    page = walker.page(MEG, width)
    page.goto("/leads/?sort=name&size=25&column=goal&column=iban&column=mortgage_amount")
    bar, rows = page.locator("[data-bulk]"), page.locator("tbody tr")
    before = rows.count()
    expect(bar).to_be_hidden()
    for key in ("j", "x"):
        page.keyboard.press(key)
    page.locator("#bulk-owner option").nth(2).wait_for(state="attached")  # fetched: the range goes on
    for key in ("j", "j", "X"):
        page.keyboard.press(key)
    expect(page.locator("[data-chosen]")).to_have_text("3")
    assert page.evaluate("innerHeight - document.querySelector('[data-bulk]').getBoundingClientRect().bottom") >= 0
    assert look_over(page, "nl") == []
    bar.get_by_role("button", name=say("nl", "Remove"), exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("3 leads zijn verwijderd.")
    page.locator("[data-toast]").get_by_role("button", name=say("nl", "Undo")).click()
    expect(page.locator("[data-toast]")).to_contain_text("3 leads zijn terug")

    page.goto("/leads/?sort=name&size=25&column=goal&column=iban&column=mortgage_amount")
    expect(rows).to_have_count(before)
    page.locator("input[data-choose]").first.check()
    page.locator("[data-choose-everything]").check()
    expect(page.locator("input[data-choose]:not(:checked)")).to_have_count(0)
    bar.get_by_role("button", name=say("nl", "Export"), exact=True).click()
    walker.prove(page, MEG, "text=alleen door u te downloaden")
    expect(page.locator("main")).to_contain_text("alleen door u te downloaden")
    assert look_over(page, "nl") == []
    page.check("[name=form][value=csv]")
    page.locator("main form [type=submit]").click()
    expect(page.locator("main")).to_contain_text("Uw bestand is klaar", timeout=WORKER_MS)
    assert len(text_of(page, "Download").splitlines()) > before
