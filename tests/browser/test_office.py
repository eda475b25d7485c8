"""The manager hands out leads; the admin looks after people and sees no lead at all; everybody has it their way."""

from playwright.sync_api import expect

from tests.browser.speech import say
from tests.browser.walker import ADA, KEES, MARLEEN, MEG, TJEERD, TON, WOUTER, Walker, language_of, press
from tests.browser.ways import ways

UNASSIGNED = "/leads/?owner=none&sort=name&size=100"


@ways("who, to, width", (TON, KEES, 390), again=[(MEG, WOUTER, 1440)])
def test_the_manager_assigns_several_leads_and_takes_it_back(walker: Walker, who: str, to: str, width: int) -> None:
    """To somebody whose list no walk beside this one looks at."""
    page, language = walker.page(who, width), language_of(who)
    agent = walker.product.accounts[to]["name"]
    page.goto(UNASSIGNED)
    before = page.locator("tbody tr").count()
    assert before >= 2, "the demonstration has leads that nobody works on yet"
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.locator("input[data-choose]").nth(0).check()
    page.locator("input[data-choose]").nth(1).check()
    expect(page.locator("[data-chosen]")).to_have_text("2")
    page.select_option("#bulk-owner", label=agent)
    page.locator("[data-bulk]").get_by_role("button", name=say(language, "Assign"), exact=True).click()
    walker.prove(page, who, "[data-toast]:visible")
    expect(page.locator("[data-toast]")).to_contain_text(agent)
    expect(page.locator("tbody tr")).to_have_count(before - 2)
    assert "owner=none" in page.url
    page.locator("[data-toast]").get_by_role("button", name=say(language, "Undo")).click()
    expect(page.locator("[data-toast]")).to_contain_text(
        "2 leads zijn terug" if language == "nl" else "2 leads are back"
    )
    page.goto(UNASSIGNED)
    expect(page.locator("tbody tr")).to_have_count(before)
    walker.leave(page)
    assign_without_a_script(walker, who, agent)


def assign_without_a_script(walker: Walker, who: str, agent: str) -> None:
    """The names in the bar are fetched; where nothing fetches them, the button asks on a page of its own."""
    page, language = walker.page(who, script=False), language_of(who)
    page.goto(UNASSIGNED)
    before = page.locator("tbody tr").count()  # what the demonstration sends itself may have arrived meanwhile
    page.locator("input[data-choose]").nth(0).check()
    expect(page.locator("#bulk-owner")).to_be_hidden()
    page.locator("[data-bulk]").get_by_role("button", name=say(language, "Assign"), exact=True).click()
    walker.prove(page, who, "main select[name=owner]:visible")
    page.select_option("select[name=owner]", label=agent)
    page.locator("main form .btn-primary").click()
    walker.prove(page, who, "[data-toast]:visible")
    expect(page.locator("[data-toast]")).to_contain_text(agent)
    expect(page.locator("tbody tr")).to_have_count(before - 1)
    page.locator("[data-toast]").get_by_role("button", name=say(language, "Undo")).click()
    page.goto(UNASSIGNED)
    expect(page.locator("tbody tr")).to_have_count(before)


def test_the_admin_sees_people_and_failed_logins_and_no_lead(walker: Walker) -> None:
    walker.expected = {403, 422}
    stranger = walker.page()
    stranger.goto("/auth/sign-in")
    stranger.fill("[name=email]", "inbreker@elders.example")
    stranger.fill("[name=password]", "welkom2026")
    press(stranger, "Sign in")
    expect(stranger.get_by_role("alert")).to_be_visible()

    page = walker.page(ADA)
    page.goto("/")
    expect(page.locator("h1")).to_have_text(say("nl", "Users"))
    expect(page.locator("tbody")).to_contain_text("meg@hypotheekhoek.example.nl")
    assert page.locator("tbody tr").count() >= 24
    page.locator(".side").get_by_role("link", name=say("nl", "Failed logins")).click()
    attempt = page.locator(".list-table tbody tr").first  # the chart above it has a table too
    expect(attempt).to_contain_text("i•••@e•••.example")  # who does not exist is not written down
    expect(page.get_by_role("link", name="Leads")).to_have_count(0)
    answer = page.goto("/leads/")
    assert answer is not None and answer.status == 403
    expect(page.locator("h1")).to_have_text(say("nl", "You may not open this"))
    press(page, "To the first page", role="link")
    expect(page.locator("h1")).to_have_text(say("nl", "Users"))


def test_colours_and_language_stay(walker: Walker) -> None:
    page = walker.page(MARLEEN)
    page.goto("/leads/?sort=name")
    page.locator(".top details.menu > summary").last.click()
    with page.expect_response("**/preferences"):
        press(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator(".top-language").get_by_role("button", name="English").click()
    page.locator("html[lang=en]").wait_for()
    assert page.url.endswith("/leads/?sort=name")
    expect(page.get_by_role("link", name="New lead")).to_be_visible()
    other = walker.page(MARLEEN)  # another device, with a session of its own: it is kept with the account
    other.goto("/leads/")
    expect(other.locator("html[lang=en][data-bs-theme=dark]")).to_have_count(1)


def test_a_page_of_somebody_else_is_not_there(walker: Walker) -> None:
    walker.expected = {404}
    mine, theirs = walker.page(TJEERD), walker.page(MEG)
    theirs.goto("/leads/")
    address = theirs.locator("a.row-name").first.get_attribute("href") or ""
    said = set()
    for path in (address, "/leads/00000000-0000-4000-8000-000000000000", "/leads/nonsense"):
        answer = mine.goto(path)
        assert answer is not None and answer.status == 404
        said.add(mine.locator("main").inner_text())
    assert len(said) == 1
