"""The shared parts of all pages in a real browser, under the real policy: they work, and axe has nothing to say."""

import re
from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from werkzeug.serving import make_server

from leadcrm.core.assets.build import NODE_MODULES
from tests.browser.ways import ways
from tests.bundles import built_once
from tests.chromium import CHROMIUM
from tests.core.gallery.pages import CODES, make_app, sources

PAGES = ["list", "facts", "form", "form?wrong", "empty", "card", "work", "pieces", "said"] + [
    f"error/{code}" for code in CODES
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = make_app(built_once("gallery", sources()))
    server = make_server("localhost", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def chromium() -> Browser:
    return CHROMIUM.take()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A desk's browser. Anything that the policy refuses or a script throws fails the test."""
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900})
    yield from quiet_page(context)


def quiet_page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if re.search("Content Security|Trusted", said.text) else None,
    )
    yield page
    context.close()
    assert complaints == []


@ways(
    "width, theme, language, names",
    (1440, "light", "nl", PAGES[::2]),
    (390, "dark", "en", PAGES[1::2]),
    again=[(1440, "light", "nl", PAGES[1::2]), (1440, "dark", "en", PAGES), (1024, "light", "en", PAGES),
           (390, "light", "en", PAGES)],
)  # fmt: skip
def test_axe_finds_nothing_and_nothing_sticks_out(
    chromium: Browser, address: str, width: int, theme: str, language: str, names: list[str]
) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    axe = (NODE_MODULES / "axe-core" / "axe.min.js").read_text()
    found = []
    for name in names:
        page.goto(f"{name}{'&' if '?' in name else '?'}theme={theme}&lang={language}")
        page.evaluate(axe)
        violations = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
        found += [(name, broken["id"], broken["nodes"][0]["html"]) for broken in violations]
        found += [(name, "wider than the window")] * page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert found == []


def test_back_and_forward_before_the_scripts_are_there(page: Page) -> None:
    held: list[Route] = []
    coming = [Route.continue_, held.append]
    page.route("**/*.js", lambda route: coming.pop(0)(route))
    page.goto("list")
    page.get_by_role("link", name="Bedrag", exact=True).click()
    page.wait_for_url("**/rows")
    page.evaluate("history.back()")
    expect(page.locator(".row-name").first).to_have_text("Familie De Vries-Hoogeveen")
    page.evaluate("history.forward()")
    page.wait_for_url("**/rows", wait_until="commit")
    held[0].continue_()
    expect(page.locator(".row-name").first).to_have_text("El Amrani en De Groot")


def test_sorting_swaps_the_list_and_changes_the_address(page: Page) -> None:
    page.goto("list")
    page.get_by_role("link", name="Bedrag", exact=True).click()
    expect(page.locator(".row-name").first).to_have_text("El Amrani en De Groot")
    assert page.url.endswith("/rows")
    page.go_back()
    expect(page.locator(".row-name").first).to_have_text("Familie De Vries-Hoogeveen")
    expect(page.locator("h1")).to_have_text("Leads")


def test_a_range_of_rows_is_chosen_with_shift(page: Page) -> None:
    page.goto("list")
    expect(page.locator(".bulk-bar")).to_be_hidden()
    boxes = page.locator("input[data-choose]")
    boxes.nth(1).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-chosen]")).to_have_text("3")
    page.get_by_role("button", name="Selectie opheffen").click()
    expect(page.locator(".bulk-bar")).to_be_hidden()


