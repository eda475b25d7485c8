"""After signing out the browser shows nothing any more: not with its back button, not from its cache."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import Product
from tests.browser.speech import say
from tests.browser.walker import FEMKE, JILDOU, Walker
from tests.chromium import ARGUMENTS, chromium_or_skip


def sign_in_with_all_steps(page: Page, walker: Walker, who: str) -> None:
    page.goto("/auth/sign-in")
    page.fill("[name=email]", who)
    page.fill("[name=password]", walker.product.accounts[who]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/auth/second-factor**")
    walker.give_code(page, who)


def sign_out(page: Page) -> None:
    page.locator(".top details.menu > summary").last.click()
    page.get_by_role("button", name=re.compile("^(Uitloggen|Sign out)$")).click()
    page.wait_for_url("**/auth/sign-in**")


def a_lead_was_seen(page: Page) -> str:
    """The name of a client that stood on the screen."""
    page.goto("/leads/")
    link = page.locator("[data-row] a").first
    name = link.inner_text().strip()
    link.click()
    page.wait_for_url(re.compile(r"/leads/[0-9a-f-]{36}"))
    assert len(name) > 3
    return name


def shows_nothing(page: Page, name: str) -> None:
    expect(page.locator("h1")).to_have_text(say("nl", "Sign in"))
    expect(page.locator("body")).not_to_contain_text(name)
    assert page.locator("[data-row]").count() == 0


@pytest.mark.asvs("V14.3.1", "V14.3.2")
@pytest.mark.parametrize("kept", [True, False], ids=["browser keeps pages", "browser keeps none"])
def test_the_back_button_shows_nothing(walker: Walker, product: Product, kept: bool) -> None:
    """With the browser's own store of whole pages, which Playwright usually switches off, and without."""
    leave_out = ["--disable-back-forward-cache"] if kept else []
    other = walker.chromium.browser_type.launch(
        executable_path=chromium_or_skip(), args=ARGUMENTS, ignore_default_args=leave_out
    )
    walking = Walker(other, product)
    try:
        page = walking.page()
        sign_in_with_all_steps(page, walking, FEMKE if kept else JILDOU)
        name = a_lead_was_seen(page)
        sign_out(page)
        for _ in range(3):
            page.go_back()
            shows_nothing(page, name)
        page.reload()
        shows_nothing(page, name)
        assert page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])").find(name) == -1
        walking.close()
    finally:
        other.close()
