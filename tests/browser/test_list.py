"""The list of leads: whose it shows, and that its address is all there is to its state."""

from playwright.sync_api import Page, expect

from tests.browser.speech import say
from tests.browser.walker import ANN, EVE, MEG, TON, Walker, language_of, names, press
from tests.browser.ways import ways

FEW = "/leads/?size=25&sort=name"


def test_an_agent_sees_her_own_leads_and_the_manager_all(walker: Walker) -> None:
    eve, ton = walker.page(EVE), walker.page(TON)
    eve.goto("/leads/?size=100")
    ton.goto("/leads/?size=100")
    own = sorted(names(eve))
    assert 3 < len(own) < len(names(ton))
    name = walker.product.accounts[EVE]["name"]
    ton.locator("summary", has_text=say("en", "Filter")).click()
    ton.select_option("#owner-select", label=name, force=True)
    press(ton, "Show", "en")
    expect(ton.locator(".chip")).to_contain_text(name)
    assert sorted(names(ton)) == own


@ways("who, width", (EVE, 390), again=[(ANN, 1440)])
def test_filter_and_sort_and_back(walker: Walker, who: str, width: int) -> None:
    page, language = walker.page(who, width), language_of(who)
    page.goto("/leads/")
    whole = names(page)
    page.locator("summary", has_text=say(language, "Filter")).click()
    page.select_option("select[name=stage]", "open", force=True)
    page.fill("[name=amount_from]", "100.000")
    press(page, "Show", language)
    expect(page.locator(".chip")).to_have_count(2)
    some = names(page)
    assert 0 < len(some) < len(whole)
    assert "stage=open" in page.url and "amount_from=100.000" in page.url
    page.goto(page.url + "&sort=name")
    sorted_some = names(page)
    assert sorted(sorted_some) == sorted(some)
    page.goto(page.url.replace("sort=name", "sort=-name"))
    assert names(page) == sorted_some[::-1]
    page.reload()
    assert names(page) == sorted_some[::-1]
    page.go_back()
    page.go_back()
    expect(page.locator(".chip")).to_have_count(2)
    assert names(page) == some
    page.locator(".chip a").first.click()
    expect(page.locator(".chip")).to_have_count(1)
    page.go_back()
    expect(page.locator(".chip")).to_have_count(2)
    page.go_back()
    expect(page.locator(".chip")).to_have_count(0)
    assert names(page) == whole


def test_headings_sort_both_ways(walker: Walker) -> None:
    page = walker.page(ANN)
    page.goto("/leads/")
    page.locator("#sort-mortgage_amount").click()
    expect(page.locator("th[aria-sort=descending] #sort-mortgage_amount")).to_be_visible()
    down = amounts(page)
    page.locator("#sort-mortgage_amount").click()
    expect(page.locator("th[aria-sort=ascending] #sort-mortgage_amount")).to_be_visible()
    assert amounts(page) == sorted(down) and down == sorted(down, reverse=True)


def amounts(page: Page) -> list[int]:
    shown = page.locator("tbody td.number").all_inner_texts()
    return [int("".join(filter(str.isdigit, text))) for text in shown if text.strip()]


def test_pages_by_key(walker: Walker) -> None:
    page = walker.page(TON)  # in whose office no walk beside this one makes or removes leads
    page.goto(FEW)
    first = names(page)
    assert len(first) == 25
    page.locator("#page-older").click()
    expect(page.locator("#page-newer")).to_be_visible()
    second = names(page)
    assert not set(first) & set(second) and "page=" in page.url
    page.reload()
    assert names(page) == second
    page.locator("#page-newer").click()
    expect(page.locator("#page-newer")).to_have_count(0)
    assert names(page) == first
    page.go_back()
    expect(page.locator("#page-newer")).to_be_visible()
    assert names(page) == second


def test_columns_of_ones_choice_are_remembered(walker: Walker) -> None:
    page = walker.page(TON)
    page.goto("/leads/")
    heading = page.locator("thead th", has_text="E-mail")
    expect(heading).to_have_count(0)
    page.locator("summary", has_text=say("en", "Columns")).click()
    page.locator("input[name=column][value=email]").check()
    page.locator("input[name=column][value=goal]").uncheck()
    page.locator(".menu[open]").get_by_role("button", name=say("en", "Show")).click()
    expect(heading).to_have_count(1)
    page.goto("/leads/")
    expect(heading).to_have_count(1)
    expect(page.locator("thead th", has_text="Goal")).to_have_count(0)


def test_search_finds_by_name_and_reference(walker: Walker) -> None:
    page = walker.page(ANN)
    page.goto("/leads/")
    name = names(page)[0]
    reference = page.locator(".row-head .row-under").first.inner_text()
    for sought in (name.split()[-1], reference):
        page.locator("h1").click()
        page.keyboard.press("/")
        expect(page.locator("#search-all")).to_be_focused()
        page.keyboard.type(sought)
        page.keyboard.press("Enter")
        expect(page.locator(".results .found-name", has_text=name).first).to_be_visible()
    page.goto("/leads/?q=Onvindbaarstein")
    expect(page.get_by_role("heading", name=say("nl", "No leads match"))).to_be_visible()


def addresses(page: Page) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator("a.row-name").all()]


def test_without_scripts_everything_essential_works(walker: Walker) -> None:
    page = walker.page(MEG, script=False)
    page.goto(FEW)
    first = addresses(page)  # there are namesakes
    page.locator("#page-older").click()
    assert not set(first) & set(addresses(page))
    page.locator("#sort-mortgage_amount").click()
    assert amounts(page) == sorted(amounts(page), reverse=True)
    page.locator("summary", has_text=say("nl", "Filter")).click()
    page.get_by_text(say("nl", "Choose filters")).click()
    page.select_option("select[name=stage]", "closed")
    press(page, "Show")
    expect(page.locator(".chip")).to_have_count(1)
    page.locator("a.row-name").first.click()
    expect(page.locator("#request-title")).to_be_visible()
    page.locator("#request a", has_text=say("nl", "Edit")).click()
    page.fill("[name=best_time]", "na 18 uur")
    press(page, "Save")
    expect(page.locator("#request")).to_contain_text("na 18 uur")
    page.locator("#person .facts-reveal").first.click()
    expect(page.get_by_text(say("nl", "looking is logged"))).to_be_visible()
