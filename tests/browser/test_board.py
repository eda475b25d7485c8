"""The board in a browser: a card is dragged, put back, refused and closed; on a phone one column at a time."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.walker import MEG, Walker, inspect

FULL, BEFORE = "Lening in beheer", "Finaal akkoord"  # most leads of the demonstration got this far


def first(column: Locator) -> Locator:
    return column.locator("[data-card]").first


def name_of(card: Locator) -> str:
    return card.locator(".row-name").inner_text()


def column(page: Page, name: str) -> Locator:
    found = page.locator("[data-step]").filter(has=page.get_by_role("heading", name=name, exact=True))
    found.scroll_into_view_if_needed()
    found.locator("[data-total]:not(:empty)").wait_for()
    return found


def opened(walker: Walker, width: int, theme: str = "light") -> Page:
    page = walker.page(MEG, width, theme, axe=True)
    page.goto("/pipelines/board")
    return page


def test_a_card_goes_where_it_is_dropped(walker: Walker) -> None:
    walker.expected = {422}
    page = opened(walker, 1440)
    there, here = column(page, "Gelden uitbetaald"), column(page, FULL)
    page.wait_for_timeout(300)  # until the board stands still
    name = name_of(first(here))
    first(here).drag_to(column(page, "Afgewezen"))  # closing asks why first
    page.locator("#move-form textarea").wait_for()
    page.locator("#move-form [type=submit]").click()
    expect(page.locator("[data-problem]")).to_contain_text("Vul dit veld in")
    assert inspect(page, "nl") == []
    page.locator("#move-form .form-buttons a").click()

    page.keyboard.press("?")
    for key in ("Shift ←", "m", "u"):
        expect(page.locator("[data-keys-here] kbd").get_by_text(key, exact=True)).to_be_visible()
    page.keyboard.press("Escape")

    first(here).locator(".row-name").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#notices")).to_contain_text(f"{name} staat nu in “Gelden uitbetaald”.")
    expect(first(there).locator(".row-name")).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator("#notices")).to_contain_text(f"{name} staat weer waar hij stond.")
    expect(first(here).locator(".row-name")).to_have_text(name)

    first(here).drag_to(there)
    expect(first(there).locator(".row-name")).to_have_text(name)
    expect(page.locator("#notices")).to_contain_text(f"{name} staat nu in “Gelden uitbetaald”.")
    page.reload()
    expect(first(column(page, "Gelden uitbetaald")).locator(".row-name")).to_have_text(name)


def test_a_refused_card_goes_back(walker: Walker) -> None:
    walker.expected = {422}
    page = opened(walker, 1440)
    here = column(page, FULL)
    name = name_of(first(here))
    page.route("**/move", lambda route: route.fulfill(status=422, json={"name": name, "problem": "Nee."}))
    first(here).locator(".row-name").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#notices")).to_contain_text(f"{name}: Nee.")
    expect(first(here).locator(".row-name")).to_have_text(name)
    expect(first(here).locator(".row-name")).to_be_focused()


def test_on_a_phone(walker: Walker) -> None:
    page = opened(walker, 390, "dark")
    page.locator("#board-goto").select_option(label=FULL)
    here = page.locator("[data-step]").filter(has=page.get_by_role("heading", name=FULL, exact=True))
    expect(here).to_be_in_viewport()
    expect(page.locator("[data-step]").first).not_to_be_in_viewport()
    name = name_of(first(here))
    assert inspect(page, "nl") == []
    first(here).locator("[data-move]").click()
    expect(page.locator("#steps-dialog")).to_be_visible()
    page.locator("#steps-dialog [data-to]").filter(has_text=BEFORE).first.click()
    expect(page.locator("#notices")).to_contain_text(f"{name} staat nu in “{BEFORE}”.")