def test_rows_open_from_the_keyboard_and_as_a_whole(page: Page) -> None:
    page.goto("list")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-chosen]")).to_have_text("1")
    expect(page.locator(".row-name").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/facts")
    page.go_back()
    page.get_by_text("Verbouwing").click()
    page.wait_for_url("**/facts")


def test_shortcuts_reach_search_and_overview(page: Page) -> None:
    page.goto("list")
    page.keyboard.press("/")
    expect(page.locator("#search-all")).to_be_focused()
    page.keyboard.type("n?")
    expect(page.locator("#search-all")).to_have_value("n?")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()


def test_a_refused_form_comes_back_with_its_errors_in_focus(page: Page) -> None:
    page.goto("form")
    page.get_by_role("button", name="Huishouden opslaan").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    page.locator(".error-summary a").first.click()
    expect(page.locator("#email")).to_be_focused()


def test_typed_work_is_not_lost_without_asking(page: Page) -> None:
    page.goto("form")
    page.locator("#last_name").fill("Anders")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("#leave").click()
    assert asked == ["U hebt nog niet opgeslagen wat u hier hebt getypt. Toch verdergaan?"]
    expect(page.locator("#last_name")).to_have_value("Anders")
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Fiche").first.click()
    page.wait_for_url("**/facts")
    assert asked[1] == "beforeunload"


def test_a_form_that_was_not_touched_asks_nothing(page: Page) -> None:
    page.goto("form")
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.get_by_role("link", name="Fiche").first.click()
    page.wait_for_url("**/facts")


def test_a_long_select_can_be_searched(page: Page) -> None:
    page.goto("form")
    bank = page.get_by_role("combobox", name="Huidige geldverstrekker")
    expect(bank).to_have_value("Obvion")
    bank.click()
    bank.fill("bank")
    expect(page.locator(".picker-list [role=option]")).to_have_text(
        ["ASN Bank", "Lloyds Bank", "Rabobank", "RegioBank", "Triodos Bank", "Volksbank"]
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(bank).to_have_value("Lloyds Bank")
    assert page.locator("select[name=bank]").input_value() == "lloyds bank"
    bank.fill("zzz")
    expect(page.get_by_text("Niets gevonden")).to_be_visible()
    page.keyboard.press("Escape")
    expect(bank).to_have_value("Lloyds Bank")


def test_a_date_can_be_typed_or_picked(page: Page) -> None:
    page.goto("form")
    expect(page.get_by_role("button", name="Datum kiezen")).to_be_visible()
    page.locator(".native-date").evaluate(
        "input => { input.value = '2026-02-03'; input.dispatchEvent(new Event('change')); }"
    )
    expect(page.locator("#born")).to_have_value("03-02-2026")


def test_an_error_leaves_the_page_as_it_is_and_says_so(page: Page) -> None:
    page.goto("form")
    page.locator("#break").click()
    expect(page.locator("#notices")).to_contain_text("Er ging iets mis aan onze kant")
    expect(page.locator("#last_name")).to_be_visible()
    page.get_by_role("button", name="Melding sluiten").click()
    expect(page.locator("#notices [data-toast]")).to_have_count(0)


def test_an_expired_token_is_replaced_in_every_form(page: Page) -> None:
    page.goto("form")
    page.locator("#household form").evaluate("form => form.setAttribute('hx-post', '/broken')")
    page.evaluate("htmx.process(document.querySelector('#household'), true)")
    page.get_by_role("button", name="Huishouden opslaan").click()
    expect(page.locator("#notices")).to_contain_text("Sla nog een keer op")
    expect(page.locator("#last_name")).to_be_visible()
    assert set(page.locator("input[name=csrf_token]").evaluate_all("inputs => inputs.map(input => input.value)")) == {
        "fresh"
    }


def test_no_answer_is_said(page: Page) -> None:
    page.goto("list")
    page.context.set_offline(True)
    page.get_by_role("link", name="Bedrag", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Geen verbinding met de server")


def test_a_hidden_value_is_shown_where_it_stands(page: Page) -> None:
    page.goto("facts")
    page.get_by_role("button", name=re.compile("Tonen IBAN")).first.click()
    expect(page.locator("dd", has_text="NL91 ABNA 0417 1643 00")).to_have_count(1)


def test_colours_change_at_once_and_stay(page: Page) -> None:
    page.goto("card")
    page.goto("list")
    page.locator(".top details.menu > summary").click()
    page.get_by_role("button", name="Donker").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.wait_for_timeout(200)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_system_colours_follow_the_system(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("form?theme=auto")
    dark = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    page.emulate_media(color_scheme="light")
    assert page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") != dark


def test_the_language_can_be_switched_on_every_page(page: Page) -> None:
    page.goto("list")
    page.locator(".top-language").get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="New lead")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_what_cannot_be_undone_is_asked_first(page: Page) -> None:
    page.goto("pieces")
    page.get_by_role("button", name="Lead verwijderen").click()
    page.get_by_role("button", name="Annuleren").last.click()
    assert page.url.endswith("/pieces")
    page.get_by_role("button", name="Lead verwijderen").click()
    with page.expect_response("**/broken"):
        page.get_by_role("button", name="Ja, doorgaan").click()


def test_a_job_shows_its_progress_until_it_is_done(page: Page) -> None:
    page.goto("work")
    expect(page.locator("progress")).to_have_count(1)
    expect(page.locator("progress")).to_have_count(0)
    expect(page.get_by_role("link", name="Naar de leads")).to_have_count(2)


def test_what_looks_by_itself_says_once_that_it_fails_and_takes_it_back(page: Page) -> None:
    """Every second the same message would bury the page, and be read out each time."""
    toasts, asked, goes_wrong = page.locator("#notices [data-toast]"), [0], [True]

    def answer(route: Route) -> None:
        asked[0] += 1
        if goes_wrong[0]:
            route.fulfill(response=route.fetch(url=route.request.url.replace("busy/poll", "broken")))
        else:
            route.continue_()

    page.route("**/busy/poll", answer)
    page.goto("work")
    while asked[0] < 6:
        page.wait_for_timeout(100)
    expect(toasts).to_have_count(1)
    expect(toasts).to_contain_text("Er ging iets mis aan onze kant")
    goes_wrong[0] = False
    expect(page.locator("progress")).to_have_count(0)
    expect(toasts).to_have_count(0)


def test_the_menu_folds_and_stays_folded(page: Page) -> None:
    page.goto("list")
    page.get_by_role("button", name="Menu inklappen").click()
    assert page.locator(".side").bounding_box()["width"] < 80  # type: ignore[index]
    page.reload()
    assert page.locator(".side").bounding_box()["width"] < 80  # type: ignore[index]


def test_script_elements_in_an_answer_never_run(page: Page) -> None:
    page.goto("list")
    page.route(
        "**/rows",
        lambda route: route.fulfill(
            body="<div id='leads'><b>ok</b><script>window.bad = 1</script></div>", content_type="text/html"
        ),
    )
    page.get_by_role("link", name="Bedrag", exact=True).click()
    expect(page.locator("#leads b")).to_have_text("ok")
    assert page.evaluate("[window.bad, document.querySelector('#leads script')]") == [None, None]


def test_code_in_attributes_never_runs(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("list")
    page.locator("h1").evaluate(
        "h1 => { h1.setAttribute('hx-on:click', 'window.bad = 1'); htmx.process(h1); h1.click(); }"
    )
    page.locator("h1").evaluate(
        "h1 => { h1.setAttribute('hx-get', '/rows'); h1.setAttribute('hx-vals', 'js:{a: window.bad = 1}');"
        " htmx.process(h1, true); h1.click(); }"
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.bad") is None
    context.close()


def test_everything_essential_is_there_without_scripts(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    for name in ("facts", "work", "said", "error/419", "list", "form"):
        page.goto(name)
        assert page.locator(".needs-script:visible").count() == 0, name
        if name == "list":
            expect(page.locator(".bulk-bar")).to_be_visible()
            page.locator(".top details.menu > summary").click()
            expect(page.get_by_role("button", name="Uitloggen")).to_be_visible()
    page.get_by_role("button", name="Huishouden opslaan").click()
    expect(page.locator(".error-summary")).to_be_visible()
    context.close()
