"""A lead's page: every section is edited where it stands, nothing typed is lost, looking at a secret is logged."""

import re

from playwright.sync_api import Page, expect

from tests.browser.speech import say
from tests.browser.walker import CAROLIEN, DAAN, EVE, SANNE, Walker, arrived, language_of, open_lead, press
from tests.browser.ways import ways

IBAN = "NL91ABNA0417164300"
EDITED = [
    ("request", "next_action", "Bellen over de taxatie"),
    ("person", "city", "Zaltbommel"),
    ("property", "street", "Waterpoort"),
    ("wish", "own_funds", "12.345"),
    ("source", "lead_cost", "31,50"),
]
ADDED = [("income", {"employment": "pension", "gross_year": "21.000"}, "21.000"),
         ("obligation", {"kind": "student_loan", "monthly": "87,50", "creditor": "DUO"}, "DUO"),
         ("asset", {"kind": "savings", "amount": "15.000", "description": "Spaarpot"}, "Spaarpot"),
         ("existing", {"lender": "Obvion", "current_balance": "200000"}, "Obvion")]  # fmt: skip


def edit(page: Page, section: str, how: str = "edit") -> None:
    page.locator(f"#{section} a[href$='/{how}']").first.click()
    page.locator(f"#{section} form .form-buttons").wait_for()
    keyboard_is_in(page, section)


def keyboard_is_in(page: Page, section: str) -> None:
    page.wait_for_function("id => document.getElementById(id).contains(document.activeElement)", arg=section)


def fill(page: Page, section: str, values: dict[str, str]) -> None:
    for name, value in values.items():
        box = page.locator(f"#{section} [name={name}]")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value, force=True)
        else:
            box.fill(value)


def save(page: Page, section: str, language: str) -> None:
    page.locator(f"#{section}").get_by_role("button", name=say(language, "Save"), exact=True).click()


@ways("who, width", (EVE, 390), again=[(CAROLIEN, 1440)])
def test_every_section_is_edited_where_it_stands(walker: Walker, who: str, width: int) -> None:
    page, language = walker.page(who, width), language_of(who)
    address = open_lead(page)
    for section, name, value in EDITED:
        edit(page, section)
        fill(page, section, {name: value})
        save(page, section, language)
        expect(page.locator(f"#{section} dl").first).to_be_visible()
        keyboard_is_in(page, section)
        expect(page.locator(f"#{section}")).to_contain_text(re.compile(re.sub("[.,]", "[.,]", value)))
    for section, values, shown in ADDED:
        edit(page, section, "new")
        whose = page.locator(f"#{section} [name=person_id]")
        if whose.count() and not whose.input_value():
            whose.select_option(index=1)
        fill(page, section, values)
        save(page, section, language)
        expect(page.locator(f"#{section} form .form-buttons")).to_have_count(0)
        if section != "income":  # sensitive: masked
            expect(page.locator(f"#{section}")).to_contain_text(shown)
    assert page.url.endswith(address)
    page.reload()
    expect(page.locator("#person")).to_contain_text("Zaltbommel")
    expect(page.locator("#asset")).to_contain_text("Spaarpot")


@ways("who, width", (CAROLIEN, 1440), again=[(EVE, 390)])
def test_a_refused_form_keeps_what_was_typed(walker: Walker, who: str, width: int) -> None:
    walker.expected = {422}
    page, language = walker.page(who, width), language_of(who)
    open_lead(page, 1)
    edit(page, "person")
    fill(page, "person", {"email": "geen adres", "postcode": "12", "iban": "NL00"})
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        save(page, "person", language)
    assert answered.value.status == 422
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#email")).to_have_value("geen adres")
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#email-error")).to_be_visible()
    page.locator(".error-summary a", has_text="IBAN").click()
    expect(page.locator("#iban")).to_be_focused()
    fill(page, "person", {"email": "goed@example.nl", "postcode": "4171ab", "iban": IBAN.lower()})
    save(page, "person", language)
    expect(page.locator("#person")).to_contain_text("goed@example.nl")
    expect(page.locator("#person")).to_contain_text("4171 AB")


def test_a_bank_account_is_masked_and_looking_is_logged(walker: Walker) -> None:
    page = walker.page(DAAN)
    open_lead(page)
    edit(page, "person")
    fill(page, "person", {"iban": IBAN})
    save(page, "person", "nl")
    value = page.locator("#person dl > div", has_text="IBAN").first.locator("dd")
    expect(value).to_contain_text("•••• 4300")
    button = value.get_by_role("button")
    expect(button).to_contain_text(say("nl", "It is written down that you looked"))
    button.click()
    expect(value).to_contain_text("NL91 ABNA 0417 1643 00")
    expect(value).to_contain_text(say("nl", "looking is logged"))
    page.reload()
    expect(value).to_contain_text("•••• 4300")


