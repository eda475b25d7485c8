"""In with a password and a code, out for good; and setting up the second step."""

import re

import pyotp
from playwright.sync_api import expect

from tests.browser.speech import say
from tests.browser.walker import BOB, KEES, TON, Walker, choose_password, invite, press
from tests.browser.ways import ways


@ways("who, language, width", (KEES, "en", 390), again=[(BOB, "nl", 1440)])
def test_in_and_out(walker: Walker, who: str, language: str, width: int) -> None:
    walker.expected = {422}
    page = walker.page(width=width)
    page.goto("/leads/?stage=open")
    if language == "en":
        page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text(say(language, "Sign in"))
    page.fill("[name=email]", who)
    page.fill("[name=password]", "niet het wachtwoord")
    press(page, "Sign in", language)
    wrong = "This e-mail address and password do not belong together. Check both and try again."
    expect(page.get_by_role("alert")).to_have_text(say(language, wrong))
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[name=email]")).to_have_value(who)
    page.fill("[name=password]", walker.product.accounts[who]["password"])
    press(page, "Sign in", language)

    expect(page.locator("h1")).to_have_text(say(language, "One more step"))
    expect(page.locator("[name=code]")).to_be_focused()
    right = walker.code_of(who)
    page.fill("[name=code]", f"{(int(right) + 1) % 1_000_000:06d}")
    press(page, "Sign in", language)
    expect(page.get_by_role("alert")).to_contain_text(say(language, "This code is not right.").split(".")[0]
                                                      if language == "en" else "Deze code")  # fmt: skip
    page.fill("[name=code]", right)
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/?stage=open")  # where they wanted to go

    cookies = page.context.cookies()
    session = next(cookie for cookie in cookies if cookie["name"] == "__Host-leadcrm")
    assert session["secure"] and session["httpOnly"] and session["expires"] == -1
    page.locator(".top details.menu > summary").last.click()
    page.get_by_role("button", name=re.compile("^(Uitloggen|Sign out)$")).click()
    page.wait_for_url("**/auth/sign-in")
    thief = walker.page()
    thief.context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave, it takes
    thief.goto("/leads/")
    assert "/auth/sign-in" in thief.url


def test_a_new_colleague_sets_up_the_second_step(walker: Walker) -> None:
    """Invited by the manager, who hands the link over; without a second step there is no way in."""
    email = "nieuw@zuidwestadvies.example.nl"
    link = invite(walker, walker.page(TON), "Nieuwe Collega", email)
    page = walker.page()
    page.goto(link)
    choose_password(page, email)
    expect(page.locator("h1")).to_have_text(say("nl", "Set up the second step"))
    expect(page.locator(".qr-frame svg")).to_be_visible()
    page.goto("/leads/")
    assert "/auth/" in page.url  # half signed in is not in
    page.goto("/auth/enrol")
    page.get_by_text(say("nl", "Scanning does not work?")).click()
    secret = page.locator("[data-copy-text]").inner_text().replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(secret).now())
    press(page, "Switch on the second step")
    expect(page.locator("h1")).to_have_text(say("nl", "Today"))
    page.goto("/leads/")
    expect(page.get_by_role("heading", name=say("nl", "No leads yet"))).to_be_visible()
    expect(page.get_by_role("link", name=say("nl", "Add the first lead"))).to_be_visible()
