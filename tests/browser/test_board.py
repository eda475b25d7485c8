"""The board in a browser: a card is dragged, put back, refused and closed; on a phone one column at a time."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.walker import DAAN, WOUTER, Walker, inspect


def first(column: Locator) -> Locator:
    return column.locator("[data-card]").first


def name_of(card: Locator) -> str:
    return card.locator(".row-name").inner_text()


def column(page: Page, name: str) -> Locator:
    found = page.locator("[data-step]").filter(has=page.get_by_role("heading", name=name, exact=True))
    found.locator("[data-total]:not(:empty)").wait_for()
    return found


def menu(page: Page, card: Locator, step: str) -> None:
    card.locator("[data-move]").click()
    page.locator("#steps-dialog").get_by_role("button", name=step, exact=True).first.click()


def test_a_card_goes_where_it_is_dropped(walker: Walker) -> None:
    walker.expected = {422}
    page = walker.page(DAAN, 1440, axe=True)
    page.goto("/pipelines/board")
    assigned, sought = column(page, "Toegewezen"), column(page, "Contact gezocht")
    name = name_of(first(assigned))
    first(assigned).drag_to(sought)
    expect(page.locator("#notices")).to_contain_text(f"{name} staat nu in “Contact gezocht”.")
    assert name_of(first(sought)) == name
    page.keyboard.press("u")
    expect(first(assigned).locator(".row-name")).to_have_text(name)
    expect(page.locator("#notices")).to_contain_text(f"{name} staat weer waar hij stond.")

    first(assigned).locator(".row-name").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#notices")).to_contain_text("staat nu in “Contact gezocht”")
    expect(first(sought).locator(".row-name")).to_be_focused()

    menu(page, first(sought), "Niet bereikbaar")  # asks for three attempts
    page.locator("#move-form [type=submit]").click()
    expect(page.locator("[data-problem]")).to_contain_text("3 keer contact zijn gezocht")
    assert inspect(page, "nl") == []
    page.locator("#move-form .form-buttons a").click()
    expect(first(sought).locator(".row-name")).to_have_text(name)
    page.reload()
    expect(first(column(page, "Contact gezocht")).locator(".row-name")).to_have_text(name)


def test_a_refused_card_goes_back(walker: Walker) -> None:
    walker.expected = {422}
    page = walker.page(DAAN, 1440)
    page.goto("/pipelines/board")
    assigned = column(page, "Toegewezen")
    card = first(assigned)
    name = name_of(card)
    page.route("**/move", lambda route: route.fulfill(status=422, json={"name": name, "problem": "Nee."}))
    card.locator(".row-name").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#notices")).to_contain_text(f"{name}: Nee.")
    expect(first(assigned).locator(".row-name")).to_have_text(name)
    expect(first(assigned).locator(".row-name")).to_be_focused()


@pytest.mark.parametrize("theme", ["dark"])
def test_on_a_phone(walker: Walker, theme: str) -> None:
    page = walker.page(WOUTER, 390, theme, axe=True)
    page.goto("/pipelines/board")
    page.locator("#board-goto").select_option(label="Advies")
    advice = column(page, "Advies")
    expect(advice).to_be_in_viewport()
    expect(page.locator("[data-step]").first).not_to_be_in_viewport()
    assert inspect(page, "nl") == []
    name = name_of(first(advice))
    menu(page, first(advice), "In behandeling")
    expect(page.locator("#notices")).to_contain_text(f"{name} staat nu in “In behandeling”.")