def test_typed_work_is_not_lost_without_asking(walker: Walker) -> None:
    page = walker.page(DAAN)
    address = open_lead(page)
    page.keyboard.press("e")
    fill(page, "request", {"next_action": "Nog niet bewaard"})
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("#request").get_by_role("link", name=say("nl", "Cancel")).click()
    expect(page.locator("#request [name=next_action]")).to_have_value("Nog niet bewaard")
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="leadcrm").click()
    page.wait_for_url("**/today")
    assert asked == [say("nl", "You have not saved what you typed here. Leave anyway?"), "beforeunload"]
    page.goto(address)
    expect(page.locator("#request")).not_to_contain_text("Nog niet bewaard")


def test_a_session_that_ends_takes_no_typed_work_along(walker: Walker) -> None:
    walker.expected = {401, 419, 422}
    page = walker.page(SANNE)
    open_lead(page)
    edit(page, "request")
    fill(page, "request", {"next_action": "Bellen na de vakantie"})
    cookies = page.context.cookies()
    page.context.clear_cookies(name="__Host-leadcrm")
    save(page, "request", "nl")
    said = page.locator("[data-toast]", has_text=say("nl", "You are signed out"))
    expect(said.get_by_role("link", name=say("nl", "Sign in in a new tab"))).to_be_visible()
    expect(page.locator("#request [name=next_action]")).to_have_value("Bellen na de vakantie")

    page.context.clear_cookies()  # signing in in another tab: a new session, and with it a new token
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "__Host-leadcrm"])  # type: ignore[misc]
    save(page, "request", "nl")
    expect(page.locator("[data-toast]").last).to_contain_text(say("nl", "Save once more: the form is valid again."))
    save(page, "request", "nl")
    expect(page.locator("#request dl").first).to_contain_text("Bellen na de vakantie")

    page.goto("/leads/new")
    page.fill("[name=birth_name]", "Proefpersoon")
    page.fill("[name=postcode]", "4171AB")
    page.context.clear_cookies(name="__Host-leadcrm")
    press(page, "Save lead")
    expect(page.locator("h1")).to_have_text(say("nl", "You are signed out"))
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "__Host-leadcrm"])  # type: ignore[misc]
    press(page, "Send again")
    expect(page.locator("[name=birth_name]")).to_have_value("Proefpersoon")  # its goal is still missing
    expect(page.locator("[name=postcode]")).to_have_value("4171AB")


def test_figures_follow_and_say_what_they_are_made_of(walker: Walker) -> None:
    page = walker.page(DAAN)
    open_lead(page, 1)
    edit(page, "property")
    fill(page, "property", {"market_value": "400.000", "purchase_price": "400.000", "renovation": "", "build_sum": ""})
    save(page, "property", "nl")
    ratio = page.locator("#hints .hint", has_text="LTV")
    expect(ratio).to_contain_text("€ 400.000")
    amount, value = (int(figure.replace(".", "")) for figure in re.findall(r"€\s([\d.]+)", ratio.inner_text())[:2])
    assert value == 400_000
    expect(ratio).to_contain_text(f"{amount * 100 // value}")
    expect(page.locator("#hints")).to_contain_text("NHG")


def test_a_call_is_noted_and_the_stage_moves_on(walker: Walker) -> None:
    page = walker.page(CAROLIEN, 390)
    page.goto("/leads/?stage=open")
    page.locator("tbody tr").first.click()
    page.wait_for_url(re.compile("/leads/[0-9a-f-]{36}$"))
    arrived(page)  # panels that come later move the link
    press(page, "Note a call", role="link")
    page.locator("#reach").wait_for()
    if page.locator("#reason-text").is_visible():  # whether the first lead may be called is left to chance
        page.fill("#reason-text", "Zij vroeg er zelf om.")
        press(page, "Show the number")
    page.check("#lead-form [name=outcome][value=no_answer]")
    page.fill("#lead-form textarea[name=text]", "Belt vrijdag terug.\nVrouw neemt op.")
    press(page, "Save call")
    expect(page.locator(".timeline")).to_contain_text("Belt vrijdag terug.")
    expect(page.locator("#lead-next [name=next_action]")).to_have_value(say("nl", "Call again"))
    press(page, "Save action")
    expect(page.locator("#lead-next")).to_contain_text(say("nl", "Call again"))
    further = page.locator(".lead-head form button").first
    stage = further.inner_text().split(": ")[1]
    further.click()
    expect(page.locator("[data-toast]")).to_contain_text(stage)
    expect(page.locator(".lead-head .state")).to_have_text(stage)
