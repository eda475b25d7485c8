"""An agent's morning on a telephone: called, planned, moved, seen in the calendar, done."""

import re

from playwright.sync_api import expect

from tests.browser.speech import say
from tests.browser.walker import SANNE, Walker, inspect, open_lead, press


def test_a_morning(walker: Walker) -> None:
    walker.expected = {422}
    page = walker.page(SANNE, 390, "dark", axe=True)
    open_lead(page)
    page.locator("#followup-aside").wait_for()
    press(page, "Task", role="link")
    page.fill("#lead-form [name=title]", "Taxateur bellen")
    press(page, "Save task")
    expect(page.locator("#lead-form .field-error").first).to_be_visible()  # no day yet; what was typed stays
    page.fill("#lead-form [name=due_at]", "01-12-2030")
    press(page, "Save task")
    expect(page.locator("#followup-aside")).to_contain_text("Taxateur bellen")

    press(page, "Appointment", role="link")
    page.locator("#lead-form [name=starts_at]").wait_for()
    found = inspect(page, "nl")
    page.fill("#lead-form [name=starts_at]", "03-12-2030 10:00")
    page.uncheck("#lead-form [name=invite]")
    press(page, "Save appointment")
    expect(page.locator("#followup-aside")).to_contain_text("3 dec 2030 10:00")
    page.locator("#followup-aside a", has_text=say("nl", "Getting acquainted")).first.click()
    page.fill("#lead-form [name=starts_at]", "04-12-2030 11:00")
    page.fill("#lead-form [name=ends_at]", "04-12-2030 12:00")
    press(page, "Save appointment")
    expect(page.locator("#followup-aside")).to_contain_text("4 dec 2030 11:00")
    page.locator("[data-toast] button", has_text=say("nl", "Undo")).click()
    expect(page.locator("#followup-aside")).to_contain_text("3 dec 2030 10:00")

    page.goto("/calendar?day=2030-12-03")
    expect(page.locator(".cal-block")).to_contain_text("10:00")
    found += inspect(page, "nl")
    page.keyboard.press("m")
    page.wait_for_url(re.compile("view=month"))
    expect(page.locator(".cal-block").first).to_be_visible()
    assert found + inspect(page, "nl") == []
