"""Leads arrive by themselves: a visitor fills in a form that stands in another site's page, the manager mends what a
supplier sent wrongly, and releases it."""

import re

from playwright.sync_api import expect

from tests.browser.walker import MEG, Walker, follow, inspect, press


def test_from_a_web_form_and_out_of_the_quarantine(walker: Walker) -> None:
    walker.expected = {422}
    page = walker.page(MEG, axe=True)
    page.goto("/intake/sources")
    follow(page.locator(".list-table tbody a.row-name").first)
    found = inspect(page, "nl")
    press(page, "How to deliver", role="link")
    expect(page.locator(".intake-example").first).to_contain_text("curl -X POST")
    found += inspect(page, "nl")
    page.go_back()
    follow(page.locator(".intake-forms a").first)
    found += inspect(page, "nl")
    address = page.locator("[data-copy-text]").last.inner_text()
    visitor = walker.page(None, 390, axe=True)
    visitor.goto(re.sub(r"^https?://[^/]+", "", address))
    visitor.fill("[name='applicant.birth_name']", "Walstra")
    visitor.fill("[name='applicant.email']", "geen adres")
    visitor.get_by_role("button").click()
    visitor.locator(".error-summary").wait_for()
    found += inspect(visitor, "nl")

    page.goto("/intake/arrivals")
    expect(page.locator(".chart")).to_be_visible()
    page.locator(".side").locator(".side-count").wait_for()
    page.goto("/intake/quarantine")
    follow(page.locator("tbody tr", has_text="Niet alles is bruikbaar").locator("a.row-name").first)
    found += inspect(page, "nl")
    page.fill("[name='applicant.email']", "hersteld@voorbeeld.example")
    page.fill("[name='applicant.phone']", "06 12 34 56 78")
    page.get_by_role("button", name="Vrijgeven als nieuwe lead").click()
    page.wait_for_url("**/leads/*")
    assert found == []
